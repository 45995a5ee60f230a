// lodash: the functions that scripts of this kind use.
const parts = (path) => (Array.isArray(path) ? path.map(String) : String(path).replace(/\[(\w+)\]/g, ".$1").split(".").filter(Boolean));
const isObject = (value) => value !== null && (typeof value === "object" || typeof value === "function");
const isPlainObject = (value) => isObject(value) && [null, Object.prototype].includes(Object.getPrototypeOf(value));
const BARRED = new Set(["__proto__", "constructor", "prototype"]);
const own = (value, name) => Object.prototype.hasOwnProperty.call(value, name);
function get(value, path, missing) {
  let found = value;
  for (const name of parts(path)) { if (found === null || found === undefined) return missing; found = found[name]; }
  return found === undefined ? missing : found;
}
function set(value, path, content) {
  const names = parts(path);
  let at = value;
  names.forEach((name, index) => {
    if (BARRED.has(name)) throw new TypeError("no such path");
    if (index === names.length - 1) at[name] = content;
    else { if (!isObject(at[name])) at[name] = /^\d+$/.test(names[index + 1]) ? [] : {}; at = at[name]; }
  });
  return value;
}
function has(value, path) {
  let found = value;
  for (const name of parts(path)) { if (!isObject(found) || !own(found, name)) return false; found = found[name]; }
  return true;
}
const by = (test) => (typeof test === "function" ? test : Array.isArray(test) ? (value) => isEqual(get(value, test[0]), test[1]) : isObject(test) ? (value) => Object.keys(test).every((name) => isEqual(get(value, name), test[name])) : (value) => get(value, test));
const list = (value) => (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : typeof value === "string" ? [...value] : []);
function isEqual(a, b) {
  if (Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  if (a instanceof Date && b instanceof Date) return +a === +b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => own(b, name) && isEqual(a[name], b[name]));
}
const cloneDeep = (value) => (Array.isArray(value) ? value.map(cloneDeep) : value instanceof Date ? new Date(value) : isPlainObject(value) ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cloneDeep(each)])) : value);
function merge(target, ...sources) {
  for (const source of sources) for (const name of Object.keys(source || {})) {
    if (BARRED.has(name)) continue;
    if (isPlainObject(source[name])) target[name] = merge(isObject(target[name]) ? target[name] : {}, source[name]);
    else if (source[name] !== undefined) target[name] = cloneDeep(source[name]);
  }
  return target;
}
const names = (given) => given.flat(Infinity).map(String);
const words = (text) => String(text).normalize("NFD").replace(/[\u0300-\u036f]/g, "").match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) || [];
const upperFirst = (text) => String(text).charAt(0).toUpperCase() + String(text).slice(1);
const isEmpty = (value) => value === null || value === undefined || (typeof value === "string" || Array.isArray(value) ? value.length === 0 : value instanceof Map || value instanceof Set ? value.size === 0 : isObject(value) ? Object.keys(value).length === 0 : true);
const group = (value, test, put) => { const key = by(test), found = {}; for (const each of list(value)) put(found, String(key(each)), each); return found; };
const uniqBy = (value, test) => { const key = by(test), seen = new Set(); return list(value).filter((each) => !seen.has(key(each)) && seen.add(key(each))); };
const sortBy = (value, ...tests) => { const keys = tests.flat().map(by); return [...list(value)].sort((a, b) => { for (const key of keys) { if (key(a) < key(b)) return -1; if (key(a) > key(b)) return 1; } return 0; }); };
const lodash = {
  get, set, has, isEqual, cloneDeep, merge, isObject, isPlainObject, isEmpty, uniqBy, sortBy, upperFirst,
  pick: (value, ...given) => Object.fromEntries(names(given).filter((name) => value && name in value).map((name) => [name, value[name]])),
  omit: (value, ...given) => Object.fromEntries(Object.entries(value || {}).filter(([name]) => !names(given).includes(name))),
  pickBy: (value, test = (each) => each) => Object.fromEntries(Object.entries(value || {}).filter(([name, each]) => test(each, name))),
  omitBy: (value, test = (each) => each) => Object.fromEntries(Object.entries(value || {}).filter(([name, each]) => !test(each, name))),
  map: (value, test) => list(value).map((each, index) => by(test)(each, index)),
  filter: (value, test) => list(value).filter((each) => by(test)(each)),
  reject: (value, test) => list(value).filter((each) => !by(test)(each)),
  find: (value, test) => list(value).find((each) => by(test)(each)),
  findIndex: (value, test) => list(value).findIndex((each) => by(test)(each)),
  some: (value, test = (each) => each) => list(value).some((each) => by(test)(each)),
  every: (value, test = (each) => each) => list(value).every((each) => by(test)(each)),
  forEach: (value, run) => { if (Array.isArray(value)) value.forEach(run); else Object.entries(value || {}).forEach(([name, each]) => run(each, name)); return value; },
  reduce: (value, run, start) => (Array.isArray(value) ? value.reduce(run, start) : Object.entries(value || {}).reduce((sum, [name, each]) => run(sum, each, name), start)),
  includes: (value, wanted) => (typeof value === "string" ? value.includes(wanted) : list(value).includes(wanted)),
  groupBy: (value, test) => group(value, test, (found, key, each) => { (found[key] = found[key] || []).push(each); }),
  keyBy: (value, test) => group(value, test, (found, key, each) => { found[key] = each; }),
  uniq: (value) => [...new Set(list(value))],
  union: (...lists) => [...new Set(lists.flat())],
  difference: (value, ...others) => list(value).filter((each) => !others.flat().includes(each)),
  intersection: (first, ...others) => list(first).filter((each) => others.every((other) => other.includes(each))),
  flatten: (value) => list(value).flat(), flattenDeep: (value) => list(value).flat(Infinity), compact: (value) => list(value).filter(Boolean),
  first: (value) => list(value)[0], head: (value) => list(value)[0], last: (value) => list(value).at(-1), size: (value) => list(value).length,
  chunk: (value, size = 1) => Array.from({ length: Math.ceil(value.length / size) }, (_, index) => value.slice(index * size, (index + 1) * size)),
  range: (start, end, step = 1) => { const [from, to] = end === undefined ? [0, start] : [start, end]; return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, index) => from + index * step); },
  keys: (value) => Object.keys(value || {}), values: (value) => Object.values(value || {}), toPairs: (value) => Object.entries(value || {}), fromPairs: (value) => Object.fromEntries(value),
  mapValues: (value, test) => Object.fromEntries(Object.entries(value || {}).map(([name, each]) => [name, by(test)(each, name)])),
  mapKeys: (value, test) => Object.fromEntries(Object.entries(value || {}).map(([name, each]) => [by(test)(each, name), each])),
  assign: Object.assign, extend: Object.assign, clone: (value) => (Array.isArray(value) ? [...value] : isObject(value) ? { ...value } : value),
  defaults: (value, ...others) => { for (const other of others) for (const name of Object.keys(other || {})) if (value[name] === undefined) value[name] = other[name]; return value; },
  isString: (value) => typeof value === "string", isNumber: (value) => typeof value === "number", isBoolean: (value) => typeof value === "boolean", isArray: Array.isArray,
  isFunction: (value) => typeof value === "function", isNil: (value) => value === null || value === undefined, isUndefined: (value) => value === undefined, isNull: (value) => value === null,
  trim: (text) => String(text ?? "").trim(), toLower: (text) => String(text ?? "").toLowerCase(), toUpper: (text) => String(text ?? "").toUpperCase(), toString: (value) => String(value ?? ""),
  startsWith: (text, start) => String(text).startsWith(start), endsWith: (text, end) => String(text).endsWith(end),
  capitalize: (text) => upperFirst(String(text).toLowerCase()), camelCase: (text) => words(text).map((word, index) => (index ? upperFirst(word.toLowerCase()) : word.toLowerCase())).join(""),
  snakeCase: (text) => words(text).map((word) => word.toLowerCase()).join("_"), kebabCase: (text) => words(text).map((word) => word.toLowerCase()).join("-"),
  noop: () => undefined, identity: (value) => value, constant: (value) => () => value, times: (count, run) => Array.from({ length: count }, (_, index) => run(index)),
  once: (run) => { let done = false, value; return (...given) => { if (!done) { done = true; value = run(...given); } return value; }; },
};
module.exports = lodash;
