// A Model Context Protocol client and the server that it talks to, as the SDK's documentation writes them: the client
// is told the server's address and nothing else.
// Environment: PORT, ISSUER, AUDIENCE; with DOCUMENT (an https address), CERT and KEY the client is known by its document,
// which is served on DOCUMENT_PORT; else it registers itself. Routes: /login, /callback (JSON of what it got), /mcp.
import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createRemoteJWKSet, jwtVerify } from 'jose'

const { PORT, ISSUER, AUDIENCE, DOCUMENT, DOCUMENT_PORT, CERT, KEY } = process.env
const here = `http://localhost:${PORT}`
const metadata = {
  client_name: 'Assistant',
  redirect_uris: [`${here}/callback`],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
}
const kept = {}
const provider = {
  redirectUrl: `${here}/callback`,
  clientMetadata: metadata,
  ...(DOCUMENT ? { clientMetadataUrl: DOCUMENT } : {}),
  state: () => 'a state of the client',
  clientInformation: () => kept.client,
  saveClientInformation: (client) => { kept.client = client },
  tokens: () => kept.tokens,
  saveTokens: (tokens) => { kept.tokens = tokens },
  redirectToAuthorization: (url) => { kept.url = url },
  saveCodeVerifier: (verifier) => { kept.verifier = verifier },
  codeVerifier: () => kept.verifier,
}
const keys = createRemoteJWKSet(new URL(`${ISSUER}.well-known/jwks.json`))

// ---- the server
async function serve(request, response) {
  const token = (request.headers.authorization ?? '').replace(/^Bearer /, '')
  try {
    kept.claims = (await jwtVerify(token, keys, { issuer: ISSUER, audience: AUDIENCE })).payload
  } catch {
    const where = `${here}/.well-known/oauth-protected-resource/mcp`
    response.writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${where}"` }).end()
    return
  }
  const server = new McpServer({ name: 'weather', version: '1' })
  server.registerTool('today', { description: 'Today' }, async () => ({ content: [{ type: 'text', text: 'sunny' }] }))
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined })
  await server.connect(transport)
  await transport.handleRequest(request, response)
}

// ---- the client
async function connected() {
  const client = new Client({ name: 'assistant', version: '1' })
  const transport = new StreamableHTTPClientTransport(new URL(`${here}/mcp`), { authProvider: provider })
  try {
    await client.connect(transport)
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error
    return { transport }
  }
  return { client }
}

async function answer(request, response) {
  const url = new URL(request.url, here)
  if (url.pathname === '/mcp') {
    await serve(request, response)
  } else if (url.pathname.startsWith('/.well-known/oauth-protected-resource')) {
    const body = { resource: `${here}/mcp`, authorization_servers: [ISSUER], scopes_supported: ['read:things'] }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  } else if (url.pathname === '/login') {
    kept.transport = (await connected()).transport
    response.writeHead(302, { location: kept.url.href }).end()
  } else if (url.pathname === '/callback') {
    await kept.transport.finishAuth(url.searchParams.get('code'))
    const { client } = await connected()
    const said = await client.callTool({ name: 'today' })
    const body = { said: said.content[0].text, client: kept.client ?? { client_id: DOCUMENT }, claims: kept.claims }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  } else {
    response.writeHead(404).end()
  }
}

function careful(request, response) {
  answer(request, response).catch((error) => response.writeHead(500).end(String(error.stack)))
}

if (DOCUMENT) {
  const document = { client_id: DOCUMENT, client_uri: here, ...metadata }
  const options = { cert: fs.readFileSync(CERT), key: fs.readFileSync(KEY) }
  https.createServer(options, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document))
  }).listen(Number(DOCUMENT_PORT))
}
http.createServer(careful).listen(Number(PORT))
