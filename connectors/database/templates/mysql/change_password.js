async function changePassword(email, newPassword, callback) {
  const bcrypt = require('bcrypt');
  const connection = await require('mysql2/promise').createConnection({
    host: configuration.DB_HOST,
    port: configuration.DB_PORT,
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
  });
  const hash = await bcrypt.hash(newPassword, 10);
  const [found] = await connection.execute('UPDATE users SET password = ? WHERE email = ?', [hash, email]);
  await connection.end();
  callback(null, found.affectedRows > 0);
}
