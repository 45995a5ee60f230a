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
  // HMAC-SHA256 of the password in UTF-16, under the salt repeated to the length of the key
  const hashed = (text, salt) => {
    const key = Buffer.concat([salt, salt, salt, salt]).slice(0, 64);
    return require('crypto').createHmac('sha256', key).update(text, 'utf16le').digest('base64');
  };
  const salt = require('crypto').randomBytes(16);
  const id = require('crypto').randomUUID();
  const name = user.username || user.email;
  const known = await pool.request().input('name', name).input('email', user.email).query(
    'SELECT u.UserId FROM Memberships m JOIN Users u ON u.UserId = m.UserId WHERE u.UserName = @name OR m.Email = @email');
  if (known.recordset.length > 0) {
    await pool.close();
    return callback(new ValidationError('user_exists', 'The user already exists.'));
  }
  const request = pool.request().input('id', id).input('application', configuration.APPLICATION_ID).input('name', name);
  request.input('email', user.email).input('password', hashed(user.password, salt)).input('salt', salt.toString('base64'));
  await request.input('now', new Date().toISOString()).query(`
    INSERT INTO Users (ApplicationId, UserId, UserName, IsAnonymous, LastActivityDate) VALUES (@application, @id, @name, 0, @now);
    INSERT INTO Memberships (ApplicationId, UserId, Password, PasswordFormat, PasswordSalt, Email, IsApproved, IsLockedOut,
      CreateDate, LastLoginDate, LastPasswordChangedDate, LastLockoutDate, FailedPasswordAttemptCount,
      FailedPasswordAttemptWindowStart, FailedPasswordAnswerAttemptCount, FailedPasswordAnswerAttemptWindowsStart)
    VALUES (@application, @id, @password, 1, @salt, @email, 0, 0, @now, @now, @now, @now, 0, @now, 0, @now)`);
  await pool.close();
  callback(null);
}
