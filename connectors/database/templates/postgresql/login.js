// Table users: id, email, password (bcrypt), name, email_verified. DATABASE_URL is a value of the configuration:
// postgres://user:password@db.example.com:5432/people?sslmode=verify-full
async function login(identifier, password, callback) {
  const bcrypt = require('bcrypt');
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.DATABASE_URL });
  await client.connect();
  const query = 'SELECT id, email, password, name, email_verified FROM users WHERE lower(email) = lower($1)';
  const { rows } = await client.query(query, [identifier]);
  await client.end();
  if (rows.length === 0) return callback(new WrongUsernameOrPasswordError(null, 'nobody has that address'));
  const [user] = rows;
  if (!(await bcrypt.compare(password, user.password))) return callback(new WrongUsernameOrPasswordError(user.id));
  callback(null, { user_id: String(user.id), email: user.email, name: user.name, email_verified: user.email_verified });
}
