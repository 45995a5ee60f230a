async function getUser(identifier, callback) {
  const sql = require('mssql');
  const pool = await sql.connect({
    server: configuration.DB_HOST,
    port: Number(configuration.DB_PORT || 1433),
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
    options: { encrypt: configuration.DB_ENCRYPT !== 'no' },
  });
  const query = `SELECT p.UserId, p.UserName, m.IsConfirmed FROM webpages_Membership m
    JOIN UserProfile p ON p.UserId = m.UserId WHERE p.UserName = @name`;
  const found = await pool.request().input('name', identifier).query(query);
  await pool.close();
  const user = found.recordset[0];
  if (!user) return callback(null);
  const verified = user.IsConfirmed === true || user.IsConfirmed === 1;
  callback(null, { user_id: String(user.UserId), email: user.UserName, email_verified: verified });
}
