// The proof of work of a form, and the worker that finds it: the same file is both. Nothing leaves this browser but the
// number. Without scripts the form asks a question instead.
(() => {
  "use strict";
  const K = new Uint32Array(64), START = new Uint32Array(8);
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((each) => n % each)) primes.push(n);
  const part = (value) => ((value - Math.floor(value)) * 0x100000000) | 0; // FIPS 180-4: the first bits of the fractions
  primes.forEach((prime, at) => {
    K[at] = part(Math.cbrt(prime));
    if (at < 8) START[at] = part(Math.sqrt(prime));
  });
  const W = new Uint32Array(64);
  // SHA-256 of a text of at most 55 letters of ASCII: one block. Answers the eight words.
  const digest = (text, state) => {
    W.fill(0, 0, 16);
    for (let at = 0; at < text.length; at++) W[at >> 2] |= text.charCodeAt(at) << (24 - 8 * (at & 3));
    W[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
    W[15] = text.length * 8;
    for (let at = 16; at < 64; at++) {
      const x = W[at - 15], y = W[at - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      W[at] = (W[at - 16] + s0 + W[at - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = START;
    for (let at = 0; at < 64; at++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + s1 + ((e & f) ^ (~e & g)) + K[at] + W[at]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, at) => { state[at] = word + START[at]; });
    return state;
  };
  const solve = ({ salt, target, most }) => {
    const wanted = new Uint32Array(8).map((_, at) => parseInt(target.slice(8 * at, 8 * at + 8), 16));
    const state = new Uint32Array(8);
    for (let number = 0; number <= most; number++) {
      digest(salt + number, state);
      if (state[0] === wanted[0] && state.every((word, at) => word === wanted[at])) return number;
    }
    return -1;
  };
  if (typeof document === "undefined") {
    onmessage = (event) => postMessage(solve(event.data));
    return;
  }

  document.querySelectorAll("input[data-arkose]").forEach((input) => { // their script calls this, and solves by itself
    window.arkoseReady = (enforcement) => enforcement.setConfig({
      selector: "#captcha",
      mode: "inline",
      onCompleted: (response) => { input.value = response.token; },
    });
  });
  const outside = document.getElementById("captcha-script"), unreachable = document.getElementById("captcha-unreachable");
  outside?.addEventListener("error", () => { unreachable.hidden = false; }); // a blocker, or a network without it
  const source = document.currentScript.src;
  document.querySelectorAll("input[data-work]").forEach((input) => {
    const { form } = input;
    const status = form.querySelector("[data-checking]");
    let pressed = null;
    const ask = () => { // no worker: the question that those without scripts are asked
      const question = form.querySelector("noscript");
      if (!question) return;
      const box = document.createElement("div");
      box.innerHTML = question.textContent;
      question.replaceWith(box);
    };
    const go = () => {
      delete input.dataset.work;
      status.hidden = true;
      if (pressed) form.requestSubmit(pressed);
    };
    try {
      const worker = new Worker(source);
      worker.onmessage = (event) => {
        worker.terminate();
        if (event.data < 0) ask();
        else input.value = event.data;
        go();
      };
      worker.onerror = () => { ask(); go(); };
      const { salt, target, most } = input.dataset;
      worker.postMessage({ salt, target, most: Number(most) });
    } catch {
      ask();
      delete input.dataset.work;
    }
    document.addEventListener("submit", (event) => { // before the page's own script sees it
      if (event.target !== form || !("work" in input.dataset) || event.submitter?.formNoValidate) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      pressed = event.submitter ?? form.querySelector("button.first");
      status.hidden = false;
    }, true);
  });
})();
