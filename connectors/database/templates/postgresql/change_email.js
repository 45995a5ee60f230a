async function changeEmail(email, newEmail, verified, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.DATABASE_URL });
  await client.connect();
  const query = 'UPDATE users SET email = $1, email_verified = $2 WHERE lower(email) = lower($3)';
  const { rowCount } = await client.query(query, [newEmail, verified, email]);
  await client.end();
  callback(null, rowCount > 0);
}
