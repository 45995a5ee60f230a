function login(identifier, password, callback) {
  // callback(null, { user_id: '...', email: identifier }): who it is; callback(null): nobody has that name.
  // callback(new WrongUsernameOrPasswordError(userId, 'for the log')): the password is wrong.
  callback(new Error("login is not written yet"));
}
