// What a script finds around it: made anew for every run, in a fresh instance of the engine.
// `__host(name, text)` is the one way out; it is taken away from scripts before theirs begins.
(function (root) {
  "use strict";
  const host = root.__host;
  delete root.__host;
  const stringify = JSON.stringify, parse = JSON.parse, slice = Function.prototype.call.bind(String.prototype.slice);
  const { defineProperty, freeze, keys } = Object;
  const P = Promise, E = Error, sourceOf = eval;
  const define = (name, value) => defineProperty(root, name, { value, writable: true, configurable: true });

  /** Ask the host. Answers what it said; its refusals are thrown. */
  function ask(name, request) {
    const answer = parse(host(name, stringify(request === undefined ? null : request)));
    if (answer.error) {
      const error = new E(answer.error.message);
      if (answer.error.code) error.code = answer.error.code;
      throw error;
    }
    return answer.value;
  }
  /** `compute` as something that takes a callback, or answers a promise without one. */
  function later(callback, compute) {
    const work = new P((resolve, reject) => {
      try { resolve(compute()); } catch (error) { reject(error); }
    });
    if (typeof callback !== "function") return work;
    work.then((value) => setTimeout(callback, 0, null, value), (error) => setTimeout(callback, 0, error));
    return undefined;
  }

  // ---- errors of the contract
  function named(name, setUp) {
    const kind = class extends E {
      constructor(...given) { super(); setUp(this, given); defineProperty(this, "name", { value: name }); }
    };
    defineProperty(kind, "name", { value: name });
    define(name, kind);
  }
  named("WrongUsernameOrPasswordError", (e, [user, message]) => { e.user = user; e.message = message || "Wrong email or password."; });
  named("ValidationError", (e, [code, message]) => { e.code = code; e.message = message || String(code); });
  named("UnauthorizedError", (e, [message]) => { e.message = message || "Unauthorized"; });

  // ---- console
  function shown(value, depth) {
    if (typeof value === "string") return value;
    if (value instanceof E) return value.stack ? `${value.name}: ${value.message}` : String(value);
    try {
      const text = stringify(value, (_, each) => (typeof each === "bigint" ? `${each}n` : typeof each === "function" ? "[Function]" : each));
      return text === undefined ? String(value) : text;
    } catch (error) { return depth ? "" : "[Circular]"; }
  }
  let room = 20000;
  const say = (level) => (...values) => {
    if (room <= 0) return;
    const line = slice(values.map((v) => shown(v, 0)).join(" "), 0, 4096);
    room -= line.length + 16;
    host("console", stringify([level, line]));
  };
  define("console", { log: say("log"), info: say("info"), warn: say("warn"), error: say("error"), debug: say("debug"), trace: say("debug"), dir: say("log") });

  // ---- timers
  const timers = new Map();
  let lastTimer = 0, clock = 0;
  function timer(run, ms, values, every) {
    if (typeof run !== "function") throw new TypeError("a function is needed");
    const id = (lastTimer += 1), wait = Math.max(0, +ms || 0);
    timers.set(id, { at: clock + wait, every: every ? Math.max(1, wait) : 0, run, values });
    return id;
  }
  define("setTimeout", (run, ms, ...values) => timer(run, ms, values, false));
  define("setInterval", (run, ms, ...values) => timer(run, ms, values, true));
  define("setImmediate", (run, ...values) => timer(run, 0, values, false));
  for (const name of ["clearTimeout", "clearInterval", "clearImmediate"]) define(name, (id) => { timers.delete(id); });
  define("queueMicrotask", (run) => { P.resolve().then(run); });
  /** Run the next timer. Answers whether there is another; null ends the run. */
  define("__tick", () => {
    let id = 0, next = null;
    for (const [key, each] of timers) if (next === null || each.at < next.at) { id = key; next = each; }
    if (next === null) return false;
    if (next.at > clock) { ask("sleep", next.at - clock); clock = next.at; }
    if (next.every) next.at = clock + next.every; else timers.delete(id);
    try { next.run(...next.values); } catch (error) { finish(error); }
    return true;
  });

  // ---- modules, loaded when they are asked for
  const modules = Object.create(null);
  function load(name) {
    const plain = String(name).replace(/^node:/, "").replace(/@\d[^/]*/, "");
    if (!(plain in modules)) {
      const text = ask("module", plain);
      const module = { exports: {} };
      modules[plain] = module;
      sourceOf(`(function (module, exports, require, __ask, __later) {${text}\n})`)(module, module.exports, load, ask, later);
    }
    return modules[plain].exports;
  }
  define("require", load);
  for (const [name, module, member] of [
    ["Buffer", "buffer", "Buffer"], ["fetch", "fetch", "fetch"], ["Headers", "fetch", "Headers"], ["request", "request"],
    ["bcrypt", "bcrypt"], ["crypto", "crypto"], ["jwt", "jsonwebtoken"], ["URL", "url", "URL"],
    ["URLSearchParams", "url", "URLSearchParams"], ["TextEncoder", "buffer", "TextEncoder"],
    ["TextDecoder", "buffer", "TextDecoder"], ["atob", "buffer", "atob"], ["btoa", "buffer", "btoa"], ["_", "lodash"],
  ]) {
    defineProperty(root, name, {
      configurable: true,
      get() { const found = member ? load(module)[member] : load(module); define(name, found); return found; },
      set(value) { define(name, value); },
    });
  }
  define("process", freeze({ env: freeze({}), version: "v22.0.0", versions: freeze({ node: "22.0.0" }), nextTick: (run, ...v) => { P.resolve().then(() => run(...v)); } }));

  // ---- the run
  let settled = false;
  function plainError(error) {
    if (error === null || typeof error !== "object") return { name: "Error", message: slice(String(error), 0, 2000) };
    const found = { name: slice(String(error.name || "Error"), 0, 100), message: slice(String(error.message || ""), 0, 2000) };
    for (const name of ["code", "user", "statusCode"]) {
      const value = error[name];
      if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") found[name] = value;
    }
    const placed = found.name === "SyntaxError" || found.name === "ReferenceError"; // of others the engine says the first line of the function
    if (placed && error.stack) found.where = slice(String(error.stack), 0, 600);
    return found;
  }
  function finish(error, values) {
    if (settled) return;
    settled = true;
    let text;
    try {
      text = error ? stringify({ error: plainError(error) }) : stringify({ values: values || [], global: cache() });
    } catch (problem) { text = stringify({ error: { name: "TypeError", message: "the result is no JSON: " + slice(String(problem && problem.message), 0, 200) } }); }
    host("done", text);
  }
  function cache() {
    const kept = {};
    let room = 65536;
    for (const name of keys(root.global || {})) {
      let text;
      try { text = stringify(root.global[name]); } catch (error) { continue; }
      if (text === undefined || (room -= text.length + name.length) < 0) continue;
      kept[name] = parse(text);
    }
    return kept;
  }
  function compiled(source, name) {
    try { return sourceOf(`(${source}\n)`); } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const declared = /^\s*(?:async\s+)?function\s*\*?\s*([A-Za-z_$][\w$]*)/m.exec(source);
      let trimmed = source.replace(/(?:\s|;|\/\/[^\n]*(?:\n|$))+$/, "");
      try { return sourceOf(`(${trimmed}\n)`); } catch (again) {
        if (!declared) throw error;
        return sourceOf(`(function () {${source}\n;return ${declared[1]};})()`);
      }
    }
  }
  define("__run", () => {
    const input = ask("input", null);
    define("configuration", freeze(input.configuration || {}));
    define("global", input.global || {});
    for (const name of keys(input.globals || {})) define(name, input.globals[name]);
    try {
      if (input.style === "exports") {
        const module = { exports: {} };
        sourceOf(`(function (module, exports, require) {${input.source}\n})`)(module, module.exports, load);
        const entry = module.exports[input.entry];
        if (typeof entry !== "function") throw new TypeError(`the script exports no function ${input.entry}`);
        P.resolve(entry(...input.args)).then((value) => finish(null, [value === undefined ? null : value]), (error) => finish(error || new E("rejected")));
        return;
      }
      const script = compiled(String(input.source), input.entry);
      if (typeof script !== "function") throw new TypeError("the script is no function");
      const callback = (error, ...values) => { finish(error, values.slice(0, 4)); };
      const going = script(...input.args, callback);
      if (going && typeof going.then === "function") going.then(undefined, (error) => finish(error || new E("rejected")));
    } catch (error) { finish(error || new E("thrown")); }
  });
})(globalThis);
undefined;
