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
  const query = `SELECT u.UserId, u.UserName, m.Email FROM Memberships m JOIN Users u ON u.UserId = m.UserId
    WHERE m.Email = @name OR u.UserName = @name`;
  const found = await pool.request().input('name', identifier).query(query);
  await pool.close();
  const user = found.recordset[0];
  callback(null, user && { user_id: String(user.UserId), email: user.Email, nickname: user.UserName });
}
