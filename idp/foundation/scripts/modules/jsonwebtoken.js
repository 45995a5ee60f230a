// jsonwebtoken: HS256, HS384 and HS512.
const { Buffer } = require("buffer");
const crypto = require("crypto");
const HASHES = { HS256: "sha256", HS384: "sha384", HS512: "sha512" };
class JsonWebTokenError extends Error { constructor(message) { super(message); this.name = "JsonWebTokenError"; } }
class TokenExpiredError extends JsonWebTokenError { constructor(message, at) { super(message); this.name = "TokenExpiredError"; this.expiredAt = at; } }
class NotBeforeError extends JsonWebTokenError { constructor(message, at) { super(message); this.name = "NotBeforeError"; this.date = at; } }
const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const signature = (text, key, algorithm) => crypto.createHmac(HASHES[algorithm], key).update(text).digest();
const UNITS = { s: 1, m: 60, h: 3600, d: 86400, w: 604800, y: 31557600 };
function seconds(value) {
  if (typeof value === "number") return value;
  const found = /^(\d+(?:\.\d+)?)\s*(s|m|h|d|w|y)?/.exec(String(value));
  if (!found) throw new JsonWebTokenError("a span of time is a number of seconds or a text such as \"1h\"");
  return Math.floor(found[2] ? found[1] * UNITS[found[2]] : found[1] / 1000);
}
function sign(payload, key, options, callback) {
  if (typeof options === "function") return sign(payload, key, {}, options);
  return callback ? __later(callback, () => signed(payload, key, options || {})) : signed(payload, key, options || {});
}
function signed(payload, key, options) {
  const algorithm = options.algorithm || "HS256";
  if (!HASHES[algorithm]) throw new JsonWebTokenError(`the algorithm ${algorithm} is not available here`);
  if (!key) throw new JsonWebTokenError("secretOrPrivateKey must have a value");
  const now = Math.floor(Date.now() / 1000);
  const claims = typeof payload === "string" ? payload : { ...payload };
  if (typeof claims === "object") {
    if (!options.noTimestamp && claims.iat === undefined) claims.iat = now;
    if (options.expiresIn !== undefined) claims.exp = (claims.iat || now) + seconds(options.expiresIn);
    if (options.notBefore !== undefined) claims.nbf = (claims.iat || now) + seconds(options.notBefore);
    for (const [name, claim] of [["audience", "aud"], ["issuer", "iss"], ["subject", "sub"], ["jwtid", "jti"]]) if (options[name] !== undefined) claims[claim] = options[name];
  }
  const header = { alg: algorithm, typ: "JWT", ...(options.keyid ? { kid: options.keyid } : {}), ...(options.header || {}) };
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${signature(text, key, algorithm).toString("base64url")}`;
}
function decode(token, options = {}) {
  const parts = String(token).split(".");
  if (parts.length !== 3) return null;
  try {
    const [header, payload] = parts.slice(0, 2).map((each) => JSON.parse(Buffer.from(each, "base64url").toString()));
    return options.complete ? { header, payload, signature: parts[2] } : payload;
  } catch (error) { return null; }
}
function verified(token, key, options) {
  const found = decode(token, { complete: true });
  if (!found) throw new JsonWebTokenError("jwt malformed");
  const { header, payload } = found;
  const allowed = options.algorithms || Object.keys(HASHES);
  if (!HASHES[header.alg] || !allowed.includes(header.alg)) throw new JsonWebTokenError("invalid algorithm");
  if (!key) throw new JsonWebTokenError("secret or public key must be provided");
  const [head, body, proof] = String(token).split(".");
  const expected = signature(`${head}.${body}`, key, header.alg), given = Buffer.from(proof, "base64url");
  if (given.length !== expected.length || !crypto.timingSafeEqual(given, expected)) throw new JsonWebTokenError("invalid signature");
  const now = options.clockTimestamp || Math.floor(Date.now() / 1000), skew = options.clockTolerance || 0;
  if (payload.nbf !== undefined && !options.ignoreNotBefore && payload.nbf > now + skew) throw new NotBeforeError("jwt not active", new Date(payload.nbf * 1000));
  if (payload.exp !== undefined && !options.ignoreExpiration && now >= payload.exp + skew) throw new TokenExpiredError("jwt expired", new Date(payload.exp * 1000));
  const one = (wanted, said) => [].concat(wanted).some((each) => [].concat(said).some((value) => (each instanceof RegExp ? each.test(value) : each === value)));
  if (options.audience !== undefined && !one(options.audience, payload.aud)) throw new JsonWebTokenError(`jwt audience invalid. expected: ${options.audience}`);
  if (options.issuer !== undefined && !one(options.issuer, payload.iss)) throw new JsonWebTokenError(`jwt issuer invalid. expected: ${options.issuer}`);
  if (options.subject !== undefined && payload.sub !== options.subject) throw new JsonWebTokenError(`jwt subject invalid. expected: ${options.subject}`);
  return options.complete ? found : payload;
}
function verify(token, key, options, callback) {
  if (typeof options === "function") return verify(token, key, {}, options);
  return callback ? __later(callback, () => verified(token, key, options || {})) : verified(token, key, options || {});
}
module.exports = { sign, verify, decode, JsonWebTokenError, TokenExpiredError, NotBeforeError };
