function getUser(identifier, callback) {
  // callback(null, profile): the same profile as login answers; callback(null): there is nobody.
  callback(new Error("get_user is not written yet"));
}
