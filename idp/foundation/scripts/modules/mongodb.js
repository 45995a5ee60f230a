// mongodb: the host speaks to the server; commands and answers go as Extended JSON. What scripts of databases need of it.
class ObjectId {
  constructor(id) {
    const given = id === undefined || id === null ? hex(require("crypto").randomBytes(12)) : String(id);
    if (!/^[0-9a-fA-F]{24}$/.test(given)) throw new TypeError("an ObjectId has 24 hexadecimal digits");
    this.id = given.toLowerCase();
  }
  toString() { return this.id; }
  toHexString() { return this.id; }
  toJSON() { return this.id; }
  equals(other) { return other !== null && other !== undefined && String(other) === this.id; }
  static isValid(id) { return /^[0-9a-fA-F]{24}$/.test(String(id)); }
}
const hex = (bytes) => Buffer.from(bytes).toString("hex");
function sent(value) {
  if (value === undefined) return null;
  if (value instanceof ObjectId) return { $oid: value.id };
  if (value instanceof Date) return { $date: value.toISOString() };
  if (value instanceof RegExp) return { $regularExpression: { pattern: value.source, options: value.flags.replace(/[^imsx]/g, "") } };
  if (value instanceof Uint8Array) return { $binary: { base64: Buffer.from(value).toString("base64"), subType: "00" } };
  if (typeof value === "bigint") return { $numberLong: String(value) };
  if (Array.isArray(value)) return value.map(sent);
  if (value !== null && typeof value === "object") {
    const made = {};
    for (const name of Object.keys(value)) if (value[name] !== undefined && typeof value[name] !== "function") made[name] = sent(value[name]);
    return made;
  }
  return value;
}
function read(value) {
  if (Array.isArray(value)) return value.map(read);
  if (value === null || typeof value !== "object") return value;
  const names = Object.keys(value);
  if (names.length === 1 || "$binary" in value) {
    const [name] = names;
    if (name === "$oid") return new ObjectId(value.$oid);
    if (name === "$date") return new Date(typeof value.$date === "object" ? Number(value.$date.$numberLong) : value.$date);
    if (name === "$numberInt" || name === "$numberDouble") return Number(value[name]);
    if (name === "$numberLong") return Number.isSafeInteger(Number(value[name])) ? Number(value[name]) : value[name];
    if (name === "$numberDecimal") return value.$numberDecimal;
    if (name === "$binary") return Buffer.from(value.$binary.base64 || value.$binary, "base64");
    if (name === "$uuid") return value.$uuid;
    if (name === "$regularExpression") return new RegExp(value.$regularExpression.pattern, value.$regularExpression.options);
  }
  const made = {};
  for (const name of names) made[name] = read(value[name]);
  return made;
}
class MongoError extends Error { constructor(message, code) { super(message); this.name = "MongoError"; if (code) this.code = code; } }
function last(values) { return typeof values[values.length - 1] === "function" ? values.pop() : undefined; }
class Cursor {
  #db; #name; #command; #read = null;
  constructor(db, name, command) { this.#db = db; this.#name = name; this.#command = command; }
  limit(most) { this.#command.limit = Math.abs(most); return this; }
  skip(most) { this.#command.skip = most; return this; }
  sort(by, way) { this.#command.sort = typeof by === "string" ? { [by]: way === -1 || way === "desc" ? -1 : 1 } : by; return this; }
  project(fields) { this.#command.projection = fields; return this; }
  #all() {
    if (this.#read) return this.#read;
    const answer = this.#db.ask(this.#command);
    let { cursor } = answer;
    const found = [...cursor.firstBatch];
    while (cursor.id && String(cursor.id) !== "0") {
      ({ cursor } = this.#db.ask({ getMore: { $numberLong: String(cursor.id) }, collection: this.#name }));
      found.push(...cursor.nextBatch);
    }
    this.#read = found;
    return found;
  }
  toArray(callback) { return __later(callback, () => this.#all()); }
  next(callback) { return __later(callback, () => this.#all().shift() || null); }
  hasNext(callback) { return __later(callback, () => this.#all().length > 0); }
  forEach(each, callback) { return __later(callback, () => { this.#all().forEach(each); }); }
  close(callback) { return __later(callback, () => undefined); }
  async *[Symbol.asyncIterator]() { yield* this.#all(); }
}
class Collection {
  #db;
  constructor(db, name) { this.#db = db; this.collectionName = name; }
  #written(command) {
    const answer = this.#db.ask(command), [problem] = answer.writeErrors || [];
    if (problem) throw new MongoError(problem.errmsg, problem.code);
    return answer;
  }
  find(query, options) { const { projection, sort, limit, skip } = options || {}; return new Cursor(this.#db, this.collectionName, { find: this.collectionName, filter: query || {}, ...defined({ projection: projection || (options && options.fields), sort, limit, skip }) }); }
  findOne(...values) {
    const callback = last(values), [query, options] = values;
    return __later(callback, () => this.#db.ask({ find: this.collectionName, filter: query || {}, ...defined({ projection: options && (options.projection || options.fields), sort: options && options.sort }), limit: 1, singleBatch: true }).cursor.firstBatch[0] || null);
  }
  aggregate(steps, ...more) { const found = new Cursor(this.#db, this.collectionName, { aggregate: this.collectionName, pipeline: steps, cursor: {} }), callback = last(more); return callback ? callback(null, found) : found; }
  #insert(documents) {
    const whole = documents.map((each) => { if (!("_id" in each)) each._id = new ObjectId(); return each; });
    const answer = this.#written({ insert: this.collectionName, documents: whole });
    const ids = {};
    whole.forEach((each, at) => { ids[at] = each._id; });
    return { acknowledged: true, insertedCount: answer.n, insertedIds: ids, ops: whole, result: { ok: 1, n: answer.n } };
  }
  insertOne(document, ...more) { return __later(last(more), () => { const found = this.#insert([document]); return { ...found, insertedId: found.insertedIds[0] }; }); }
  insertMany(documents, ...more) { return __later(last(more), () => this.#insert(documents)); }
  insert(documents, ...more) { return Array.isArray(documents) ? this.insertMany(documents, ...more) : this.insertOne(documents, ...more); }
  #update(query, change, options, multi) {
    const upsert = Boolean(options && options.upsert);
    const answer = this.#written({ update: this.collectionName, updates: [{ q: query || {}, u: change, multi, upsert }] });
    const [made] = answer.upserted || [];
    return { acknowledged: true, matchedCount: made ? 0 : answer.n, modifiedCount: answer.nModified, upsertedCount: made ? 1 : 0, upsertedId: made ? made._id : null, result: { ok: 1, n: answer.n, nModified: answer.nModified } };
  }
  #changed(multi, query, change, values) { const callback = last(values); return __later(callback, () => this.#update(query, change, values[0], multi)); }
  updateOne(query, change, ...more) { return this.#changed(false, query, change, more); }
  updateMany(query, change, ...more) { return this.#changed(true, query, change, more); }
  replaceOne(query, change, ...more) { return this.#changed(false, query, change, more); }
  update(query, change, ...more) { return this.#changed(Boolean(typeof more[0] === "object" && more[0] && more[0].multi), query, change, more); }
  #delete(query, limit) { const answer = this.#written({ delete: this.collectionName, deletes: [{ q: query || {}, limit }] }); return { acknowledged: true, deletedCount: answer.n, result: { ok: 1, n: answer.n } }; }
  deleteOne(query, ...more) { return __later(last(more), () => this.#delete(query, 1)); }
  deleteMany(query, ...more) { return __later(last(more), () => this.#delete(query, 0)); }
  remove(query, ...more) { const callback = last(more); return __later(callback, () => this.#delete(query, more[0] && (more[0] === true || more[0].justOne || more[0].single) ? 1 : 0)); }
  countDocuments(query, ...more) { const callback = last(more); return __later(callback, () => { const [found] = this.#db.ask({ aggregate: this.collectionName, pipeline: [{ $match: query || {} }, { $group: { _id: 1, n: { $sum: 1 } } }], cursor: {} }).cursor.firstBatch; return found ? found.n : 0; }); }
  count(query, ...more) { return typeof query === "function" ? this.countDocuments({}, query) : this.countDocuments(query, ...more); }
  #modified(query, rest, options) {
    const { sort, projection, upsert, returnOriginal, returnDocument } = options || {};
    const answer = this.#db.ask({ findAndModify: this.collectionName, query: query || {}, ...rest, ...defined({ sort, fields: projection, upsert, new: rest.remove ? undefined : returnOriginal === false || returnDocument === "after" }) });
    return { ok: 1, value: answer.value === undefined ? null : answer.value, lastErrorObject: answer.lastErrorObject };
  }
  findOneAndUpdate(query, change, ...more) { const callback = last(more); return __later(callback, () => this.#modified(query, { update: change }, more[0])); }
  findOneAndReplace(query, change, ...more) { return this.findOneAndUpdate(query, change, ...more); }
  findOneAndDelete(query, ...more) { const callback = last(more); return __later(callback, () => this.#modified(query, { remove: true }, more[0])); }
}
function defined(members) { const found = {}; for (const name of Object.keys(members)) if (members[name] !== undefined) found[name] = members[name]; return found; }
class Db {
  #client;
  constructor(client, name) { this.#client = client; this.databaseName = name; }
  ask(command) { return this.#client.ask(this.databaseName, command); }
  collection(name, ...more) { const found = new Collection(this, name), callback = last(more); if (callback) setTimeout(callback, 0, null, found); return found; }
  command(command, ...more) { return __later(last(more), () => this.ask(command)); }
}
class MongoClient {
  #url; #id = null; #named = "test";
  constructor(url) { this.#url = String(url); const found = /^mongodb:\/\/[^/]*\/([^?]+)/.exec(this.#url); if (found) this.#named = decodeURIComponent(found[1]); }
  #open() { if (this.#id === null) this.#id = __ask("mongo.open", { url: this.#url }); }
  connect(callback) { return __later(callback, () => { this.#open(); return this; }); }
  ask(database, command) {
    this.#open();
    const answer = __ask("mongo.command", { id: this.#id, database, command: JSON.stringify(sent(command)) });
    if (answer.refused) throw new MongoError(answer.refused.message, answer.refused.code);
    return read(JSON.parse(answer.said));
  }
  db(name) { return new Db(this, name || this.#named); }
  collection(name) { return this.db().collection(name); }
  close(...values) { return __later(last(values), () => { if (this.#id !== null) __ask("sql.close", this.#id); this.#id = null; }); }
  static connect(url, ...more) { return new MongoClient(url).connect(last(more)); }
}
module.exports = { MongoClient, ObjectId, ObjectID: ObjectId, MongoError, Long: { fromNumber: (value) => value } };
