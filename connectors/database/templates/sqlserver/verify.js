async function verify(email, callback) {
  const sql = require('mssql');
  const pool = await sql.connect({
    server: configuration.DB_HOST,
    port: Number(configuration.DB_PORT || 1433),
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
    options: { encrypt: configuration.DB_ENCRYPT !== 'no' },
  });
  const query = 'UPDATE dbo.users SET email_verified = 1 WHERE email = @email';
  const found = await pool.request().input('email', sql.NVarChar, email).query(query);
  await pool.close();
  callback(null, found.rowsAffected[0] > 0);
}
