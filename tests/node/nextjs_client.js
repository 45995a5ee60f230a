// The client of nextjs-auth0 as a script of a page: bundled by the tests with esbuild.
import { getAccessToken, mfa, passkey } from '@auth0/nextjs-auth0/client'

window.sdk = { getAccessToken, mfa, passkey }
