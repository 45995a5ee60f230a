// Table users: id, email, password (bcrypt), name, email_verified. DB_HOST, DB_PORT, DB_USER, DB_PASSWORD and DB_NAME are
// values of the configuration; add `ssl: {}` where the server has a certificate.
function login(identifier, password, callback) {
  const bcrypt = require('bcrypt');
  const connection = require('mysql').createConnection({
    host: configuration.DB_HOST,
    port: configuration.DB_PORT,
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
  });
  connection.connect();
  const query = 'SELECT id, email, password, name, email_verified FROM users WHERE email = ?';
  connection.query(query, [identifier], function (error, results) {
    connection.end();
    if (error) return callback(error);
    if (results.length === 0) return callback(new WrongUsernameOrPasswordError(null, 'nobody has that address'));
    const user = results[0];
    bcrypt.compare(password, user.password, function (error, fits) {
      if (error) return callback(error);
      if (!fits) return callback(new WrongUsernameOrPasswordError(user.id));
      const verified = user.email_verified === 1;
      callback(null, { user_id: String(user.id), email: user.email, name: user.name, email_verified: verified });
    });
  });
}
