// request: the callback style that older scripts are written in; with no callback it answers a promise of the body.
const { call } = require("fetch");
const { Buffer } = require("buffer");
const querystring = require("querystring");
function made(first, second, third) {
  const options = typeof first === "string" ? { ...(typeof second === "object" ? second : {}), url: first } : { ...first };
  const callback = [second, third].find((each) => typeof each === "function");
  return { options, callback: callback || options.callback };
}
function send(method, options) {
  const headers = { ...(options.headers || {}) };
  const has = (name) => Object.keys(headers).some((each) => each.toLowerCase() === name);
  let url = String(options.url || options.uri);
  if (options.baseUrl) url = String(options.baseUrl).replace(/\/$/, "") + "/" + url.replace(/^\//, "");
  if (options.qs) url += (url.includes("?") ? "&" : "?") + querystring.stringify(options.qs);
  const auth = options.auth;
  if (auth && auth.bearer) headers.authorization = `Bearer ${auth.bearer}`;
  else if (auth) headers.authorization = "Basic " + Buffer.from(`${auth.user ?? auth.username}:${auth.pass ?? auth.password ?? ""}`).toString("base64");
  let body = options.body;
  if (options.form) {
    body = typeof options.form === "string" ? options.form : querystring.stringify(options.form);
    if (!has("content-type")) headers["content-type"] = "application/x-www-form-urlencoded";
  } else if (options.json) {
    if (typeof options.json === "object") body = JSON.stringify(options.json);
    else if (body !== undefined && typeof body !== "string") body = JSON.stringify(body);
    if (!has("accept")) headers.accept = "application/json";
    if (body !== undefined && !has("content-type")) headers["content-type"] = "application/json";
  }
  const answer = call(method || options.method, url, headers, body);
  const bytes = Buffer.from(answer.body, "base64");
  let content = options.encoding === null ? bytes : bytes.toString("utf8");
  if (options.json && typeof content === "string") { try { content = JSON.parse(content); } catch (error) { /* it stays a text */ } }
  return { statusCode: answer.status, headers: answer.headers, body: content };
}
function request(method) {
  return (...given) => {
    const { options, callback } = made(...given);
    if (callback) {
      let response;
      try { response = send(method, options); } catch (error) { setTimeout(callback, 0, error); return undefined; }
      setTimeout(callback, 0, null, response, response.body);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      try {
        const response = send(method, options);
        if (options.simple !== false && (response.statusCode < 200 || response.statusCode > 299)) {
          const error = new Error(`${response.statusCode} - ${JSON.stringify(response.body)}`.slice(0, 1000));
          Object.assign(error, { name: "StatusCodeError", statusCode: response.statusCode, response, error: response.body });
          reject(error);
        } else resolve(options.resolveWithFullResponse ? response : response.body);
      } catch (error) { reject(error); }
    });
  };
}
module.exports = request();
for (const name of ["get", "post", "put", "patch", "head", "options"]) module.exports[name] = request(name);
module.exports.del = module.exports.delete = request("delete");
module.exports.defaults = (usual) => Object.assign((first, second, third) => { const { options, callback } = made(first, second, third); return module.exports({ ...usual, ...options }, callback); }, module.exports);
