// util: what callbacks and promises need.
const promisify = (run) => (...values) => new Promise((resolve, reject) => { run(...values, (error, value) => (error ? reject(error) : resolve(value))); });
const callbackify = (run) => (...values) => { const callback = values.pop(); run(...values).then((value) => setTimeout(callback, 0, null, value), (error) => setTimeout(callback, 0, error)); };
const inspect = (value) => (typeof value === "string" ? value : JSON.stringify(value));
const format = (first, ...values) => [typeof first === "string" ? first.replace(/%[sdjo%]/g, (mark) => (mark === "%%" ? "%" : values.length ? (mark === "%j" || mark === "%o" ? JSON.stringify(values.shift()) : String(values.shift())) : mark)) : inspect(first), ...values.map(inspect)].join(" ");
const { TextEncoder, TextDecoder } = require("buffer");
module.exports = { promisify, callbackify, inspect, format, TextEncoder, TextDecoder, isArray: Array.isArray, inherits: (child, parent) => { Object.setPrototypeOf(child.prototype, parent.prototype); } };
