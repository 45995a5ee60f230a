// Table users: id, email, password (bcrypt), name, email_verified. DB_HOST, DB_PORT, DB_USER, DB_PASSWORD and DB_NAME are
// values of the configuration; DB_ENCRYPT is 'no' where the server has no certificate.
async function login(identifier, password, callback) {
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
  const query = 'SELECT id, email, password, name, email_verified FROM dbo.users WHERE email = @email';
  const found = await pool.request().input('email', sql.NVarChar, identifier).query(query);
  await pool.close();
  const user = found.recordset[0];
  if (!user) return callback(null);
  if (!(await bcrypt.compare(password, user.password))) {
    return callback(new WrongUsernameOrPasswordError(String(user.id)));
  }
  const verified = user.email_verified === true || user.email_verified === 1;
  callback(null, { user_id: String(user.id), email: user.email, name: user.name, email_verified: verified });
}
