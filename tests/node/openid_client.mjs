// A relying party with openid-client, as its documentation writes one.
// Environment: PORT, ISSUER, CLIENT_ID, CLIENT_SECRET. Routes: /login, /callback (JSON of what it got), /logout.
import http from 'node:http'
import * as client from 'openid-client'

const { PORT, ISSUER, CLIENT_ID, CLIENT_SECRET } = process.env
const here = `http://localhost:${PORT}`
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, {
  execute: [client.allowInsecureRequests],
})
const pending = {}
let idToken

async function login() {
  pending.verifier = client.randomPKCECodeVerifier()
  pending.state = client.randomState()
  pending.nonce = client.randomNonce()
  return client.buildAuthorizationUrl(config, {
    redirect_uri: `${here}/callback`,
    scope: 'openid profile email offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: 'S256',
    state: pending.state,
    nonce: pending.nonce,
  })
}

async function callback(url) {
  const tokens = await client.authorizationCodeGrant(config, url, {
    pkceCodeVerifier: pending.verifier,
    expectedState: pending.state,
    expectedNonce: pending.nonce,
    idTokenExpected: true,
  })
  const claims = tokens.claims()
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
  const renewed = await client.refreshTokenGrant(config, tokens.refresh_token)
  const active = await client.tokenIntrospection(config, renewed.refresh_token ?? tokens.refresh_token)
  await client.tokenRevocation(config, renewed.refresh_token ?? tokens.refresh_token)
  const revoked = await client.tokenIntrospection(config, renewed.refresh_token ?? tokens.refresh_token)
  idToken = renewed.id_token ?? tokens.id_token
  return { claims, userinfo, renewed: Boolean(renewed.access_token), active: active.active, revoked: !revoked.active }
}

async function answer(request, response) {
  const url = new URL(request.url, here)
  if (url.pathname === '/login') {
    response.writeHead(302, { location: (await login()).href }).end()
  } else if (url.pathname === '/callback') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(await callback(url)))
  } else if (url.pathname === '/logout') {
    const target = client.buildEndSessionUrl(config, {
      post_logout_redirect_uri: `${here}/goodbye`,
      id_token_hint: idToken,
    })
    response.writeHead(302, { location: target.href }).end()
  } else {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('goodbye')
  }
}

http
  .createServer((request, response) => {
    answer(request, response).catch((error) => {
      console.error(error)
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`${error.code}: ${error.message} ${error.cause}`)
    })
  })
  .listen(Number(PORT), '127.0.0.1')
