function changeEmail(email, newEmail, verified, callback) {
  // callback(null, true): changed; callback(null, false): there is nobody.
  callback(new Error("change_email is not written yet"));
}
