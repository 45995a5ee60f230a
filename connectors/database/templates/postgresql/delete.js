async function remove(id, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.DATABASE_URL });
  await client.connect();
  await client.query('DELETE FROM users WHERE id = $1', [id]);
  await client.end();
  callback(null);
}
