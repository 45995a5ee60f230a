async function changePassword(email, newPassword, callback) {
  const bcrypt = require('bcrypt');
  const sql = require('mssql');
  const pool = await sql.connect({
    server: configuration.DB_HOST,
    port: Number(configuration.DB_PORT || 1433),
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
    options: { encrypt: configuration.DB_ENCRYPT !== 'no' },
  });
  const hash = await bcrypt.hash(newPassword, 10);
  const request = pool.request().input('email', sql.NVarChar, email).input('password', sql.NVarChar, hash);
  const found = await request.query('UPDATE dbo.users SET password = @password WHERE email = @email');
  await pool.close();
  callback(null, found.rowsAffected[0] > 0);
}
