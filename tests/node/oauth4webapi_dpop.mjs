// A machine with oauth4webapi: a token bound to a key, used at our Management API, and checked by the library as an API
// would. Environment: ISSUER, CLIENT_ID, CLIENT_SECRET, API, MANAGEMENT. Prints what came of it as JSON.
import * as oauth from 'oauth4webapi'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, API, MANAGEMENT } = process.env
const plain = { [oauth.allowInsecureRequests]: true }
const issuer = new URL(ISSUER)
const as = await oauth.discoveryRequest(issuer, plain).then((it) => oauth.processDiscoveryResponse(issuer, it))
const client = { client_id: CLIENT_ID }
const auth = oauth.ClientSecretPost(CLIENT_SECRET)
const keys = await oauth.generateKeyPair('ES256')
const DPoP = oauth.DPoP(client, keys)

async function token(audience) {
  const ask = async () => {
    const params = new URLSearchParams({ audience })
    const answer = await oauth.clientCredentialsGrantRequest(as, client, auth, params, { DPoP, ...plain })
    return oauth.processClientCredentialsResponse(as, client, answer)
  }
  try {
    return { ...(await ask()), retried: false }
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    return { ...(await ask()), retried: true }
  }
}

const management = await token(MANAGEMENT)
const url = new URL(`${MANAGEMENT}clients?per_page=1`)
const answer = await oauth.protectedResourceRequest(management.access_token, 'GET', url, undefined, undefined, {
  DPoP,
  ...plain,
})
const own = await token(API)
const captured = {}
await oauth
  .protectedResourceRequest(own.access_token, 'GET', new URL('https://api.example.test/things'), undefined, undefined, {
    DPoP,
    [oauth.customFetch]: async (address, options) => {
      captured.request = new Request(address, { method: options.method, headers: options.headers })
      return new Response('{}')
    },
  })
  .catch(() => undefined)
const claims = await oauth.validateJwtAccessToken(as, captured.request, API, plain)
console.log(
  JSON.stringify({ type: management.token_type, retried: management.retried, status: answer.status, cnf: claims.cnf }),
)
