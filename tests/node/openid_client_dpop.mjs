// A relying party with openid-client whose tokens and codes are bound to a key: pushed requests, DPoP at every call.
// Environment: PORT, ISSUER, CLIENT_ID, CLIENT_SECRET, API (audience and address). Routes: /login, /callback (JSON of
// what it got, and what a thief without the key gets).
import http from 'node:http'
import * as client from 'openid-client'

const { PORT, ISSUER, CLIENT_ID, CLIENT_SECRET, API } = process.env
const here = `http://localhost:${PORT}`
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, {
  execute: [client.allowInsecureRequests],
})
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
const thief = client.getDPoPHandle(config, await client.randomDPoPKeyPair('EdDSA'))
const pending = {}

async function login() {
  pending.verifier = client.randomPKCECodeVerifier()
  pending.state = client.randomState()
  pending.nonce = client.randomNonce()
  const params = {
    redirect_uri: `${here}/callback`,
    scope: 'openid profile email offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: 'S256',
    state: pending.state,
    nonce: pending.nonce,
  }
  return client.buildAuthorizationUrlWithPAR(config, params, { DPoP })
}

const failing = (promise) => promise.then(() => 'let in', (error) => error.error ?? error.cause?.[0]?.parameters?.error)

async function callback(url) {
  const checks = {
    pkceCodeVerifier: pending.verifier,
    expectedState: pending.state,
    expectedNonce: pending.nonce,
    idTokenExpected: true,
  }
  const stolen = await failing(client.authorizationCodeGrant(config, url, checks, undefined, { DPoP: thief }))
  const tokens = await client.authorizationCodeGrant(config, url, checks, undefined, { DPoP })
  const claims = tokens.claims()
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP })
  const asBearer = await failing(client.fetchUserInfo(config, tokens.access_token, claims.sub))
  const byThief = await failing(client.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP: thief }))
  const renewed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })
  const described = await client.tokenIntrospection(config, renewed.access_token)
  return { claims, userinfo, type: renewed.token_type, cnf: described.cnf, stolen, asBearer, byThief }
}

async function machine() {
  const tokens = await client.clientCredentialsGrant(config, { audience: API }, { DPoP })
  const answer = await client.fetchProtectedResource(
    config,
    tokens.access_token,
    new URL(`${API}clients?per_page=1`),
    'GET',
    undefined,
    undefined,
    { DPoP },
  )
  return { type: tokens.token_type, status: answer.status }
}

async function answer(request, response) {
  const url = new URL(request.url, here)
  const json = (value) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  if (url.pathname === '/login') response.writeHead(302, { location: (await login()).href }).end()
  else if (url.pathname === '/machine') json(await machine())
  else json(await callback(url))
}

http
  .createServer((request, response) => {
    answer(request, response).catch((error) => {
      console.error(error)
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`${error.code}: ${error.message} ${error.cause}`)
    })
  })
  .listen(Number(PORT), '127.0.0.1')
