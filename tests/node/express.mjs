// A relying party with express-openid-connect in the code flow; with DEFAULTS, as the library does it unless told.
// Environment: PORT, ISSUER, CLIENT_ID, CLIENT_SECRET, DEFAULTS. Routes: /login and /logout are the library's, /profile is JSON.
import express from 'express'
import openid from 'express-openid-connect'

const { PORT, ISSUER, CLIENT_ID, CLIENT_SECRET, DEFAULTS } = process.env
const app = express()

// what the library remembers of logout tokens that arrived at /backchannel-logout
const entries = new Map()
const store = {
  get: (id, done) => done(null, entries.get(id)),
  set: (id, value, done) => done(null, void entries.set(id, value)),
  destroy: (id, done) => done(null, void entries.delete(id)),
}

app.use(
  openid.auth({
    issuerBaseURL: ISSUER,
    baseURL: `http://localhost:${PORT}`,
    clientID: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    secret: 'a relying party in a test, with a long secret',
    authRequired: false,
    idpLogout: true,
    backchannelLogout: { store },
    session: { name: 'express_relying_party' },
    ...(DEFAULTS
      ? {}
      : { authorizationParams: { response_type: 'code', scope: 'openid profile email offline_access' } }),
  }),
)

app.get('/', (request, response) => {
  response.type('text').send(request.oidc.isAuthenticated() ? 'signed in' : 'signed out')
})

app.get('/profile', openid.requiresAuth(), async (request, response) => {
  if (DEFAULTS) return response.json({ claims: request.oidc.idTokenClaims })
  const userinfo = await request.oidc.fetchUserInfo()
  const renewed = await request.oidc.accessToken.refresh()
  response.json({ claims: request.oidc.idTokenClaims, userinfo, renewed: Boolean(renewed.access_token) })
})

app.use((error, request, response, next) => {
  console.error(error)
  response.status(500).type('text').send(String(error.message))
})

app.listen(Number(PORT), '127.0.0.1')
