function getUser(identifier, callback) {
  const request = require('request');
  const auth = { username: configuration.API_KEY_ID, password: configuration.API_KEY_SECRET };
  const url = configuration.API_URL + '/v1/applications/' + configuration.APPLICATION_ID + '/accounts';
  request.get({ url, auth, qs: { q: identifier }, json: true }, function (error, response, body) {
    if (error) return callback(error);
    if (response.statusCode !== 200 || body.items.length === 0) return callback(null);
    const account = body.items[0];
    callback(null, {
      user_id: account.href.split('/').pop(),
      username: account.username,
      email: account.email,
      email_verified: true,
      name: account.fullName,
    });
  });
}
