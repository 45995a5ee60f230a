async function changePassword(email, newPassword, callback) {
  const bcrypt = require('bcrypt');
  const { MongoClient } = require('mongodb');
  const client = await new MongoClient(configuration.DATABASE_URL).connect();
  try {
    const password = await bcrypt.hash(newPassword, 10);
    const done = await client.db().collection('users').updateOne({ email }, { $set: { password } });
    callback(null, done.matchedCount > 0);
  } finally {
    await client.close();
  }
}
