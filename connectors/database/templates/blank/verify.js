function verify(email, callback) {
  // callback(null, true): the address counts as proven, which login and get_user say from now on.
  callback(new Error("verify is not written yet"));
}
