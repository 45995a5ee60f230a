// Tables Users and Memberships of ASP.NET's Universal Providers (MVC 3). DB_HOST, DB_PORT, DB_USER, DB_PASSWORD and DB_NAME
// are values of the configuration; DB_ENCRYPT is 'no' where the server has no certificate.
async function login(identifier, password, callback) {
  const sql = require('mssql');
  const pool = await sql.connect({
    server: configuration.DB_HOST,
    port: Number(configuration.DB_PORT || 1433),
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
    options: { encrypt: configuration.DB_ENCRYPT !== 'no' },
  });
  // HMAC-SHA256 of the password in UTF-16, under the salt repeated to the length of the key
  const hashed = (text, salt) => {
    const key = Buffer.concat([salt, salt, salt, salt]).slice(0, 64);
    return require('crypto').createHmac('sha256', key).update(text, 'utf16le').digest('base64');
  };
  const query = `SELECT u.UserId, u.UserName, m.Email, m.Password, m.PasswordSalt, m.IsLockedOut, m.IsApproved
    FROM Memberships m JOIN Users u ON u.UserId = m.UserId WHERE m.Email = @name OR u.UserName = @name`;
  const found = await pool.request().input('name', identifier).query(query);
  await pool.close();
  const user = found.recordset[0];
  if (!user) return callback(null);
  const wrong = hashed(password, Buffer.from(user.PasswordSalt, 'base64')) !== user.Password;
  if (wrong) return callback(new WrongUsernameOrPasswordError(String(user.UserId)));
  if (user.IsLockedOut) return callback(new UnauthorizedError('This account is locked.'));
  callback(null, { user_id: String(user.UserId), email: user.Email, nickname: user.UserName });
}
