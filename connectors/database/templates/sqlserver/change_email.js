async function changeEmail(email, newEmail, verified, callback) {
  const sql = require('mssql');
  const pool = await sql.connect({
    server: configuration.DB_HOST,
    port: Number(configuration.DB_PORT || 1433),
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
    options: { encrypt: configuration.DB_ENCRYPT !== 'no' },
  });
  const request = pool.request().input('email', sql.NVarChar, email).input('new', sql.NVarChar, newEmail);
  const query = 'UPDATE dbo.users SET email = @new, email_verified = @verified WHERE email = @email';
  const found = await request.input('verified', sql.Bit, verified).query(query);
  await pool.close();
  callback(null, found.rowsAffected[0] > 0);
}
