// Comforts of the hosted pages. Every page works without this file; nothing here decides anything.
(() => {
  "use strict";
  const all = (selector, act) => document.querySelectorAll(selector).forEach(act);
  const fill = (text, values) => text.replace(/\$\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  all("[data-focus]", (summary) => summary.focus());

  // Show or hide a password.
  all("[data-peek]", (button) => {
    const input = document.getElementById(button.dataset.peek);
    const set = (shown) => {
      input.type = shown ? "text" : "password";
      button.setAttribute("aria-pressed", String(shown));
    };
    button.hidden = false;
    button.addEventListener("click", () => {
      set(input.type === "password");
      input.focus();
    });
    input.form?.addEventListener("submit", () => set(false)); // password managers look for a password field
  });

  // Photos of telephones are larger than what is stored: made smaller here, where the browser can.
  all("[data-shrink]", (input) => {
    const most = Number(input.dataset.shrink);
    input.addEventListener("change", async () => {
      const file = input.files[0];
      if (!file || (file.size <= 200_000 && /^image\/(jpeg|png)$/.test(file.type))) return;
      try {
        const picture = await createImageBitmap(file);
        const scale = Math.min(1, most / Math.max(picture.width, picture.height));
        const canvas = document.createElement("canvas");
        canvas.width = Math.max(1, Math.round(picture.width * scale));
        canvas.height = Math.max(1, Math.round(picture.height * scale));
        canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
        const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
        const sent = new DataTransfer();
        sent.items.add(new File([blob], "picture.jpg", { type: "image/jpeg" }));
        if (input.files[0] === file) input.files = sent.files;
      } catch {} // what no browser can draw is refused with words when it is sent
    });
  });

  // Password rules, checked while typing. Kinds: idp/foundation/web/view_models.py.
  const classes = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\d]/u];
  const checks = {
    length: (value, least) => [...value].length >= least,
    lower: (value) => classes[0].test(value),
    upper: (value) => classes[1].test(value),
    digit: (value) => classes[2].test(value),
    classes: (value, least) => classes.filter((each) => each.test(value)).length >= least,
    repeats: (value, most) => value !== "" && !new RegExp(`(.)\\1{${most}}`, "su").test(value),
  };
  all("[data-rules-for]", (list) => {
    const input = document.getElementById(list.dataset.rulesFor);
    const rules = [...list.querySelectorAll("[data-rule]")];
    const status = document.getElementById(`${list.id}-status`);
    let waiting;
    const check = () => {
      const met = rules.filter((rule) => {
        const fulfilled = checks[rule.dataset.rule](input.value, Number(rule.dataset.amount));
        rule.classList.toggle("met", fulfilled);
        return fulfilled;
      }).length;
      clearTimeout(waiting); // say it once the typing pauses
      waiting = setTimeout(() => {
        status.textContent = input.value && fill(status.dataset.text, { met, total: rules.length });
      }, 700);
    };
    input.addEventListener("input", check);
    if (input.value) check();
  });

  // One submit is enough: say that it is under way, swallow the second.
  const rest = () => {
    all("form[data-sent]", (form) => delete form.dataset.sent);
    all("[aria-busy]", (button) => {
      button.removeAttribute("aria-busy");
      button.textContent = button.dataset.label;
    });
  };
  all("form[method=post]", (form) =>
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "1";
      setTimeout(rest, 15000); // no answer, or the reader stopped it: another try is fair
      const button = event.submitter;
      if (!button?.dataset.busy) return;
      button.dataset.label = button.textContent;
      // After the form data is gathered; the button keeps its name and value.
      setTimeout(() => {
        button.setAttribute("aria-busy", "true");
        button.textContent = button.dataset.busy;
      });
    }),
  );
  addEventListener("pageshow", (event) => event.persisted && rest());

  // Caps lock, said politely.
  all("[data-caps]", (notice) => {
    const input = document.getElementById(notice.dataset.caps);
    const look = (event) => {
      if (event.getModifierState) notice.hidden = !event.getModifierState("CapsLock");
    };
    input.addEventListener("keydown", look);
    input.addEventListener("keyup", look);
    input.addEventListener("blur", () => { notice.hidden = true; });
  });

  // Times in the reader's own zone: instead of the text, or beside words like "an hour ago".
  all("time[data-local]", (time) => {
    const moment = new Date(time.dateTime);
    if (isNaN(moment)) return;
    const local = moment.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    if (time.dataset.local === "text") time.textContent = local;
    else time.title = local;
  });

  // A logo that does not come leaves its place to the name.
  all("img[data-or-name], img[data-or-letter]", (image) => {
    const fall = () => {
      if (image.dataset.orLetter !== undefined) return image.remove();
      const name = document.createElement("bdi");
      name.textContent = image.alt;
      image.replaceWith(name);
    };
    if (image.complete && !image.naturalWidth) fall();
    else image.addEventListener("error", fall);
  });

  // What was typed goes along to another page of the same sign-in.
  all("a[data-carry]", (link) =>
    link.addEventListener("click", (event) => {
      const who = document.querySelector("input[data-who]");
      if (!who?.value || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      const form = document.createElement("form");
      const { csrf, state } = who.form.elements;
      const values = { csrf: csrf.value, state: state.value, identifier: who.value, action: "carry" };
      for (const [name, value] of Object.entries(values)) {
        form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
      }
      Object.assign(form, { method: "post", action: link.href });
      document.body.append(form);
      event.preventDefault();
      form.submit();
    }),
  );

  // The link of a mail was opened in another browser: this one goes on.
  all("form[data-opened]", (form) => {
    const look = async () => {
      if (form.dataset.sent) return;
      try {
        const answer = await fetch(form.dataset.opened, { cache: "no-store" });
        if (!answer.ok) return;
        if ((await answer.json()).opened) return form.querySelector("button.first").click();
      } catch { /* away for a moment: the next time, or the button */ }
      setTimeout(look, 3000);
    };
    setTimeout(look, 3000);
  });

  // Copy a value, and say so.
  all("[data-copy]", (button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.classList.add("copied");
      document.getElementById("copied").textContent = button.dataset.done;
      setTimeout(() => button.classList.remove("copied"), 2000);
    });
  });

  // The picker folds when the focus or a click goes elsewhere.
  all("details.locales", (details) => {
    document.addEventListener("click", (event) => { if (!details.contains(event.target)) details.open = false; });
    details.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !details.open) return;
      details.open = false;
      details.querySelector("summary").focus();
    });
  });

  // Signed out: go on once every application has been told, or after three seconds.
  all("[data-continue]", (link) => {
    const go = () => location.replace(link.href);
    const frames = [...document.querySelectorAll("iframe")];
    let open = frames.length;
    frames.forEach((frame) => frame.addEventListener("load", () => { if (--open === 0) go(); }));
    setTimeout(go, open ? 3000 : 0);
  });
})();
