// crypto: hashes, keys from passwords, random bytes. The host computes.
const { Buffer, wire } = require("buffer");
const out = (text, encoding) => { const bytes = Buffer.from(text, "base64"); return encoding && encoding !== "buffer" ? bytes.toString(encoding) : bytes; };
class Hash {
  #parts = [];
  #request;
  constructor(request) { this.#request = request; }
  update(value, encoding) { this.#parts.push(typeof value === "string" ? Buffer.from(value, encoding) : Buffer.from(value)); return this; }
  digest(encoding) { return out(__ask("hash", { ...this.#request, data: wire(Buffer.concat(this.#parts)) }), encoding); }
}
const derive = (kind, request) => out(__ask(kind, request));
function pbkdf2Sync(password, salt, iterations, size, algorithm = "sha1") {
  return derive("pbkdf2", { password: wire(password), salt: wire(salt), iterations, size, algorithm });
}
function scryptSync(password, salt, size, { N = 16384, cost = N, r = 8, blockSize = r, p = 1, parallelization = p } = {}) {
  return derive("scrypt", { password: wire(password), salt: wire(salt), size, n: cost, r: blockSize, p: parallelization });
}
function timingSafeEqual(a, b) {
  if (a.length !== b.length) throw new RangeError("Input buffers must have the same byte length");
  let differing = 0;
  for (let i = 0; i < a.length; i += 1) differing |= a[i] ^ b[i];
  return differing === 0;
}
function randomBytes(size, callback) {
  const bytes = out(__ask("random", size));
  if (typeof callback !== "function") return bytes;
  setTimeout(callback, 0, null, bytes);
  return undefined;
}
function randomUUID() {
  const bytes = randomBytes(16);
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
module.exports = {
  createHash: (algorithm) => new Hash({ algorithm }),
  createHmac: (algorithm, key) => new Hash({ algorithm, key: wire(key) }),
  randomBytes, randomUUID, timingSafeEqual, pbkdf2Sync, scryptSync,
  pbkdf2: (password, salt, iterations, size, algorithm, callback) => __later(callback, () => pbkdf2Sync(password, salt, iterations, size, algorithm)),
  scrypt: (password, salt, size, options, callback) => (typeof options === "function" ? __later(options, () => scryptSync(password, salt, size)) : __later(callback, () => scryptSync(password, salt, size, options))),
  randomInt: (low, high) => { const [from, to] = high === undefined ? [0, low] : [low, high]; return from + (randomBytes(6).reduce((sum, byte) => sum * 256 + byte, 0) % (to - from)); },
  getRandomValues: (into) => { into.set(randomBytes(into.length)); return into; },
};
