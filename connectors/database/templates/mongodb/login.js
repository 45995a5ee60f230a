async function login(identifier, password, callback) {
  const bcrypt = require('bcrypt');
  const { MongoClient } = require('mongodb');
  const client = await new MongoClient(configuration.DATABASE_URL).connect();
  try {
    const user = await client.db().collection('users').findOne({ email: identifier });
    if (!user) return callback(new WrongUsernameOrPasswordError(''));
    if (!(await bcrypt.compare(password, user.password))) return callback(new WrongUsernameOrPasswordError(user._id.toString()));
    callback(null, { user_id: user._id.toString(), email: user.email, name: user.name, email_verified: user.email_verified === true });
  } finally {
    await client.close();
  }
}
