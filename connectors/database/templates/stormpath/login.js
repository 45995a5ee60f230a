// The pattern of a store that checks a password by one call and tells the account by another (import_mode). API_URL,
// APPLICATION_ID, API_KEY_ID and API_KEY_SECRET are values of the configuration.
function login(identifier, password, callback) {
  const request = require('request');
  const auth = { username: configuration.API_KEY_ID, password: configuration.API_KEY_SECRET };
  const value = Buffer.from(identifier + ':' + password).toString('base64');
  const url = configuration.API_URL + '/v1/applications/' + configuration.APPLICATION_ID + '/loginAttempts';
  request.post({ url, auth, json: { type: 'basic', value } }, function (error, response, body) {
    if (error) return callback(error);
    if (response.statusCode !== 200) return callback(new WrongUsernameOrPasswordError(identifier, body && body.message));
    request.get({ url: body.account.href, auth, json: true }, function (error, response, account) {
      if (error || response.statusCode !== 200) return callback(error || new Error('the account cannot be read'));
      callback(null, {
        user_id: account.href.split('/').pop(),
        username: account.username,
        email: account.email,
        email_verified: true,
        name: account.fullName,
      });
    });
  });
}
