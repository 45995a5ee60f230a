// axios: the parts that scripts use.
const { call } = require("fetch");
const { Buffer } = require("buffer");
const { URLSearchParams } = require("url");
const querystring = require("querystring");
class AxiosError extends Error {
  constructor(message, code, config, response) { super(message); Object.assign(this, { name: "AxiosError", code, config, response, isAxiosError: true }); }
}
function send(config) {
  const headers = { ...(config.headers || {}) };
  const has = (name) => Object.keys(headers).some((each) => each.toLowerCase() === name);
  let url = String(config.url || "");
  if (config.baseURL && !/^[a-z]+:/i.test(url)) url = String(config.baseURL).replace(/\/$/, "") + "/" + url.replace(/^\//, "");
  if (config.params) {
    const query = config.params instanceof URLSearchParams ? config.params.toString() : querystring.stringify(config.params);
    if (query) url += (url.includes("?") ? "&" : "?") + query;
  }
  if (config.auth) headers.authorization = "Basic " + Buffer.from(`${config.auth.username}:${config.auth.password}`).toString("base64");
  let body = config.data;
  if (body !== undefined && body !== null && typeof body === "object" && !(body instanceof URLSearchParams) && !(body instanceof Uint8Array)) {
    body = JSON.stringify(body);
    if (!has("content-type")) headers["content-type"] = "application/json";
  }
  if (!has("accept")) headers.accept = "application/json, text/plain, */*";
  let answer;
  try { answer = call(config.method, url, headers, body); } catch (error) { throw new AxiosError(error.message, error.code || "ERR_NETWORK", config); }
  let data = Buffer.from(answer.body, "base64");
  if (config.responseType !== "arraybuffer") {
    data = data.toString("utf8");
    if (config.responseType !== "text") { try { data = JSON.parse(data); } catch (error) { /* it stays a text */ } }
  }
  const response = { status: answer.status, statusText: "", headers: answer.headers, data, config };
  const fits = config.validateStatus === undefined ? (status) => status >= 200 && status < 300 : config.validateStatus;
  if (fits && !fits(answer.status)) throw new AxiosError(`Request failed with status code ${answer.status}`, answer.status < 500 ? "ERR_BAD_REQUEST" : "ERR_BAD_RESPONSE", config, response);
  return response;
}
function create(usual = {}) {
  const merged = (config) => ({ ...usual, ...config, headers: { ...(usual.headers || {}), ...(config.headers || {}) } });
  const axios = async (first, second = {}) => send(merged(typeof first === "string" ? { ...second, url: first } : first));
  axios.request = axios;
  for (const method of ["get", "delete", "head", "options"]) axios[method] = (url, config = {}) => axios({ ...config, url, method });
  for (const method of ["post", "put", "patch"]) axios[method] = (url, data, config = {}) => axios({ ...config, url, method, data });
  return Object.assign(axios, { create, AxiosError, isAxiosError: (error) => Boolean(error && error.isAxiosError), defaults: usual });
}
module.exports = create();
module.exports.default = module.exports;
module.exports.axios = module.exports;
