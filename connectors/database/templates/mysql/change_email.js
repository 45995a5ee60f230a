async function changeEmail(email, newEmail, verified, callback) {
  const connection = await require('mysql2/promise').createConnection({
    host: configuration.DB_HOST,
    port: configuration.DB_PORT,
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
  });
  const query = 'UPDATE users SET email = ?, email_verified = ? WHERE email = ?';
  const [found] = await connection.execute(query, [newEmail, verified ? 1 : 0, email]);
  await connection.end();
  callback(null, found.affectedRows > 0);
}
