// Comforts of the dashboard. Every page works without this file; nothing here decides anything.
(() => {
  "use strict";
  const root = document.documentElement;
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const say = (text) => { one("#said").textContent = text; };
  root.classList.add("js");
  one(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  const side = one(".side"), here = one("[aria-current]", side);
  if (here && here.offsetTop + 80 > side.clientHeight) side.scrollTop = here.offsetTop - side.clientHeight / 2;

  // ---- leaving with something unsaved
  const state = (form) => new URLSearchParams(new FormData(form)).toString();
  let guarded = [];
  let leaving = false;
  const dirty = () => guarded.some(({ form, before }) => form.isConnected && state(form) !== before);
  addEventListener("beforeunload", (event) => { if (!leaving && dirty()) event.preventDefault(); });

  const guard = (form) => {
    // what came back with problems or a row more, or is filled in from elsewhere, was never saved
    const unsaved = "unsaved" in form.dataset || one("#problems, [data-unsaved]", form) || one("#notice[data-unsaved]");
    const before = unsaved ? "" : state(form);
    guarded.push({ form, before });
    const bar = one("[data-changed]", form);
    const look = () => { if (bar) bar.textContent = state(form) === before ? "" : bar.dataset.one; };
    form.addEventListener("input", look);
    form.addEventListener("change", look);
    look();
    form.addEventListener("submit", (event) => {
      const frame = event.submitter?.formTarget; // what is typed is shown there, and stays typed
      if (frame) return "draws" in form.dataset || one(`iframe[name="${frame}"]`)?.scrollIntoView({ block: "nearest" });
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "1";
      leaving = true;
      setTimeout(() => { delete form.dataset.sent; leaving = false; }, 15000);
      const button = event.submitter;
      if (button?.dataset.busy) setTimeout(() => {
        button.setAttribute("aria-busy", "true");
        button.textContent = button.dataset.busy;
      });
    });
    all("[data-discard]", form).forEach((link) => link.addEventListener("click", () => { leaving = true; }));
  };
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // ---- what a part of a page needs when it is new
  const wake = (part) => {
    all("[data-copy]", part).forEach((button) => { button.hidden = !navigator.clipboard; });
    all("time[data-local]", part).forEach((time) => {
      const moment = new Date(time.dateTime);
      if (isNaN(moment)) return;
      const whole = moment.toLocaleString(root.lang, { dateStyle: "medium", timeStyle: "short" });
      const now = new Date();
      const brief = moment.toDateString() === now.toDateString() ? { timeStyle: "short" }
        : moment.getFullYear() === now.getFullYear() ? { month: "short", day: "numeric" } : { dateStyle: "medium" };
      time.title = time.dataset.local ? whole : moment.toISOString();
      const minute = brief.dateStyle ? { dateStyle: "medium", timeStyle: "short" } : { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" };
      const kinds = { brief, minute };
      time.textContent = time.dataset.local in kinds ? moment.toLocaleString(root.lang, kinds[time.dataset.local]) : whole;
    });
    all("form[data-guard]", part).forEach(guard);
    all("form[data-live]", part).forEach((form) => {
      let waiting;
      const go = () => swap(address(form));
      form.addEventListener("submit", (event) => { event.preventDefault(); go(); });
      form.addEventListener("change", (event) => { if (event.target.type !== "search") go(); });
      form.addEventListener("input", (event) => {
        if (event.target.type !== "search") return;
        clearTimeout(waiting);
        waiting = setTimeout(go, 250);
      });
    });
    all("form[data-bulk]", part).forEach(picking);
    all("[data-poll]", part).forEach((each) => setTimeout(() => poll(each), Number(each.dataset.poll)));
    all("[data-order]", part).forEach(ordering);
    all("[data-entries]", part).forEach(entering);
    all("[data-column]", part).forEach((box) => box.addEventListener("change", () => {
      const names = all("[data-column]:checked").map((each) => each.value);
      one("[data-columns]").value = names.join(",") || "-";
    }));
  };
  // ---- many rows at once: the bar is there once something is ticked
  const picking = (form) => {
    const every = one("[data-every]", form), whole = one("[data-all]", form), words = one("[data-picked]", form);
    const look = () => {
      const boxes = all("[data-pick]", form), picked = boxes.filter((each) => each.checked).length;
      if (every) {
        every.checked = picked > 0 && picked === boxes.length;
        every.indeterminate = picked > 0 && picked < boxes.length;
      }
      form.classList.toggle("picked", picked > 0 || Boolean(whole?.checked));
      if (words) words.textContent = picked ? words.dataset.picked.replace("#", picked) : "";
    };
    if (every) every.hidden = false;
    every?.addEventListener("change", () => { all("[data-pick]", form).forEach((each) => { each.checked = every.checked; }); });
    form.addEventListener("change", look);
    look();
  };

  // ---- values in an order: the buttons move them here, and so does the mouse; the form sends the same
  const ordering = (box) => {
    const list = one("ol", box), kept = one("input[type=hidden]", box);
    let held = null;
    const told = () => {
      kept.value = all("li", list).map((each) => each.dataset.value).join("\n");
      kept.dispatchEvent(new Event("input", { bubbles: true }));
    };
    box.addEventListener("click", (event) => {
      const button = event.target.closest("button[name='desk.move']"), row = button?.closest("li");
      const step = button?.value.split("|").pop();
      if (!row || step === "out") return;
      event.preventDefault();
      const other = step === "up" ? row.previousElementSibling : row.nextElementSibling;
      if (other) step === "up" ? other.before(row) : other.after(row);
      (getComputedStyle(button).visibility === "hidden" ? one(`[value$="|${step === "up" ? "down" : "up"}"]`, row) : button).focus();
      told();
    });
    all("li", list).forEach((row) => { row.draggable = true; });
    list.addEventListener("dragstart", (event) => { held = event.target.closest("li"); held?.classList.add("held"); event.dataTransfer.effectAllowed = "move"; });
    list.addEventListener("dragover", (event) => {
      const over = event.target.closest("li");
      if (!held || !over) return;
      event.preventDefault();
      if (over === held) return;
      const box = over.getBoundingClientRect();
      event.clientY > box.top + box.height / 2 ? over.after(held) : over.before(held);
    });
    list.addEventListener("drop", (event) => event.preventDefault());
    list.addEventListener("dragend", () => { held?.classList.remove("held"); held = null; told(); });
  };

  // ---- rows of a map: one more, one less; an empty one counts for nothing, so that the form sends the same
  const entering = (box) => box.addEventListener("click", (event) => {
    const button = event.target.closest("button[name='desk.move']");
    if (!button) return;
    event.preventDefault();
    const rows = all(".entry", box), inputs = (row) => all("input, textarea, select", row);
    if (button.value.endsWith("|out")) {
      const row = button.closest(".entry"), seen = rows.filter((each) => !each.hidden && each !== row);
      inputs(row).forEach((each) => { each.type === "checkbox" ? each.checked = false : each.value = ""; });
      if (seen.length) row.hidden = true;
      inputs(seen.at(-1) ?? row)[0].focus();
    } else {
      const last = rows.at(-1), at = Number(last.dataset.entry) + 1, row = last.cloneNode(true);
      const renamed = (text) => text.replace(`[${at - 1}]`, `[${at}]`).replace(`|${at - 1}|`, `|${at}|`).replace(`-${at - 1}-`, `-${at}-`);
      all("[id], [name], [for], [value]", row).forEach((each) => ["id", "name", "for", "value"].forEach((what) => {
        if (each.hasAttribute(what) && (what !== "value" || each === one("button", row))) each.setAttribute(what, renamed(each.getAttribute(what)));
      }));
      row.dataset.entry = at;
      row.hidden = false;
      inputs(row).forEach((each) => { each.type === "checkbox" ? each.checked = false : each.value = ""; });
      last.after(row);
      inputs(row)[0].focus();
    }
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // ---- what goes on by itself
  const poll = async (region) => {
    if (!region.isConnected) return;
    if (document.hidden) return void setTimeout(() => poll(region), Number(region.dataset.poll));
    await swap(location.href, false, "poll");
  };
  const address = (form) => {
    const url = new URL(form.action);
    for (const [name, value] of new FormData(form)) if (value && !(name === "cols" && !touched(form))) url.searchParams.set(name, value);
    return url;
  };
  const touched = (form) => one("[data-columns]", form)?.value !== one("[data-columns]", form)?.defaultValue || new URL(location).searchParams.has("cols");

  // ---- a region of the page, anew
  let asked = 0;
  const fetched = async (url, by = "region") => {
    const answer = await fetch(url, { headers: { "X-Desk": by }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };
  const swap = async (url, push = true, by = "region") => {
    const turn = ++asked;
    try {
      const page = await fetched(url, by);
      if (turn !== asked) return;
      const region = one("[data-region]");
      const fresh = one("[data-region]", page);
      if (!region || !fresh || region.id !== fresh.id) return location.assign(url);
      const focus = document.activeElement?.id;
      const typed = document.activeElement?.value;
      const open = all("details[open]", region).map((each) => each.className);
      region.replaceWith(fresh);
      const heading = one(".heading", page);
      if (heading) one(".heading").replaceWith(heading);
      open.forEach((name) => { const each = one(`details.${CSS.escape(name)}`, fresh); if (each) each.open = true; });
      if (push) history.pushState({ desk: 1 }, "", url);
      wake(fresh);
      const again = focus && document.getElementById(focus);
      if (again) {
        again.focus();
        if (again.type === "search") { again.value = typed; again.setSelectionRange(typed.length, typed.length); }
      }
      say(`${one(".heading h1")?.textContent ?? ""} ${one(".count")?.textContent ?? ""}`);
    } catch {
      location.assign(url); // signed out, or away: the page itself says so
    }
  };
  addEventListener("popstate", () => { if (one("#list[data-region]")) swap(location.href, false); });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("#list .pages a, #list th a, #list .chips a");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    swap(link.href).then(() => scrollTo({ top: 0 }));
  });

  // ---- what can be taken back for half a minute
  const fleeting = one("#notice form[data-for]");
  if (fleeting) setTimeout(() => fleeting.remove(), Number(fleeting.dataset.for));

  // ---- copy, and menus that fold
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (button) {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.classList.add("copied");
      say(button.dataset.said);
      setTimeout(() => button.classList.remove("copied"), 1600);
    }
    all("details:is(.own, .columns)[open]").forEach((each) => { if (!each.contains(event.target)) each.open = false; });
  });

  // ---- the end of the log: asked for again every two seconds, without gaps and repeats
  const tail = one("[data-tail]");
  if (tail) {
    const words = one("#tail-state"), pause = one("#tail-pause"), rows = one("tbody", tail);
    const KEPT = 500, LONGEST_HIDDEN = 600000;
    let next = tail.dataset.tail, paused = false, stopped = false, hiddenSince = 0;
    const tell = () => { words.textContent = words.dataset[stopped ? "stopped" : paused ? "paused" : "live"]; };
    const ask = async () => {
      if (paused || stopped) return;
      if (document.hidden) {
        hiddenSince ||= Date.now();
        if (Date.now() - hiddenSince > LONGEST_HIDDEN) { stopped = true; pause.textContent = pause.dataset.off; return tell(); }
      } else hiddenSince = 0;
      let whole = false;
      try {
        const answer = await fetch(next, { headers: { "X-Desk": "tail" }, credentials: "same-origin" });
        if (answer.redirected || answer.status === 403) return location.reload(); // signed out: the page itself says so
        if (answer.status === 200) {
          const found = one("[data-tail]", new DOMParser().parseFromString(await answer.text(), "text/html"));
          const fresh = all("[data-row]", found).filter((row) => !document.getElementById(row.id));
          fresh.forEach((row) => wake(row));
          rows.prepend(...fresh);
          all("[data-row]", rows).slice(KEPT).forEach((row) => row.remove());
          next = found.dataset.tail;
          whole = "whole" in found.dataset;
        }
      } catch { /* away for a moment: the same is asked for again */ }
      setTimeout(ask, whole ? 0 : Number(tail.dataset.every));
    };
    pause.hidden = false;
    pause.addEventListener("click", () => {
      paused = !(paused || stopped);
      stopped = false;
      hiddenSince = 0;
      pause.textContent = paused ? pause.dataset.off : pause.dataset.on;
      tell();
      if (!paused) ask();
    });
    setTimeout(ask, Number(tail.dataset.every));
  }

  // ---- the palette
  let palette;
  const openPalette = () => {
    const form = one("#palette");
    if (!palette) {
      palette = document.createElement("dialog");
      palette.setAttribute("aria-label", one("#palette-q").getAttribute("aria-label"));
      const find = document.createElement("form");
      find.className = "find";
      find.action = form.action;
      find.append(one(".glyph", form).cloneNode(true));
      const input = one("#palette-q").cloneNode();
      input.id = "palette-input";
      find.append(input, Object.assign(document.createElement("input"), { type: "hidden", name: "go", value: "1" }));
      const results = document.createElement("div");
      results.className = "results";
      palette.append(find, results);
      document.body.append(palette);
      let waiting, turn = 0;
      input.addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(async () => {
          const mine = ++turn;
          const url = new URL(form.action);
          url.searchParams.set("q", input.value);
          const page = await fetched(url).catch(() => null);
          if (mine !== turn || !page) return;
          results.replaceChildren(...(one("#results", page)?.childNodes ?? []));
          one("[data-hit]", results)?.classList.add("at");
        }, 140);
      });
      palette.addEventListener("keydown", (event) => {
        const hits = all("[data-hit]", results);
        const at = hits.findIndex((each) => each.classList.contains("at"));
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
          event.preventDefault();
          const next = (at + (event.key === "ArrowDown" ? 1 : -1) + hits.length) % (hits.length || 1);
          hits.forEach((each, index) => each.classList.toggle("at", index === next));
          hits[next]?.scrollIntoView({ block: "nearest" });
          if (hits[next]) say(hits[next].textContent);
        } else if (event.key === "Enter" && at >= 0 && event.target === input) {
          event.preventDefault();
          hits[at].click();
        }
      });
      palette.addEventListener("click", (event) => { if (event.target === palette) palette.close(); });
    }
    if (!palette.open) palette.showModal();
    one("#palette-input").select();
  };

  // ---- waiting for something to happen elsewhere
  const awaited = one("[data-awaits]");
  const look = async () => {
    const now = one("[data-awaits]", await fetched(location.href, "poll").catch(() => document));
    if (now && now !== awaited) awaited.replaceChildren(...now.childNodes);
    wake(awaited);
    if (!one(".state.good", awaited)) setTimeout(look, document.hidden ? 15000 : 3000);
  };
  if (awaited && !one(".state.good", awaited)) setTimeout(look, 3000);

  // ---- the preview wears what is typed
  document.addEventListener("change", (event) => {
    const frame = one("iframe[data-preview]");
    const [, name] = /^(?:colors\.)?(primary|page_background|logo_url)$/.exec(event.target.name ?? "") ?? [];
    if (!frame || !name) return;
    const url = new URL(frame.src);
    url.searchParams.set(name, event.target.value);
    frame.src = url;
  });

  // ---- so does one that a form is sent to
  document.addEventListener("change", (event) => {
    const show = one("button[formtarget]", event.target.closest?.("form[data-draws] .section") ?? document.createElement("p"));
    if (show) show.form.requestSubmit(show);
  });

  // ---- keys
  const typing = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const places = { h: "#nav-home", a: "#nav-apps", u: "#nav-users", l: "#nav-logs", o: "#nav-organizations" };
  let going = 0;
  const move = (step) => {
    const rows = all("[data-row]");
    const at = rows.findIndex((row) => row.classList.contains("at"));
    const next = Math.min(Math.max(at + step, 0), rows.length - 1);
    rows.forEach((row, index) => row.classList.toggle("at", index === next));
    one("a.to", rows[next] ?? document)?.focus();
    rows[next]?.scrollIntoView({ block: "nearest" });
  };
  const keys = {
    "/": () => (one("[data-search]") ?? one("#palette-q")).focus(),
    "?": () => one("#help-link").click(),
    j: () => move(1),
    k: () => move(-1),
    x: () => one("[data-row].at input[type=checkbox]")?.click(),
    e: () => (one("#main form[data-guard] :is(input:not([type=hidden]), textarea, select)") ?? one("#tab-settings"))?.[one("#main form[data-guard]") ? "focus" : "click"](),
    c: () => one("[data-key=c]")?.click(),
    g: () => { going = Date.now(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    const off = root.dataset.keys === "off";
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !off) {
      if (event.key === "k") { event.preventDefault(); openPalette(); }
      if (event.key === "s") {
        const save = one("#main form[data-guard] button[type=submit].first");
        if (save) { event.preventDefault(); save.form.requestSubmit(save); }
      }
      return;
    }
    if (event.key === "Escape") {
      const open = one("details:is(.own, .columns)[open]");
      if (open) { open.open = false; one("summary", open).focus(); }
      return;
    }
    if (off || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || one("dialog[open]")) return;
    if (Date.now() - going < 1500 && places[event.key]) {
      event.preventDefault();
      going = 0;
      return one(places[event.key])?.click();
    }
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  wake(document);
  one("[data-focus]")?.focus();
})();
