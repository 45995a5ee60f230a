async function changePassword(email, newPassword, callback) {
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
  const hash = hashed(newPassword, require('crypto').randomBytes(16));
  const request = pool.request().input('name', email).input('password', hash).input('now', new Date().toISOString());
  const query = `UPDATE webpages_Membership SET Password = @password, PasswordChangedDate = @now
    WHERE UserId IN (SELECT UserId FROM UserProfile WHERE UserName = @name)`;
  const found = await request.query(query);
  await pool.close();
  callback(null, found.rowsAffected[0] > 0);
}
