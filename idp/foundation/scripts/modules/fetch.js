// fetch: the host makes the call, under its rules for outbound calls. Redirects are not followed.
const { Buffer, wire } = require("buffer");
const { URLSearchParams } = require("url");
class Headers {
  #found = new Map();
  constructor(given = {}) {
    const entries = given instanceof Headers ? given.entries() : typeof given[Symbol.iterator] === "function" ? given : Object.entries(given);
    for (const [name, value] of entries) this.set(name, value);
  }
  get(name) { const value = this.#found.get(String(name).toLowerCase()); return value === undefined ? null : value; }
  has(name) { return this.#found.has(String(name).toLowerCase()); }
  set(name, value) { this.#found.set(String(name).toLowerCase(), String(value)); }
  append(name, value) { this.set(name, this.has(name) ? `${this.get(name)}, ${value}` : value); }
  delete(name) { this.#found.delete(String(name).toLowerCase()); }
  forEach(run) { this.#found.forEach((value, name) => run(value, name, this)); }
  keys() { return this.#found.keys(); }
  values() { return this.#found.values(); }
  entries() { return this.#found.entries(); }
  [Symbol.iterator]() { return this.entries(); }
  raw() { return Object.fromEntries(this.#found); }
}
class Response {
  #body;
  constructor(answer, url) {
    this.status = answer.status;
    this.ok = answer.status >= 200 && answer.status < 300;
    this.statusText = "";
    this.url = url;
    this.redirected = false;
    this.headers = new Headers(answer.headers);
    this.#body = answer.body;
  }
  buffer() { return Buffer.from(this.#body, "base64"); }
  async arrayBuffer() { return this.buffer().slice().buffer; }
  async text() { return this.buffer().toString("utf8"); }
  async json() { return JSON.parse(this.buffer().toString("utf8")); }
}
/** The call itself, answered at once: `{status, headers, body}`. */
function call(method, url, headers, body) {
  const sent = new Headers(headers || {});
  let payload = body;
  if (payload instanceof URLSearchParams) {
    if (!sent.has("content-type")) sent.set("content-type", "application/x-www-form-urlencoded;charset=UTF-8");
    payload = payload.toString();
  }
  if (typeof payload === "string" && !sent.has("content-type")) sent.set("content-type", "text/plain;charset=UTF-8");
  const request = { method: String(method || "GET").toUpperCase(), url: String(url), headers: sent.raw() };
  if (payload !== undefined && payload !== null) request.body = wire(typeof payload === "string" ? payload : payload);
  return __ask("http", request);
}
async function fetch(url, options = {}) {
  const target = typeof url === "object" && url !== null && url.href === undefined ? url.url : url;
  return new Response(call(options.method, target, options.headers, options.body), String(target));
}
module.exports = fetch;
Object.assign(module.exports, { default: fetch, fetch, Headers, Response, call });
