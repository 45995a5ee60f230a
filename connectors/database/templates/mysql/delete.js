async function remove(id, callback) {
  const connection = await require('mysql2/promise').createConnection({
    host: configuration.DB_HOST,
    port: configuration.DB_PORT,
    user: configuration.DB_USER,
    password: configuration.DB_PASSWORD,
    database: configuration.DB_NAME,
  });
  await connection.execute('DELETE FROM users WHERE id = ?', [id]);
  await connection.end();
  callback(null);
}
