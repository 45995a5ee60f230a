function changePassword(email, password, callback) {
  // callback(null, true): changed; callback(null, false): there is nobody.
  callback(new Error("change_password is not written yet"));
}
