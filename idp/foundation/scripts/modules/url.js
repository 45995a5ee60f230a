// URL and URLSearchParams, and Node's old url.parse.
const decode = (text) => { try { return decodeURIComponent(text.replace(/\+/g, " ")); } catch (error) { return text; } };
const encode = (text) => encodeURIComponent(text).replace(/%20/g, "+").replace(/[!'()~]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
class URLSearchParams {
  #pairs = [];
  constructor(given = "") {
    if (typeof given === "string") {
      for (const part of given.replace(/^\?/, "").split("&")) {
        if (!part) continue;
        const at = part.indexOf("=");
        this.#pairs.push(at < 0 ? [decode(part), ""] : [decode(part.slice(0, at)), decode(part.slice(at + 1))]);
      }
    } else for (const [name, value] of typeof given[Symbol.iterator] === "function" ? given : Object.entries(given)) this.#pairs.push([String(name), String(value)]);
  }
  append(name, value) { this.#pairs.push([String(name), String(value)]); }
  delete(name) { this.#pairs = this.#pairs.filter(([each]) => each !== name); }
  get(name) { const found = this.#pairs.find(([each]) => each === name); return found ? found[1] : null; }
  getAll(name) { return this.#pairs.filter(([each]) => each === name).map(([, value]) => value); }
  has(name) { return this.#pairs.some(([each]) => each === name); }
  set(name, value) { this.delete(name); this.append(name, value); }
  sort() { this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)); }
  forEach(run) { for (const [name, value] of this.#pairs) run(value, name, this); }
  keys() { return this.#pairs.map(([name]) => name)[Symbol.iterator](); }
  values() { return this.#pairs.map(([, value]) => value)[Symbol.iterator](); }
  entries() { return this.#pairs.map((pair) => [...pair])[Symbol.iterator](); }
  [Symbol.iterator]() { return this.entries(); }
  toString() { return this.#pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&"); }
}
const WHOLE = /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#@]*)@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?([^?#]*)(\?[^#]*)?(#.*)?$/i;
const USUAL = { "http:": "80", "https:": "443" };
class URL {
  constructor(text, base) {
    let found = WHOLE.exec(String(text).trim());
    if (!found && base !== undefined) {
      const on = new URL(String(base)), rest = String(text);
      const start = rest.startsWith("//") ? on.protocol : rest.startsWith("/") ? on.origin : on.origin + on.pathname.replace(/[^/]*$/, "");
      found = WHOLE.exec(rest.startsWith("?") ? on.origin + on.pathname + rest : start + rest);
    }
    if (!found) throw new TypeError(`Invalid URL: ${text}`);
    const [, scheme, user = "", host, port = "", path, search = "", hash = ""] = found;
    this.protocol = scheme.toLowerCase() + ":";
    [this.username, this.password = ""] = user.split(/:(.*)/s);
    this.hostname = host.toLowerCase();
    this.port = port === USUAL[this.protocol] ? "" : port;
    const parts = [];
    for (const part of (path || "/").split("/").slice(1)) { if (part === "..") parts.pop(); else if (part !== ".") parts.push(part); }
    this.pathname = "/" + parts.join("/");
    this.hash = hash === "#" ? "" : hash;
    this.searchParams = new URLSearchParams(search);
    this.plainSearch = search;
    Object.defineProperty(this, "plainSearch", { enumerable: false });
  }
  get search() { const text = this.searchParams.toString(); return text === new URLSearchParams(this.plainSearch).toString() ? (this.plainSearch === "?" ? "" : this.plainSearch) : text && "?" + text; }
  set search(text) { this.searchParams = new URLSearchParams(text); this.plainSearch = text && (text.startsWith("?") ? text : "?" + text); }
  get host() { return this.hostname + (this.port && ":" + this.port); }
  get origin() { return `${this.protocol}//${this.host}`; }
  get href() {
    const user = this.username && this.username + (this.password && ":" + this.password) + "@";
    return `${this.protocol}//${user}${this.host}${this.pathname}${this.search}${this.hash}`;
  }
  toString() { return this.href; }
  toJSON() { return this.href; }
}
function parse(text, query) {
  const found = new URL(text);
  const { protocol, host, hostname, port, pathname, search, hash, href } = found;
  const auth = found.username ? decode(found.username) + (found.password && ":" + decode(found.password)) : null;
  return { protocol, host, hostname, port: port || null, pathname, search, hash, href, auth, path: pathname + search, query: query ? Object.fromEntries(found.searchParams) : search.slice(1) };
}
module.exports = { URL, URLSearchParams, parse, resolve: (from, to) => new URL(to, from).href, format: (value) => (typeof value === "string" ? value : value.href) };
