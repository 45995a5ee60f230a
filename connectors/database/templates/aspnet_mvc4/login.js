// Tables UserProfile and webpages_Membership of ASP.NET's SimpleMembership (MVC 4). DB_HOST, DB_PORT, DB_USER, DB_PASSWORD
// and DB_NAME are values of the configuration; DB_ENCRYPT is 'no' where the server has no certificate. People are known by
// UserProfile.UserName, their address.
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
  // Crypto.HashPassword: a zero byte, a salt of 16 bytes, and 32 bytes of PBKDF2 with SHA-1 and 1,000 rounds
  const hashed = (text, salt) => {
    const key = require('crypto').pbkdf2Sync(text, salt, 1000, 32, 'sha1');
    return Buffer.concat([Buffer.from([0]), salt, key]).toString('base64');
  };
  const query = `SELECT p.UserId, p.UserName, m.Password, m.IsConfirmed FROM webpages_Membership m
    JOIN UserProfile p ON p.UserId = m.UserId WHERE p.UserName = @name`;
  const found = await pool.request().input('name', identifier).query(query);
  await pool.close();
  const user = found.recordset[0];
  if (!user) return callback(null);
  const wrong = hashed(password, Buffer.from(user.Password, 'base64').slice(1, 17)) !== user.Password;
  if (wrong) return callback(new WrongUsernameOrPasswordError(String(user.UserId)));
  const verified = user.IsConfirmed === true || user.IsConfirmed === 1;
  callback(null, { user_id: String(user.UserId), email: user.UserName, email_verified: verified });
}
