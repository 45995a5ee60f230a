// An OpenID provider of somebody else (npm oidc-provider) that signs anybody in: node oidc_provider.mjs <port> <client JSON>
// With PG_URL and PG_FOLDER (where npm installed `pg`) it keeps everything in that database, else in memory.
import { Provider } from "oidc-provider";
import { kept } from "./oidc_provider_postgres.mjs";

const [port, clients] = [Number(process.argv[2]), JSON.parse(process.argv[3])];
const issuer = `http://localhost:${port}`;
const { PG_FOLDER, PG_URL } = process.env;
const provider = new Provider(issuer, {
  ...(PG_URL ? { adapter: await kept(PG_FOLDER, PG_URL) } : {}),
  clients,
  features: {
    devInteractions: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    encryption: { enabled: true },
    jwtUserinfo: { enabled: true },
    dPoP: { enabled: true },
    introspection: { enabled: true },
  },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "nickname", "locale"] },
  scopes: ["openid", "offline_access", "email", "profile"],
  pkce: { required: () => true },
  responseTypes: ["code", "id_token"],
  ttl: { AccessToken: 3600, IdToken: 3600, Session: 86400, Interaction: 3600, Grant: 86400 },
  // without its guard against private addresses: logout tokens go to the product beside
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  async findAccount(_, id) {
    return {
      accountId: id,
      async claims() {
        return { sub: id, email: `${id}@op.example`, email_verified: true, name: `Provider's ${id}`, locale: "fr" };
      },
    };
  },
});
provider.on("backchannel.error", (ctx, error, client) => console.log("backchannel.error", client.clientId, error));
provider.listen(port, "127.0.0.1", () => console.log(`listening at ${issuer}`));
