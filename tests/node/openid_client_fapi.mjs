// A relying party with openid-client in FAPI 2.0 Message Signing: private_key_jwt, signed and pushed requests, signed
// answers, DPoP with nonces. It answers each line of JSON with one: begin, finish (the address that the browser came
// back to). Environment: ISSUER, CALLBACK, CLIENT_ID, JWK.
import readline from 'node:readline'
import * as client from 'openid-client'

const { ISSUER, CALLBACK, CLIENT_ID, JWK } = process.env
const jwk = JSON.parse(JWK)
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const key = { key: await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']), kid: jwk.kid }
const about = {
  id_token_signed_response_alg: 'ES256',
  authorization_signed_response_alg: 'ES256',
  introspection_signed_response_alg: 'ES256',
}
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, about, client.PrivateKeyJwt(key))
client.useJwtResponseMode(config)
client.enableNonRepudiationChecks(config)
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
const kept = {}

async function begin() {
  Object.assign(kept, {
    verifier: client.randomPKCECodeVerifier(),
    state: client.randomState(),
    nonce: client.randomNonce(),
  })
  const params = {
    redirect_uri: CALLBACK,
    scope: 'openid email offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(kept.verifier),
    code_challenge_method: 'S256',
    state: kept.state,
    nonce: kept.nonce,
  }
  const signed = await client.buildAuthorizationUrlWithJAR(config, params, key)
  const pushed = await client.buildAuthorizationUrlWithPAR(config, signed.searchParams, { DPoP })
  return { url: pushed.href }
}

async function finish({ url }) {
  const checks = {
    pkceCodeVerifier: kept.verifier,
    expectedState: kept.state,
    expectedNonce: kept.nonce,
    idTokenExpected: true,
  }
  const tokens = await client.authorizationCodeGrant(config, new URL(url), checks, undefined, { DPoP })
  const claims = tokens.claims()
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub, { DPoP })
  const renewed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })
  const about = await client.tokenIntrospection(config, renewed.access_token)
  return { claims, userinfo, type: tokens.token_type, about }
}

const does = { begin, finish }
for await (const line of readline.createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  let answer
  try {
    answer = await does[asked.do](asked)
  } catch (error) {
    console.error(error, error.cause)
    answer = { problem: `${error.code} ${error.message} ${JSON.stringify(error.cause ?? null)}` }
  }
  console.log(JSON.stringify(answer))
}
