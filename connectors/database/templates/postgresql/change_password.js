async function changePassword(email, newPassword, callback) {
  const bcrypt = require('bcrypt');
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.DATABASE_URL });
  const hash = await bcrypt.hash(newPassword, 10);
  await client.connect();
  const { rowCount } = await client.query('UPDATE users SET password = $1 WHERE lower(email) = lower($2)', [hash, email]);
  await client.end();
  callback(null, rowCount > 0);
}
