async function create(user, callback) {
  const bcrypt = require('bcrypt');
  const { MongoClient } = require('mongodb');
  const client = await new MongoClient(configuration.DATABASE_URL).connect();
  try {
    const users = client.db().collection('users');
    if (await users.findOne({ email: user.email })) return callback(new ValidationError('user_exists', 'The user already exists.'));
    const password = await bcrypt.hash(user.password, 10);
    await users.insertOne({ email: user.email, password, email_verified: false, created_at: new Date() });
    callback(null);
  } catch (error) {
    callback(error.code === 11000 ? new ValidationError('user_exists', 'The user already exists.') : error); // a unique index
  } finally {
    await client.close();
  }
}
