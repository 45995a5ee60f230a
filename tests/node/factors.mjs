// @auth0/auth0-auth-js does the calls that stdin names, a line of JSON each; prints what each answered (tests/rp).
// Environment: DOMAIN, CLIENT_ID, CLIENT_SECRET.
import readline from "node:readline";
import { AuthClient } from "@auth0/auth0-auth-js";

const { DOMAIN, CLIENT_ID, CLIENT_SECRET } = process.env;
const client = new AuthClient({ domain: DOMAIN, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { call, members } = JSON.parse(line);
  const path = call.split(".");
  const owner = path.slice(0, -1).reduce((value, name) => value[name], client);
  let said;
  try {
    said = { answer: (await owner[path.at(-1)](members)) ?? null };
  } catch (error) {
    said = { failed: { message: error.message, ...error.cause, status: error.statusCode } };
  }
  console.log(JSON.stringify(said));
}
