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
  const query = `UPDATE webpages_Membership SET IsConfirmed = 1
    WHERE UserId IN (SELECT UserId FROM UserProfile WHERE UserName = @name)`;
  const found = await pool.request().input('name', email).query(query);
  await pool.close();
  callback(null, found.rowsAffected[0] > 0);
}
