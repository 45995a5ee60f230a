// An API with Express and jose. Environment: ISSUER, AUDIENCE, PUBLIC_URL, REQUIRE (dpop or mtls), PORT.
import { createHash, X509Certificate } from 'node:crypto'
import express from 'express'
import * as jose from 'jose'

const { ISSUER, AUDIENCE, PUBLIC_URL, REQUIRE, PORT } = process.env
const TOKENS = ['RS256', 'PS256', 'ES256', 'EdDSA']
const PROOFS = ['ES256', 'ES384', 'EdDSA', 'PS256']
const [OLDEST, AHEAD] = [60, 30] // seconds that iat of a proof may be from now
const keys = jose.createRemoteJWKSet(new URL('.well-known/jwks.json', ISSUER))
const seen = new Map() // with several processes: Redis, SET name 1 NX EX 91
const hash = (bytes) => createHash('sha256').update(bytes).digest('base64url')

class Refused extends Error {
  constructor(error, description, status = 401) {
    super(description)
    this.status = status
    this.challenge = `DPoP error="${error}", error_description="${description}", algs="${PROOFS.join(' ')}"`
  }
}

async function verified(token) {
  const options = { issuer: ISSUER, audience: AUDIENCE, algorithms: TOKENS }
  const { payload, protectedHeader } = await jose.jwtVerify(token, keys, options).catch(() => {
    throw new Refused('invalid_token', 'The access token is not valid')
  })
  if (!['at+jwt', 'application/at+jwt', 'jwt'].includes(protectedHeader.typ?.toLowerCase())) {
    throw new Refused('invalid_token', 'It is no access token')
  }
  return payload
}

function normal(address) {
  const url = new URL(address)
  return `${url.protocol}//${url.host}${url.pathname}`
}

// RFC 9449 4.3
async function checkProof(proof, method, url, token, jkt) {
  let said, jwk
  try {
    const options = { typ: 'dpop+jwt', algorithms: PROOFS }
    const found = await jose.jwtVerify(proof ?? '', jose.EmbeddedJWK, options) // refuses private and symmetric keys
    said = found.payload
    jwk = found.protectedHeader.jwk
  } catch {
    throw new Refused('invalid_dpop_proof', "The proof can't be read")
  }
  const age = Date.now() / 1000 - said.iat
  const right =
    said.htm === method &&
    URL.canParse(said.htu) &&
    normal(said.htu) === normal(url) &&
    said.ath === hash(token) &&
    age <= OLDEST &&
    age >= -AHEAD &&
    typeof said.jti === 'string'
  if (!right) throw new Refused('invalid_dpop_proof', 'The proof is not for this request, or not of now')
  if ((await jose.calculateJwkThumbprint(jwk)) !== jkt) {
    throw new Refused('invalid_token', 'The token is bound to another key')
  }
  const name = `${jkt} ${said.jti}`
  for (const [each, until] of seen) if (until < Date.now()) seen.delete(each)
  if (seen.has(name)) throw new Refused('invalid_dpop_proof', 'The proof was used before')
  seen.set(name, Date.now() + (OLDEST + AHEAD + 1) * 1000)
}

const isProtected = (scope) => async (request, response, next) => {
  try {
    const [scheme, token] = (request.get('authorization') ?? '').split(' ')
    const kind = scheme.toLowerCase()
    if (!['bearer', 'dpop'].includes(kind) || !token) throw new Refused('invalid_token', 'An access token is required')
    const claims = await verified(token)
    const bound = claims.cnf ?? {}
    if (bound.jkt) {
      if (kind !== 'dpop') throw new Refused('invalid_token', 'The token is bound to a key: send it with a proof')
      await checkProof(request.get('dpop'), request.method, PUBLIC_URL + request.path, token, bound.jkt)
    } else if (kind === 'dpop') {
      throw new Refused('invalid_token', 'The token is bound to no key')
    }
    if (bound['x5t#S256']) {
      const sent = request.get('x-client-cert') // set by the proxy, which takes away what callers send
      const certificate = sent && new X509Certificate(decodeURIComponent(sent))
      if (!certificate || hash(certificate.raw) !== bound['x5t#S256']) {
        throw new Refused('invalid_token', 'The token is bound to another certificate')
      }
    }
    const wanted = { dpop: 'jkt', mtls: 'x5t#S256' }[REQUIRE]
    const unknown = Object.keys(bound).some((each) => !['jkt', 'x5t#S256'].includes(each))
    if (unknown || (wanted && !bound[wanted])) {
      throw new Refused('invalid_token', 'The token is not bound as this API wants it')
    }
    if (!(claims.scope ?? '').split(' ').includes(scope)) {
      throw new Refused('insufficient_scope', `The scope ${scope} is required`, 403)
    }
    request.claims = claims
    next()
  } catch (problem) {
    if (!(problem instanceof Refused)) return next(problem)
    response.status(problem.status).set('WWW-Authenticate', problem.challenge).json({ error: problem.message })
  }
}

const app = express()
app.get('/things', isProtected('read:things'), (request, response) => response.json({ sub: request.claims.sub }))
app.listen(Number(PORT), '127.0.0.1')
