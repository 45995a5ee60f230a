function changeUsername(username, newUsername, callback) {
  // Another username: callback(null, true), or callback(null, false) where there is no such account.
  callback(new Error('Write change_username.'));
}
