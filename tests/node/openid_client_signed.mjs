// A relying party with openid-client that signs everything: private_key_jwt with keys at its own /jwks, requests that
// are signed and pushed, answers as one signed token; at /hybrid a code and an ID token by form post.
// Environment: PORT, ISSUER, CLIENT_ID. Routes: /login, /hybrid, /callback (JSON of what it got), /jwks.
import http from 'node:http'
import * as client from 'openid-client'

const { PORT, ISSUER, CLIENT_ID } = process.env
const here = `http://localhost:${PORT}`
const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
const jwk = { kty, crv, x, y, kid: 'first', alg: 'ES256', use: 'sig' }
const key = { key: pair.privateKey, kid: 'first' }
const pending = {}
let ready

async function configurations() {
  const make = () =>
    client.discovery(new URL(ISSUER), CLIENT_ID, undefined, client.PrivateKeyJwt(key), {
      execute: [client.allowInsecureRequests],
    })
  const [signed, hybrid] = [await make(), await make()]
  client.useJwtResponseMode(signed)
  client.useCodeIdTokenResponseType(hybrid)
  return { signed, hybrid }
}

async function login(kind) {
  ready ??= await configurations()
  Object.assign(pending, {
    kind,
    verifier: client.randomPKCECodeVerifier(),
    state: client.randomState(),
    nonce: client.randomNonce(),
  })
  const params = {
    redirect_uri: `${here}/callback`,
    scope: 'openid profile email offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: 'S256',
    state: pending.state,
    nonce: pending.nonce,
  }
  if (kind === 'hybrid') return client.buildAuthorizationUrl(ready.hybrid, { ...params, response_mode: 'form_post' })
  const signed = await client.buildAuthorizationUrlWithJAR(ready.signed, params, key)
  return client.buildAuthorizationUrlWithPAR(ready.signed, signed.searchParams)
}

async function callback(current) {
  const config = ready[pending.kind]
  const tokens = await client.authorizationCodeGrant(config, current, {
    pkceCodeVerifier: pending.verifier,
    expectedState: pending.state,
    expectedNonce: pending.nonce,
    idTokenExpected: true,
  })
  const claims = tokens.claims()
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
  const renewed = await client.refreshTokenGrant(config, tokens.refresh_token)
  const active = await client.tokenIntrospection(config, renewed.access_token)
  return { claims, userinfo, renewed: Boolean(renewed.access_token), active: active.active }
}

async function answer(request, response) {
  const url = new URL(request.url, here)
  const json = (value) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  if (url.pathname === '/jwks') {
    json({ keys: [jwk] })
  } else if (url.pathname === '/callback') {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    const { method, headers } = request
    json(await callback(method === 'POST' ? new Request(url, { method, headers, body }) : url))
  } else {
    response.writeHead(302, { location: (await login(url.pathname === '/hybrid' ? 'hybrid' : 'signed')).href }).end()
  }
}

http
  .createServer((request, response) => {
    answer(request, response).catch((error) => {
      console.error(error)
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error))
    })
  })
  .listen(Number(PORT), '127.0.0.1')
