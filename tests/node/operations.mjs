// The official Node client does the calls that stdin names; prints what it saw as JSON (tests/rp/official).
import { readFileSync } from "node:fs";
import { ManagementClient } from "auth0";

const given = JSON.parse(readFileSync(0, "utf8"));
const seen = [];
const whole = globalThis.fetch;
globalThis.fetch = async (resource, options) => {
  const answer = await whole(resource, options);
  const url = new URL(resource.url ?? resource);
  if (url.pathname.startsWith("/api/v2/")) seen.push([options?.method ?? "GET", url.pathname + url.search, answer.status]);
  return answer;
};

const scene = given.scene;
const names = () => Object.keys(scene).sort((one, other) => other.length - one.length);
const filled = (value) => {
  if (typeof value === "string") return names().reduce((text, name) => text.replaceAll(`$${name}`, scene[name]), value);
  if (Array.isArray(value)) return value.map(filled);
  if (value === null || typeof value !== "object") return value;
  if ("$file" in value) return new File([filled(value.$file)], "users.json", { type: "application/json" });
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filled(item)]));
};
const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const found = (answer, path) => path.split(".").reduce((value, step) => value[step], answer);
const plain = async (value) => {
  if (value === undefined || value === null) return null;
  if (typeof value !== "object" || !(Symbol.asyncIterator in value)) return value;
  const rows = [];
  for await (const row of value) rows.push(row);
  return rows;
};

const client = (who) =>
  new ManagementClient({
    domain: who.domain, maxRetries: 0,
    ...(who.token ? { token: who.token } : { clientId: who.client_id, clientSecret: who.client_secret }),
  });
const clients = Object.fromEntries(Object.entries(given.callers).map(([name, who]) => [name, client(who)]));
const results = [];
for (const call of given.calls) {
  seen.length = 0;
  let answer;
  try {
    const path = call.method.split(".").map(camel);
    const owner = path.slice(0, -1).reduce((value, name) => value[name], clients[call.by]);
    const members = filled(call.members);
    const passed = Object.keys(members).length ? [members] : [];
    answer = await plain(await owner[path.at(-1)](...filled(call.args), ...passed));
    for (const [name, at] of Object.entries(call.keep)) scene[name] = found(answer, at);
  } catch (error) {
    const { statusCode, body } = error;
    const refused = statusCode ? { status: statusCode, code: body?.errorCode, message: body?.message } : null;
    answer = { failed: `${error}`.slice(0, 2000), refused };
  }
  results.push({ answer, seen: [...seen] });
}
console.log(JSON.stringify({ results, scene }));
