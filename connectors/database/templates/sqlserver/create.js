async function create(user, callback) {
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
  const hash = await bcrypt.hash(user.password, 10);
  const request = pool.request().input('email', sql.NVarChar, user.email).input('password', sql.NVarChar, hash);
  try {
    await request.query('INSERT INTO dbo.users (email, password) VALUES (@email, @password)');
  } catch (error) {
    if (/unique/i.test(error.message)) return callback(new ValidationError('user_exists', 'The user already exists.'));
    throw error;
  } finally {
    await pool.close();
  }
  callback(null);
}
