async function remove(id, callback) {
  const { MongoClient, ObjectId } = require('mongodb');
  const client = await new MongoClient(configuration.DATABASE_URL).connect();
  try {
    await client.db().collection('users').deleteOne({ _id: new ObjectId(id) });
    callback(null);
  } finally {
    await client.close();
  }
}
