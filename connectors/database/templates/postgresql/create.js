async function create(user, callback) {
  const bcrypt = require('bcrypt');
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.DATABASE_URL });
  const hash = await bcrypt.hash(user.password, 10);
  await client.connect();
  try {
    await client.query('INSERT INTO users (email, password) VALUES ($1, $2)', [user.email, hash]);
  } catch (error) {
    if (/unique/i.test(error.message)) return callback(new ValidationError('user_exists', 'The user already exists.'));
    return callback(error);
  } finally {
    await client.end();
  }
  callback(null);
}
