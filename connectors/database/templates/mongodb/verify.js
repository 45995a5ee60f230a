async function verify(email, callback) {
  const { MongoClient } = require('mongodb');
  const client = await new MongoClient(configuration.DATABASE_URL).connect();
  try {
    const done = await client.db().collection('users').updateOne({ email }, { $set: { email_verified: true } });
    callback(null, done.matchedCount > 0);
  } finally {
    await client.close();
  }
}
