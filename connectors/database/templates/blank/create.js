function create(user, callback) {
  // user: email, username, password, tenant, connection, client_id, user_metadata, app_metadata.
  // callback(null): made; callback(new ValidationError('user_exists', 'for the person')): there is one.
  callback(new Error("create is not written yet"));
}
