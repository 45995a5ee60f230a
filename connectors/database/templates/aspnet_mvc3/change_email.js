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
  const request = pool.request().input('email', email).input('new', newEmail).input('verified', verified ? 1 : 0);
  const query = 'UPDATE Memberships SET Email = @new, IsApproved = @verified WHERE Email = @email';
  const found = await request.query(query);
  await pool.close();
  callback(null, found.rowsAffected[0] > 0);
}
