async function changeEmail(email, newEmail, verified, callback) {
  const { MongoClient } = require('mongodb');
  const client = await new MongoClient(configuration.DATABASE_URL).connect();
  try {
    const change = { $set: { email: newEmail, email_verified: verified } };
    const done = await client.db().collection('users').updateOne({ email }, change);
    callback(null, done.matchedCount > 0);
  } finally {
    await client.close();
  }
}
