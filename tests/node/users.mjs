// Every operation on users that the official Node client has and that is built, against the tenant that the environment
// names. Prints what it saw as JSON.
import { ManagementClient } from "auth0";

const { DOMAIN, CLIENT_ID, CLIENT_SECRET, CONNECTION, PASSWORD, REFRESHED_USER } = process.env;
const auth0 = new ManagementClient({ domain: DOMAIN, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
const seen = {};
const address = (name) => `${name}-${Math.random().toString(36).slice(2)}@example.com`;
const all = async (page) => {
  const found = [];
  for await (const each of await page) found.push(each);
  return found;
};
const refused = async (call) => {
  try {
    await call();
  } catch (error) {
    return [error.statusCode, error.body?.errorCode];
  }
  return null;
};

const make = (more = {}) =>
  auth0.users.create({
    connection: CONNECTION, email: address("node"), password: PASSWORD, email_verified: true, ...more,
  });
const user = await make({ user_metadata: { colour: "green" }, given_name: "Node", family_name: "Client" });
seen.read = (await auth0.users.get(user.user_id)).email === user.email;
const changed = await auth0.users.update(user.user_id, { user_metadata: { size: 3 }, app_metadata: { plan: "pro" } });
seen.metadata = [changed.user_metadata, changed.app_metadata];
seen.byEmail = (await auth0.users.listUsersByEmail({ email: user.email })).map((each) => each.user_id === user.user_id);
seen.search = (await all(auth0.users.list({ q: `email:"${user.email}"`, search_engine: "v3" }))).length;
for (let made = 0; made < 4; made += 1) await make();
const pages = await all(auth0.users.list({ per_page: 2 }));
seen.eachOnce = new Set(pages.map((each) => each.user_id)).size === pages.length && pages.length >= 5;
seen.logs = (await all(auth0.users.logs.list(user.user_id))).length >= 0;

const other = await make();
const [provider, id] = other.user_id.split("|");
seen.linked = (await auth0.users.identities.link(user.user_id, { provider, user_id: id })).length;
seen.twice = await refused(() => auth0.users.identities.link(user.user_id, { provider, user_id: id }));
seen.unlinked = (await auth0.users.identities.delete(user.user_id, provider, id)).length;

seen.refreshTokens = (await all(auth0.users.refreshToken.list(REFRESHED_USER))).length;
seen.devices = (await all(auth0.deviceCredentials.list({ user_id: REFRESHED_USER }))).length;
await auth0.users.refreshToken.delete(REFRESHED_USER);
seen.refreshTokensAfter = (await all(auth0.users.refreshToken.list(REFRESHED_USER))).length;
seen.sessions = (await all(auth0.users.sessions.list(user.user_id))).length;
await auth0.users.sessions.delete(user.user_id);
await auth0.users.revokeAccess(user.user_id, {});
seen.grants = (await all(auth0.userGrants.list({ user_id: user.user_id }))).length;
await auth0.userGrants.deleteByUserId({ user_id: user.user_id });

const verify = await auth0.tickets.verifyEmail({ user_id: user.user_id, result_url: "https://app.example.com/done" });
const change = await auth0.tickets.changePassword({ user_id: user.user_id, ttl_sec: 600 });
seen.tickets = [verify.ticket, change.ticket].every((each) => each.startsWith(`https://${DOMAIN}/u/`));
seen.blocks = (await auth0.userBlocks.list(user.user_id)).blocked_for;
seen.blocksByIdentifier = (await auth0.userBlocks.listByIdentifier({ identifier: user.email })).blocked_for;
await auth0.userBlocks.delete(user.user_id);
await auth0.userBlocks.deleteByIdentifier({ identifier: user.email });

seen.conflict = await refused(() => make({ email: user.email }));
seen.bad = await refused(() => auth0.users.update(user.user_id, { given_name: "" }));
await auth0.users.delete(user.user_id);
await auth0.users.delete(user.user_id);
seen.gone = await refused(() => auth0.users.get(user.user_id));
console.log(JSON.stringify(seen));
