function getUser(identifier, callback) {
  const connection = require('mysql').createConnection({
    host: configuration.DB_HOST,
    port: configuration.DB_PORT,
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
  });
  connection.connect();
  const query = 'SELECT id, email, name, email_verified FROM users WHERE email = ?';
  connection.query(query, [identifier], function (error, results) {
    connection.end();
    if (error || results.length === 0) return callback(error || null);
    const user = results[0];
    const verified = user.email_verified === 1;
    callback(null, { user_id: String(user.id), email: user.email, name: user.name, email_verified: verified });
  });
}
