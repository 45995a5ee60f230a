// querystring and qs: flat objects, lists, and one level of brackets.
const { URLSearchParams } = require("url");
function pairs(value, name, out) {
  if (Array.isArray(value)) for (const each of value) pairs(each, name, out);
  else if (value !== null && typeof value === "object") for (const key of Object.keys(value)) pairs(value[key], name ? `${name}[${key}]` : key, out);
  else if (value !== undefined) out.append(name, value === null ? "" : value);
  return out;
}
const stringify = (value) => pairs(value || {}, "", new URLSearchParams()).toString().replace(/\+/g, "%20");
function parse(text) {
  const found = {};
  for (const [name, value] of new URLSearchParams(text)) {
    if (!Object.prototype.hasOwnProperty.call(found, name)) Object.defineProperty(found, name, { value, enumerable: true, writable: true, configurable: true });
    else found[name] = [].concat(found[name], value);
  }
  return found;
}
module.exports = { stringify, parse, encode: stringify, decode: parse, escape: encodeURIComponent, unescape: decodeURIComponent };
