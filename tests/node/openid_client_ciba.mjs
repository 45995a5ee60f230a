// A relying party with openid-client that has no browser: it asks a person by CIBA, or a device's owner, and exchanges
// tokens. Environment: PORT, ISSUER, CLIENT_ID, CLIENT_SECRET. Routes, all JSON: /ciba?sub=, /device, /exchange?token=&type=.
import http from 'node:http'
import * as client from 'openid-client'

const { PORT, ISSUER, CLIENT_ID, CLIENT_SECRET } = process.env
const here = `http://localhost:${PORT}`
const running = {}
let ready

async function config() {
  ready ??= await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, {
    execute: [client.allowInsecureRequests],
  })
  return ready
}

async function told(found, tokens) {
  const claims = tokens.claims()
  const userinfo = await client.fetchUserInfo(found, tokens.access_token, claims.sub)
  return { claims, userinfo, details: tokens.authorization_details ?? null }
}

const routes = {
  async '/ciba'(url) {
    const found = await config()
    const sub = url.searchParams.get('sub')
    const begun = await client.initiateBackchannelAuthentication(found, {
      scope: 'openid email',
      login_hint: JSON.stringify({ format: 'iss_sub', iss: found.serverMetadata().issuer, sub }),
      binding_message: 'Order 4711-K',
    })
    running.it = client.pollBackchannelAuthenticationGrant(found, begun).then((tokens) => told(found, tokens))
    running.it.catch(() => {})
    return begun
  },
  async '/device'() {
    const found = await config()
    const begun = await client.initiateDeviceAuthorization(found, { scope: 'openid email' })
    running.it = client.pollDeviceAuthorizationGrant(found, begun).then((tokens) => told(found, tokens))
    running.it.catch(() => {})
    return begun
  },
  async '/answer'() {
    return running.it
  },
  async '/exchange'(url) {
    const found = await config()
    const grant = 'urn:ietf:params:oauth:grant-type:token-exchange'
    const tokens = await client.genericGrantRequest(found, grant, {
      subject_token: url.searchParams.get('token'),
      subject_token_type: url.searchParams.get('type'),
      scope: 'openid email',
    })
    return told(found, tokens)
  },
}

http
  .createServer(async (request, response) => {
    const url = new URL(request.url, here)
    try {
      const body = JSON.stringify(await routes[url.pathname](url))
      response.writeHead(200, { 'content-type': 'application/json' }).end(body)
    } catch (problem) {
      const said = { error: problem.error ?? String(problem), description: problem.error_description }
      response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify(said))
    }
  })
  .listen(PORT)
