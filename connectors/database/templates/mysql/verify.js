async function verify(email, callback) {
  const connection = await require('mysql2/promise').createConnection({
    host: configuration.DB_HOST,
    port: configuration.DB_PORT,
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
  });
  const [found] = await connection.execute('UPDATE users SET email_verified = 1 WHERE email = ?', [email]);
  await connection.end();
  callback(null, found.affectedRows > 0);
}
