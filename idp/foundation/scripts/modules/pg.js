// pg: the host speaks to PostgreSQL, with the values bound by the server. One query at a time per client.
const named = (options) => (typeof options === "string" ? { connectionString: options } : { ...(options || {}) });
class Client {
  #options;
  #id = null;
  constructor(options) { this.#options = named(options); }
  connect(callback) { return __later(callback, () => { this.#open(); return this; }); }
  #open() { if (this.#id === null) this.#id = __ask("sql.open", { kind: "postgresql", ...plain(this.#options) }); }
  query(text, values, callback) {
    if (typeof values === "function") return this.query(text, undefined, values);
    const asked = typeof text === "string" ? { text, values } : { values, ...text };
    return __later(callback, () => { this.#open(); return read(__ask("sql.query", { id: this.#id, text: asked.text, values: ready(asked.values) })); });
  }
  end(callback) { return __later(callback, () => { if (this.#id !== null) __ask("sql.close", this.#id); this.#id = null; }); }
  release() { this.end(); }
  on() { return this; }
}
function plain(options) {
  const { connectionString, host, port, user, password, database, ssl } = options;
  return { connectionString, host, port, user, password, database, ssl: ssl === undefined ? undefined : Boolean(ssl), verify: !(ssl && ssl.rejectUnauthorized === false) };
}
const ready = (values) => [].concat(values === undefined || values === null ? [] : values).map((value) => (value instanceof Date ? value.toISOString() : value === undefined ? null : value instanceof Uint8Array ? { bytes: require("buffer").wire(value) } : value));
/** Bytes of an answer as Buffers. */
function read(found) {
  for (const row of found.rows) for (const name of Object.keys(row)) if (row[name] && row[name].$bytes !== undefined) row[name] = Buffer.from(row[name].$bytes, "base64");
  return found;
}
class Pool extends Client {
  connect(callback) {
    if (typeof callback !== "function") return super.connect();
    super.connect((error) => callback(error, error ? undefined : this, () => this.end()));
    return undefined;
  }
}
/** The old style: `pg.connect(url, (error, client, done) => ...)`. */
function connect(options, callback) {
  const client = new Client(options);
  client.connect((error) => callback(error, error ? undefined : client, () => client.end()));
}
module.exports = { Client, Pool, connect, ready, read, defaults: {}, types: { setTypeParser() {} } };
