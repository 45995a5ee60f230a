// A relying party of FAPI 2.0 with openid-client that authenticates with a certificate and holds tokens bound to it: it
// discovers the addresses for certificates, pushes its request, prints where a browser is to go, reads on a line where
// the browser came back to, and prints what it got.
// Environment: ISSUER, CLIENT_ID, REDIRECT_URI, AUDIENCE, CERTIFICATE, KEY, AUTHORITIES (files).
import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { createInterface } from 'node:readline'
import * as client from 'openid-client'

const { ISSUER, CLIENT_ID, REDIRECT_URI, AUDIENCE, CERTIFICATE, KEY, AUTHORITIES } = process.env
const [cert, key, ca] = [CERTIFICATE, KEY, AUTHORITIES].map((file) => readFileSync(file, 'utf8'))

// fetch has no certificates; this has, and no more of fetch than the library asks for
const by = (connection) => (address, { method, headers, body }) =>
  new Promise((resolve, reject) => {
    const url = new URL(address)
    const options = { method, headers: Object.fromEntries(new Headers(headers)), ...connection }
    const request = (url.protocol === 'https:' ? https : http).request(url, options, async (answer) => {
      const chunks = []
      for await (const chunk of answer) chunks.push(chunk)
      resolve(new Response(Buffer.concat(chunks), { status: answer.statusCode, headers: answer.headers }))
    })
    request.on('error', reject)
    request.end(body?.toString())
  })

const metadata = { use_mtls_endpoint_aliases: true, id_token_signed_response_alg: 'PS256' }
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, metadata, client.TlsClientAuth(), {
  execute: [client.allowInsecureRequests],
  [client.customFetch]: by({ cert, key, ca }),
})
const verifier = client.randomPKCECodeVerifier()
const [state, nonce] = [client.randomState(), client.randomNonce()]
const address = await client.buildAuthorizationUrlWithPAR(config, {
  redirect_uri: REDIRECT_URI,
  scope: 'openid email offline_access read:things',
  audience: AUDIENCE,
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
  nonce,
})
console.log(address.href)

const lines = createInterface({ input: process.stdin })
const back = await new Promise((resolve) => lines.on('line', resolve))
lines.close()
const tokens = await client.authorizationCodeGrant(config, new URL(back), {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true,
})
const claims = tokens.claims()
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token)
const told = await client.tokenIntrospection(config, renewed.access_token)
config[client.customFetch] = by({ ca })
const without = await client.fetchUserInfo(config, tokens.access_token, claims.sub).then(
  () => 'given',
  (error) => error.cause?.[0]?.parameters?.error ?? error.code ?? String(error),
)
const nobody = await client.refreshTokenGrant(config, tokens.refresh_token).then(
  () => 'given',
  (error) => error.error ?? String(error),
)
console.log(JSON.stringify({ claims, userinfo, told, without, nobody, access: tokens.access_token }))
process.exit(0)
