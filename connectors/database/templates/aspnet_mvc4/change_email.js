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
  const request = pool.request().input('name', email).input('new', newEmail).input('verified', verified ? 1 : 0);
  const found = await request.query(`UPDATE UserProfile SET UserName = @new WHERE UserName = @name;
    UPDATE webpages_Membership SET IsConfirmed = @verified
    WHERE UserId IN (SELECT UserId FROM UserProfile WHERE UserName = @new)`);
  await pool.close();
  callback(null, found.rowsAffected[0] > 0);
}
