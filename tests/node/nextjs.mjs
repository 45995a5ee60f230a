// A relying party with nextjs-auth0 on Next's own requests and answers, without Next's server: what a project has as its
// proxy (middleware) and as one handler of its own. Environment: PORT, URL, ISSUER, CLIENT_ID, CLIENT_SECRET, AUDIENCE,
// SCRIPT (the SDK's client, bundled). Routes: those of the SDK below /auth and /me; / is JSON of the session, /token of
// an access token (?audience=, ?scope=), /page carries the SDK's client.
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { NextRequest, NextResponse } from 'next/server.js'
import { Auth0Client } from '@auth0/nextjs-auth0/server'

const { PORT, URL: here, ISSUER, CLIENT_ID, CLIENT_SECRET, AUDIENCE, SCRIPT } = process.env
const auth0 = new Auth0Client({
  domain: ISSUER,
  allowInsecureRequests: true, // as in development: a host name with a port, and no TLS
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  appBaseUrl: here,
  secret: '0f'.repeat(32),
  authorizationParameters: { scope: 'openid profile email offline_access', audience: AUDIENCE },
})

const page = "<!doctype html><link rel=icon href='data:,'><title>App</title><script src='/client.js'></script>"
const typed = (type, content) => new NextResponse(content, { headers: { 'content-type': type } })
const own = {
  '/': async request => NextResponse.json({ user: (await auth0.getSession(request))?.user ?? null }),
  '/page': async () => typed('text/html', page),
  '/client.js': async () => typed('text/javascript', await readFile(SCRIPT)),
  '/token': async request => {
    const answer = new NextResponse()
    const wanted = Object.fromEntries(request.nextUrl.searchParams)
    try {
      const { token, scope, audience } = await auth0.getAccessToken(request, answer, { ...wanted, refresh: true })
      return NextResponse.json({ token, scope, audience }, { headers: answer.headers })
    } catch (error) {
      return NextResponse.json({ failed: error.code, because: error.cause?.code }, { headers: answer.headers })
    }
  },
}

async function answered(request) {
  const answer = await auth0.middleware(request)
  const { pathname } = request.nextUrl
  if (pathname.startsWith('/auth/') || pathname.startsWith('/me/')) return answer
  return (await own[pathname]?.(request)) ?? new NextResponse('', { status: 404 })
}

async function asked(incoming) {
  const parts = []
  for await (const part of incoming) parts.push(part)
  const { method, headers } = incoming
  const body = parts.length ? Buffer.concat(parts) : undefined
  return new NextRequest(new URL(incoming.url, `http://${headers.host}`), { method, headers, body })
}

createServer(async (incoming, outgoing) => {
  try {
    const answer = await answered(await asked(incoming))
    const headers = Object.fromEntries(answer.headers)
    outgoing.writeHead(answer.status, { ...headers, 'set-cookie': answer.headers.getSetCookie() })
    outgoing.end(Buffer.from(await answer.arrayBuffer()))
  } catch (error) {
    console.error(error)
    outgoing.writeHead(500).end(String(error.message))
  }
}).listen(Number(PORT), '127.0.0.1')
