// mssql: the host speaks to SQL Server; `@name` is a value that is passed beside the statement, never inside it.
const { ready, read } = require("pg");
const MARKS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\]|--[^\n]*|\/\*[\s\S]*?\*\/|@@\w+|@\w+|\?/g;
/** `?` for each `@name` that there is a value of. */
function marked(text, inputs) {
  const values = [];
  const written = String(text).replace(MARKS, (mark) => {
    if (mark === "?") throw new Error("a ? is no value here: name it @name, and give it with input()");
    if (mark[0] !== "@" || !inputs.has(mark.slice(1).toLowerCase())) return mark;
    values.push(inputs.get(mark.slice(1).toLowerCase()));
    return "?";
  });
  return [written, values];
}
const yes = (value) => value === true || /^(true|yes|1|strict|mandatory)$/i.test(String(value));
/** `Server=host,1433;Database=d;User Id=u;Password=p;Encrypt=true`. */
function ofText(text) {
  if (/^(mssql|sqlserver):\/\//.test(text)) return { connectionString: text };
  const found = {};
  for (const part of text.split(";")) {
    const at = part.indexOf("=");
    if (at > 0) found[part.slice(0, at).trim().toLowerCase().replace(/\s/g, "")] = part.slice(at + 1).trim().replace(/^"(.*)"$/, "$1");
  }
  const [host, port] = (found.server || found.datasource || found.address || "").replace(/^tcp:/, "").split(",");
  const options = { encrypt: found.encrypt === undefined ? true : yes(found.encrypt), trustServerCertificate: yes(found.trustservercertificate) };
  return { server: host, port: port || found.port, user: found.userid || found.uid || found.user, password: found.password || found.pwd, database: found.database || found.initialcatalog, options };
}
function place(config) {
  const given = typeof config === "string" ? ofText(config) : { ...(config || {}) };
  if (given.connectionString) return { kind: "mssql", ...(/^(mssql|sqlserver):/.test(given.connectionString) ? { connectionString: given.connectionString } : place(given.connectionString)) };
  const options = given.options || {}, credentials = ((given.authentication || {}).options) || {};
  if (options.instanceName) throw new Error("a named instance is not looked up: name its port");
  return { kind: "mssql", host: given.server, port: given.port || options.port, user: given.user || given.userName || credentials.userName, password: given.password || credentials.password, database: given.database || options.database, ssl: options.encrypt === undefined ? true : yes(options.encrypt), verify: !yes(options.trustServerCertificate) };
}
class Line {
  #config;
  #id = null;
  constructor(config) { this.#config = config; }
  open() { if (this.#id === null) this.#id = __ask("sql.open", place(this.#config)); return this; }
  ask(text, inputs) {
    this.open();
    const [sql, values] = marked(text, inputs);
    return read(__ask("sql.query", { id: this.#id, text: sql, values: ready(values) }));
  }
  close() { if (this.#id !== null) __ask("sql.close", this.#id); this.#id = null; }
}
class Request {
  #line;
  #inputs = new Map();
  constructor(from) { this.#line = (from && from.line) || (shared && shared.line); this.parameters = {}; }
  input(name, type, value) {
    const given = arguments.length < 3 ? type : value;
    this.#inputs.set(String(name).toLowerCase(), given);
    this.parameters[name] = { name, value: given };
    return this;
  }
  query(text, callback) {
    if (Array.isArray(text) && text.raw) return this.#tagged([...arguments]);
    return __later(callback, () => this.#ask(text));
  }
  batch(text, callback) { return this.query(text, callback); }
  #tagged([texts, ...values]) {
    values.forEach((value, at) => this.input(`value__${at + 1}`, value));
    const text = texts.reduce((all, part, at) => `${all}@value__${at}${part}`);
    return __later(undefined, () => this.#ask(text));
  }
  #ask(text) {
    if (!this.#line) throw new Error("there is no connection: connect() comes first");
    const found = this.#line.ask(text, this.#inputs);
    const rows = found.fields.length ? found.rows : undefined;
    return { recordset: rows, recordsets: rows ? [rows] : [], rowsAffected: [found.rowCount], output: {} };
  }
}
class ConnectionPool {
  constructor(config, callback) {
    this.line = new Line(config);
    this.connected = false;
    if (callback) this.connect(callback);
  }
  connect(callback) { return __later(callback, () => { this.line.open(); this.connected = true; return this; }); }
  request() { return new Request(this); }
  query(...given) { return this.request().query(...given); }
  batch(...given) { return this.query(...given); }
  close(callback) { return __later(callback, () => { this.line.close(); this.connected = false; }); }
  on() { return this; }
}
let shared = null;
function connect(config, callback) { shared = new ConnectionPool(config); return shared.connect(callback); }
function close(callback) { const old = shared; shared = null; return __later(callback, () => { if (old) old.line.close(); }); }
const query = (...given) => new Request(shared).query(...given);
// types are the database's to find out: a value is sent as what it is
const NAMES = "VarChar NVarChar Char NChar Text NText Xml Int BigInt SmallInt TinyInt Bit Float Real Decimal Numeric Money SmallMoney Date DateTime DateTime2 SmallDateTime DateTimeOffset Time UniqueIdentifier VarBinary Binary Image".split(" ");
const types = {};
for (const name of NAMES) types[name] = Object.assign(() => types[name], { type: name });
module.exports = { ...types, TYPES: types, MAX: 65535, ConnectionPool, Connection: ConnectionPool, Request, connect, close, query, batch: query, on() {}, Line, types };
