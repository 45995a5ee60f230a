// People move here from Okta as they sign in (import_mode). OKTA_URL (https://acme.okta.com) is a value of the
// configuration; no token of an administrator is needed for this script.
async function login(identifier, password, callback) {
  const axios = require('axios');
  const asked = {
    username: identifier,
    password,
    options: { multiOptionalFactorEnroll: false, warnBeforePasswordExpired: false },
  };
  const url = configuration.OKTA_URL + '/api/v1/authn';
  const { status, data } = await axios.post(url, asked, { validateStatus: () => true });
  if (status === 401 || status === 403) return callback(new WrongUsernameOrPasswordError(identifier, 'Okta says no'));
  if (status !== 200 || !data._embedded) return callback(new Error('Okta answered ' + status));
  const { id, profile } = data._embedded.user;
  callback(null, {
    user_id: id,
    username: profile.login,
    email: profile.login,
    email_verified: true,
    name: profile.firstName + ' ' + profile.lastName,
  });
}
