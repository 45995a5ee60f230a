// tedious: the older way to SQL Server, over the same host calls as mssql: events, and rows as lists of columns.
const { Line, types } = require("mssql");
class Emitter {
  #heard = {};
  on(name, hear) { (this.#heard[name] = this.#heard[name] || []).push(hear); return this; }
  once(name, hear) { return this.on(name, hear); }
  addListener(name, hear) { return this.on(name, hear); }
  emit(name, ...said) { for (const hear of this.#heard[name] || []) hear(...said); return this; }
  hears(name) { return Boolean(this.#heard[name]); }
}
const soon = (act) => setTimeout(act, 0);
class Connection extends Emitter {
  #line;
  #opened = false;
  constructor(config) {
    super();
    this.config = config || {};
    this.#line = new Line(this.config);
    soon(() => { if (this.hears("connect")) this.connect(); });
  }
  connect(callback) {
    if (callback) this.on("connect", callback);
    if (this.#opened) return;
    this.#opened = true;
    let failed;
    try { this.#line.open(); } catch (error) { failed = error; }
    soon(() => this.emit("connect", failed));
  }
  execSql(request) {
    const { useColumnNames } = this.config.options || {};
    let found;
    try { found = this.#line.ask(request.sqlTextOrProcedure, request.inputs); } catch (error) {
      soon(() => { request.callback(error); request.emit("error", error); });
      return;
    }
    const rows = found.rows.map((row) => {
      const columns = found.fields.map(({ name }) => ({ value: row[name], metadata: { colName: name } }));
      return useColumnNames ? Object.fromEntries(found.fields.map(({ name }, at) => [name, columns[at]])) : columns;
    });
    soon(() => {
      for (const row of rows) request.emit("row", row);
      request.callback(null, found.fields.length ? rows.length : found.rowCount, rows);
      request.emit("requestCompleted");
    });
  }
  execSqlBatch(request) { this.execSql(request); }
  close() { this.#line.close(); soon(() => this.emit("end")); }
}
class Request extends Emitter {
  constructor(text, callback) {
    super();
    this.sqlTextOrProcedure = text;
    this.callback = callback || (() => {});
    this.inputs = new Map();
  }
  addParameter(name, _type, value) { this.inputs.set(String(name).toLowerCase(), value); }
}
module.exports = { Connection, Request, TYPES: types };
