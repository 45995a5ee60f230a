// A relying party with oauth4webapi. It answers each line of JSON with one:
// begin (FAPI 2.0 Message Signing: a signed, pushed request), finish (the address that the browser came back to),
// device and ciba (asked for without a browser), redeem (until somebody said yes).
// Environment: ISSUER, CALLBACK, CLIENT_ID and JWK of the client that signs, OTHER_ID and OTHER_SECRET of the one that asks.
import readline from 'node:readline'
import * as oauth from 'oauth4webapi'

const { ISSUER, CALLBACK, CLIENT_ID, JWK, OTHER_ID, OTHER_SECRET } = process.env
const issuer = new URL(ISSUER)
const as = await oauth.discoveryRequest(issuer).then((it) => oauth.processDiscoveryResponse(issuer, it))
const jwk = JSON.parse(JWK)
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const key = { key: await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']), kid: jwk.kid }
const signer = {
  client_id: CLIENT_ID,
  id_token_signed_response_alg: 'ES256',
  authorization_signed_response_alg: 'ES256',
  introspection_signed_response_alg: 'ES256',
}
const auth = oauth.PrivateKeyJwt(key)
const asker = { client_id: OTHER_ID }
const secret = oauth.ClientSecretBasic(OTHER_SECRET)
const DPoP = oauth.DPoP(signer, await oauth.generateKeyPair('ES256'))
const kept = { retried: 0 }

async function twice(ask) {
  try {
    return await ask()
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    kept.retried += 1
    return ask()
  }
}

async function begin() {
  Object.assign(kept, {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
  })
  const request = await oauth.issueRequestObject(
    as,
    signer,
    {
      response_type: 'code',
      response_mode: 'jwt',
      redirect_uri: CALLBACK,
      scope: 'openid email offline_access',
      state: kept.state,
      nonce: kept.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(kept.verifier),
      code_challenge_method: 'S256',
    },
    key,
  )
  const pushed = await twice(async () => {
    const answer = await oauth.pushedAuthorizationRequest(as, signer, auth, { request }, { DPoP })
    return oauth.processPushedAuthorizationResponse(as, signer, answer)
  })
  const url = new URL(as.authorization_endpoint)
  url.search = new URLSearchParams({ client_id: CLIENT_ID, request_uri: pushed.request_uri })
  return { url: url.href }
}

async function finish({ url }) {
  const params = await oauth.validateJwtAuthResponse(as, signer, new URL(url), kept.state)
  const expected = { expectedNonce: kept.nonce, requireIdToken: true }
  const { tokens, answer } = await twice(async () => {
    const answer = await oauth.authorizationCodeGrantRequest(as, signer, auth, params, CALLBACK, kept.verifier, { DPoP })
    return { answer, tokens: await oauth.processAuthorizationCodeResponse(as, signer, answer, expected) }
  })
  await oauth.validateApplicationLevelSignature(as, answer)
  const claims = oauth.getValidatedIdTokenClaims(tokens)
  const userinfo = await twice(async () => {
    const answer = await oauth.userInfoRequest(as, signer, tokens.access_token, { DPoP })
    return oauth.processUserInfoResponse(as, signer, claims.sub, answer)
  })
  const renewed = await twice(async () => {
    const answer = await oauth.refreshTokenGrantRequest(as, signer, auth, tokens.refresh_token, { DPoP })
    return oauth.processRefreshTokenResponse(as, signer, answer)
  })
  const asked = await oauth.introspectionRequest(as, signer, auth, renewed.access_token)
  const signed = asked.headers.get('content-type')
  const about = await oauth.processIntrospectionResponse(as, signer, asked)
  await oauth.validateApplicationLevelSignature(as, asked)
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, signer, auth, renewed.refresh_token ?? tokens.refresh_token))
  return { claims, userinfo, type: tokens.token_type, about, signed, retried: kept.retried }
}

async function device() {
  const answer = await oauth.deviceAuthorizationRequest(as, asker, secret, { scope: 'openid email' })
  const begun = await oauth.processDeviceAuthorizationResponse(as, asker, answer)
  kept.ask = async () => {
    const answer = await oauth.deviceCodeGrantRequest(as, asker, secret, begun.device_code)
    return oauth.processDeviceCodeResponse(as, asker, answer)
  }
  return { url: begun.verification_uri_complete }
}

async function ciba({ hint, message }) {
  const params = { scope: 'openid email', login_hint: hint, binding_message: message }
  const answer = await oauth.backchannelAuthenticationRequest(as, asker, secret, params)
  const begun = await oauth.processBackchannelAuthenticationResponse(as, asker, answer)
  kept.ask = async () => {
    const answer = await oauth.backchannelAuthenticationGrantRequest(as, asker, secret, begun.auth_req_id)
    return oauth.processBackchannelAuthenticationGrantResponse(as, asker, answer)
  }
  return { expires_in: begun.expires_in }
}

async function redeem() {
  try {
    const tokens = await kept.ask()
    const claims = oauth.getValidatedIdTokenClaims(tokens)
    const answer = await oauth.userInfoRequest(as, asker, tokens.access_token)
    return { claims, userinfo: await oauth.processUserInfoResponse(as, asker, claims.sub, answer) }
  } catch (error) {
    if (!(error instanceof oauth.ResponseBodyError)) throw error
    return { error: error.error }
  }
}

const does = { begin, finish, device, ciba, redeem }
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
