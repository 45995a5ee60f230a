async function getUser(identifier, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.DATABASE_URL });
  await client.connect();
  const query = 'SELECT id, email, name, email_verified FROM users WHERE lower(email) = lower($1)';
  const { rows } = await client.query(query, [identifier]);
  await client.end();
  if (rows.length === 0) return callback(null);
  const [user] = rows;
  callback(null, { user_id: String(user.id), email: user.email, name: user.name, email_verified: user.email_verified });
}
