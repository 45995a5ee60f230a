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
  // HMAC-SHA256 of the password in UTF-16, under the salt repeated to the length of the key
  const hashed = (text, salt) => {
    const key = Buffer.concat([salt, salt, salt, salt]).slice(0, 64);
    return require('crypto').createHmac('sha256', key).update(text, 'utf16le').digest('base64');
  };
  const salt = require('crypto').randomBytes(16);
  const request = pool.request().input('email', email).input('password', hashed(newPassword, salt));
  const query = 'UPDATE Memberships SET Password = @password, PasswordSalt = @salt WHERE Email = @email';
  const found = await request.input('salt', salt.toString('base64')).query(query);
  await pool.close();
  callback(null, found.rowsAffected[0] > 0);
}
