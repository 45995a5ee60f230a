// oauth: signed requests of OAuth 1.0a (RFC 5849 3.4), with what scripts of connections use of node-oauth.
const crypto = require("crypto"), request = require("request");
const encoded = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
function pairs(query) {
  return query.split("&").filter(Boolean).map((each) => {
    const at = each.indexOf("="), read = (text) => decodeURIComponent(text.replace(/\+/g, " "));
    return at < 0 ? [read(each), ""] : [read(each.slice(0, at)), read(each.slice(at + 1))];
  });
}
class OAuth {
  constructor(requestUrl, accessUrl, consumerKey, consumerSecret, version, callback, signatureMethod) {
    Object.assign(this, { consumerKey, consumerSecret, version: version || "1.0", signatureMethod: signatureMethod || "HMAC-SHA1" });
    if (this.signatureMethod !== "HMAC-SHA1" && this.signatureMethod !== "PLAINTEXT") throw new Error(`${this.signatureMethod} is not signed with here`);
  }
  authHeader(url, token, tokenSecret, method, form) {
    const said = [
      ["oauth_consumer_key", this.consumerKey], ["oauth_nonce", crypto.randomBytes(16).toString("hex")],
      ["oauth_signature_method", this.signatureMethod], ["oauth_timestamp", String(Math.floor(Date.now() / 1000))],
      ["oauth_version", this.version], ...(token ? [["oauth_token", token]] : []),
    ];
    said.push(["oauth_signature", this.#signature(url, said, tokenSecret || "", method || "GET", form || [])]);
    return `OAuth ${said.map(([name, value]) => `${name}="${encoded(value)}"`).join(",")}`;
  }
  #signature(url, said, tokenSecret, method, form) {
    const key = `${encoded(this.consumerSecret)}&${encoded(tokenSecret)}`;
    if (this.signatureMethod === "PLAINTEXT") return key;
    const [address, query] = url.split("#")[0].split("?");
    const every = [...said, ...form, ...pairs(query || "")].map(([name, value]) => [encoded(name), encoded(value)]);
    every.sort(([a, b], [c, d]) => (a < c ? -1 : a > c ? 1 : b < d ? -1 : b > d ? 1 : 0));
    const normal = every.map((each) => each.join("=")).join("&");
    return crypto.createHmac("sha1", key).update([method.toUpperCase(), address, normal].map(encoded).join("&")).digest("base64");
  }
  #send(method, url, token, tokenSecret, body, type, callback) {
    const form = body && typeof body === "object" ? Object.keys(body).map((name) => [name, String(body[name])]) : [];
    const headers = { Authorization: this.authHeader(url, token, tokenSecret, method, form) };
    const text = form.length ? form.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join("&") : body || undefined;
    if (text !== undefined) headers["Content-Type"] = form.length ? "application/x-www-form-urlencoded" : type || "application/json";
    request({ method, url, headers, body: text }, (error, response, said) => {
      if (error) return callback(error);
      if (response.statusCode < 200 || response.statusCode > 299) return callback({ statusCode: response.statusCode, data: said }, said, response);
      callback(null, said, response);
    });
  }
  get(url, token, tokenSecret, callback) { this.#send("GET", url, token, tokenSecret, undefined, undefined, callback); }
  delete(url, token, tokenSecret, callback) { this.#send("DELETE", url, token, tokenSecret, undefined, undefined, callback); }
  post(url, token, tokenSecret, body, type, callback) { this.#send("POST", url, token, tokenSecret, body, typeof type === "function" ? undefined : type, typeof type === "function" ? type : callback); }
  put(url, token, tokenSecret, body, type, callback) { this.#send("PUT", url, token, tokenSecret, body, typeof type === "function" ? undefined : type, typeof type === "function" ? type : callback); }
}
module.exports = { OAuth };
