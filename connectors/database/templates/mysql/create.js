function create(user, callback) {
  const bcrypt = require('bcrypt');
  const connection = require('mysql').createConnection({
    host: configuration.DB_HOST,
    port: configuration.DB_PORT,
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
  });
  bcrypt.hash(user.password, 10, function (error, hash) {
    if (error) return callback(error);
    connection.connect();
    connection.query('INSERT INTO users SET ?', [{ email: user.email, password: hash }], function (error) {
      connection.end();
      if (error && /duplicate/i.test(error.message)) {
        return callback(new ValidationError('user_exists', 'The user already exists.'));
      }
      callback(error || null);
    });
  });
}
