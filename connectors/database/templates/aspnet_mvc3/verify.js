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
  const query = 'UPDATE Memberships SET IsApproved = 1 WHERE Email = @email';
  const found = await pool.request().input('email', email).query(query);
  await pool.close();
  callback(null, found.rowsAffected[0] > 0);
}
