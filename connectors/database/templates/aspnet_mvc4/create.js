async function create(user, callback) {
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
  const known = await pool.request().input('name', user.email).query(
    'SELECT UserId FROM UserProfile WHERE UserName = @name');
  if (known.recordset.length > 0) {
    await pool.close();
    return callback(new ValidationError('user_exists', 'The user already exists.'));
  }
  const made = await pool.request().input('name', user.email).query(
    'INSERT INTO UserProfile (UserName) VALUES (@name); SELECT SCOPE_IDENTITY() AS id');
  const request = pool.request().input('id', Number(made.recordset[0].id)).input('now', new Date().toISOString());
  const hash = hashed(user.password, require('crypto').randomBytes(16));
  await request.input('password', hash).query(`
    INSERT INTO webpages_Membership (UserId, CreateDate, IsConfirmed, PasswordFailuresSinceLastSuccess, Password,
      PasswordChangedDate, PasswordSalt) VALUES (@id, @now, 0, 0, @password, @now, '')`);
  await pool.close();
  callback(null);
}
