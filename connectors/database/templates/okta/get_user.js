// OKTA_API_TOKEN is a value of the configuration: a token that may read users.
async function getUser(identifier, callback) {
  const axios = require('axios');
  const { status, data } = await axios.get(configuration.OKTA_URL + '/api/v1/users/' + encodeURIComponent(identifier), {
    headers: { authorization: 'SSWS ' + configuration.OKTA_API_TOKEN },
    validateStatus: () => true,
  });
  if (status === 404) return callback(null);
  if (status !== 200) return callback(new Error('Okta answered ' + status));
  callback(null, {
    user_id: data.id,
    username: data.profile.login,
    email: data.profile.login,
    email_verified: true,
    name: data.profile.firstName + ' ' + data.profile.lastName,
  });
}
