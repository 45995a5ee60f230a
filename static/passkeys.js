// Passkeys on our pages. A page works without this file: it has other ways, and what needs a script stays hidden.
(() => {
  "use strict";
  const Credential = window.PublicKeyCredential;
  const field = document.querySelector("input[data-passkeys]");
  if (!field || !Credential?.parseRequestOptionsFromJSON) return;
  const { form } = field;
  const { passkeys: purpose, url, rp } = field.dataset;
  const host = location.hostname;
  if (host !== rp && !host.endsWith(`.${rp}`)) return; // an address, or a name that passkeys here do not belong to
  const button = form.querySelector("[data-passkey-button]");
  const FRESH_MS = 270_000; // what is asked for is good for five minutes
  const CHOSEN = "passkey-chosen";
  let waiting = null, busy = false;

  const platform = form.elements["webauthn-platform-available"];
  if (platform) {
    Credential.isUserVerifyingPlatformAuthenticatorAvailable?.().then((there) => { if (there) platform.value = "true"; });
  }
  if (!url) return;

  const options = async () => {
    const { csrf, state, email, username } = form.elements;
    const body = new URLSearchParams({ csrf: csrf.value, state: state?.value ?? "", for: purpose });
    if (field.dataset.kind) body.set("kind", field.dataset.kind);
    const ticket = new URLSearchParams(location.search).get("ticket"); // the page behind the link of a mail
    if (ticket) body.set("ticket", ticket);
    if (email) body.set("email", email.value);
    if (username) body.set("username", username.value);
    const answer = await fetch(url, { method: "POST", body, cache: "no-store" });
    if (answer.ok) return answer.json();
    throw Object.assign(new Error("no options"), { status: answer.status });
  };
  const say = (name) => form.querySelectorAll("[data-passkey-said]").forEach((line) => {
    line.hidden = line.dataset.passkeySaid !== name;
  });
  const send = (credential) => {
    field.value = JSON.stringify(credential.toJSON());
    form.requestSubmit(button);
  };
  const stop = () => {
    waiting?.abort();
    waiting = null;
  };

  // What the browser offers in the field for the name: no dialog of its own, and over once the button is pressed.
  const listen = async () => {
    const mine = (waiting = new AbortController());
    const again = setTimeout(() => {
      if (waiting !== mine) return;
      mine.abort();
      listen();
    }, FRESH_MS);
    try {
      const publicKey = Credential.parseRequestOptionsFromJSON(await options());
      if (waiting !== mine) return;
      const credential = await navigator.credentials.get({ publicKey, mediation: "conditional", signal: mine.signal });
      if (waiting !== mine || !credential) return;
      sessionStorage.setItem(CHOSEN, form.elements.state.value);
      send(credential);
    } catch { /* nobody chose one, or this browser has none to offer: the page is as good as before */ }
    clearTimeout(again);
  };

  const press = async () => {
    stop();
    say("");
    busy = true;
    try {
      const asked = await options();
      const credential = ["login", "factor", "device-login"].includes(purpose)
        ? await navigator.credentials.get({ publicKey: Credential.parseRequestOptionsFromJSON(asked) })
        : await navigator.credentials.create({ publicKey: Credential.parseCreationOptionsFromJSON(asked) });
      send(credential);
    } catch (error) {
      if (error.status === 400 && purpose === "signup") return form.requestSubmit(button); // the page says what is wrong
      if (error.name === "InvalidStateError") say("already");
      else if (error.name !== "NotAllowedError" && error.name !== "AbortError") say("failed"); // those are a "no, thanks"
    } finally {
      busy = false;
    }
  };

  if (button) {
    if (!("autofillOnly" in button.dataset)) button.hidden = false;
    form.querySelectorAll("[data-with-passkeys]").forEach((part) => { part.hidden = false; });
    button.addEventListener("click", (event) => {
      event.preventDefault();
      if (!busy) press();
    });
  }
  // A browser that chooses by itself would choose what was just refused again.
  const refused = sessionStorage.getItem(CHOSEN) === form.elements.state?.value;
  sessionStorage.removeItem(CHOSEN);
  if ("autofill" in field.dataset && !refused) {
    Credential.isConditionalMediationAvailable?.().then((able) => able && listen());
  }
  addEventListener("pageshow", (event) => { // back from elsewhere: what was sent then is spent
    if (event.persisted) field.value = "";
  });
})();
