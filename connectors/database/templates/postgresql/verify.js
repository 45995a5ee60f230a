async function verify(email, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.DATABASE_URL });
  await client.connect();
  const query = 'UPDATE users SET email_verified = true WHERE lower(email) = lower($1)';
  const { rowCount } = await client.query(query, [email]);
  await client.end();
  callback(null, rowCount > 0);
}
