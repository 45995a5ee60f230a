// mysql and mysql2: the host speaks to MySQL or MariaDB; values are passed beside the statement, never inside it.
const { ready, read } = require("pg");
const name = (text) => "`" + String(text).replace(/`/g, "``").replace(/\./g, "`.`") + "`";
const isPlain = (value) => value !== null && typeof value === "object" && !(value instanceof Date) && !(value instanceof Uint8Array);
/** `?` for a list, `SET ?` for an object and `??` for a name, as the drivers of Node have it. */
function expanded(text, values) {
  const given = [...values], flat = [];
  const written = text.replace(/'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`[^`]*`|\?\??/g, (mark) => {
    if (mark[0] !== "?" || given.length === 0) return mark;
    const value = given.shift();
    if (mark === "??") return [].concat(value).map(name).join(", ");
    if (Array.isArray(value)) { flat.push(...value); return value.map(() => "?").join(", "); }
    if (!isPlain(value)) { flat.push(value); return "?"; }
    flat.push(...Object.values(value));
    return Object.keys(value).map((each) => `${name(each)} = ?`).join(", ");
  });
  return [written, [...flat, ...given]];
}
class Connection {
  #options;
  #id = null;
  constructor(options) { this.#options = typeof options === "string" ? { connectionString: options } : { ...(options || {}) }; }
  open() {
    const { connectionString, uri, host, port, user, password, database, ssl } = this.#options;
    if (this.#id === null) this.#id = __ask("sql.open", { kind: "mysql", connectionString: connectionString || uri, host, port, user, password, database, ssl: ssl === undefined ? undefined : Boolean(ssl), verify: !(ssl && ssl.rejectUnauthorized === false) });
    return this;
  }
  ask(text, values) {
    this.open();
    const asked = typeof text === "string" ? { sql: text, values } : { values, ...text };
    const [sql, flat] = expanded(asked.sql, asked.values === undefined || asked.values === null ? [] : [].concat(asked.values));
    const found = read(__ask("sql.query", { id: this.#id, text: sql, values: ready(flat) }));
    const fields = found.fields;
    return [fields.length ? found.rows : { affectedRows: found.rowCount, insertId: found.insertId, changedRows: found.rowCount }, fields];
  }
  close() { if (this.#id !== null) __ask("sql.close", this.#id); this.#id = null; }
  connect(callback) { return __later(callback, () => this.open()) && undefined; }
  query(text, values, callback) {
    if (typeof values === "function") return this.query(text, undefined, values);
    let found;
    try { found = this.ask(text, values); } catch (error) { if (callback) setTimeout(callback, 0, error); else throw error; return undefined; }
    if (callback) setTimeout(callback, 0, null, ...found);
    return undefined;
  }
  execute(text, values, callback) { return this.query(text, values, callback); }
  end(callback) { return __later(callback, () => this.close()) && undefined; }
  release() { this.close(); }
  destroy() { this.close(); }
  getConnection(callback) { __later((error) => callback(error, error ? undefined : this), () => this.open()); }
  on() { return this; }
  promise() { return new Promising(this); }
}
class Promising {
  #connection;
  constructor(connection) { this.#connection = connection; }
  async connect() { this.#connection.open(); return this; }
  async query(text, values) { return this.#connection.ask(text, values); }
  async execute(text, values) { return this.#connection.ask(text, values); }
  async getConnection() { this.#connection.open(); return this; }
  async end() { this.#connection.close(); }
  release() { this.#connection.close(); }
  on() { return this; }
}
const createConnection = (options) => new Connection(options);
module.exports = Object.assign(createConnection, { createConnection, createPool: createConnection, Connection, Promising });
