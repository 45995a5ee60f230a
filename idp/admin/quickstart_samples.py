"""Samples of a quick start: whole programs that run with the values of its ``.env`` and nothing else changed."""

from __future__ import annotations

WEB = '''"""pip install flask authlib requests"""
import os
from urllib.parse import urlsplit

from authlib.integrations.flask_client import OAuth
from flask import Flask

back = urlsplit(os.environ["OIDC_REDIRECT_URI"])
app = Flask(__name__)
app.secret_key = os.urandom(32)
idp = OAuth(app).register(
    "idp",
    client_id=os.environ["OIDC_CLIENT_ID"],
    client_secret=os.environ["OIDC_CLIENT_SECRET"],
    server_metadata_url=os.environ["OIDC_ISSUER"] + ".well-known/openid-configuration",
    client_kwargs={
        "scope": "openid profile email",
        "code_challenge_method": "S256",
        "token_endpoint_auth_method": os.environ["OIDC_TOKEN_ENDPOINT_AUTH_METHOD"],
    },
)


@app.get("/")
def sign_in():
    return idp.authorize_redirect(os.environ["OIDC_REDIRECT_URI"])


@app.get(back.path)
def signed_in():
    return dict(idp.authorize_access_token()["userinfo"])


app.run(host=back.hostname, port=back.port or 80)
'''
"""A website with a server of its own."""

PAGE = r'''"""Serves one page, which does everything in the browser: the Python standard library is enough."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

back = urlsplit(os.environ["OIDC_REDIRECT_URI"])
names = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_REDIRECT_URI")
settings = json.dumps({name: os.environ[name] for name in names}).replace("<", "\\u003c")
page = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sample</title>
<button id="sign-in">Sign in</button>
<pre id="claims"></pre>
<script type="module">
const env = SETTINGS;
const show = (what) => { document.querySelector("#claims").textContent = JSON.stringify(what, null, 2); };
const fetched = async (url, options) => (await fetch(url, options)).json();
const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const idp = await fetched(`${env.OIDC_ISSUER}.well-known/openid-configuration`);
const client = { client_id: env.OIDC_CLIENT_ID, redirect_uri: env.OIDC_REDIRECT_URI };

document.querySelector("#sign-in").onclick = async () => {
  const attempt = { state: random(), code_verifier: random() };
  sessionStorage.setItem("attempt", JSON.stringify(attempt));
  const challenge = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(attempt.code_verifier));
  location.assign(`${idp.authorization_endpoint}?${new URLSearchParams({
    ...client, response_type: "code", scope: "openid profile email", state: attempt.state,
    code_challenge: base64url(challenge), code_challenge_method: "S256",
  })}`);
};

const answer = new URLSearchParams(location.search);
const attempt = JSON.parse(sessionStorage.getItem("attempt") ?? "null");
if (attempt && answer.get("state") === attempt.state) {
  sessionStorage.removeItem("attempt");
  history.replaceState(null, "", location.pathname);
  if (answer.has("error")) {
    show(Object.fromEntries(answer));
  } else {
    const grant = { ...client, grant_type: "authorization_code", code: answer.get("code"),
      code_verifier: attempt.code_verifier };
    const tokens = await fetched(idp.token_endpoint, { method: "POST", body: new URLSearchParams(grant) });
    const headers = { Authorization: `Bearer ${tokens.access_token}` };
    show(tokens.access_token ? await fetched(idp.userinfo_endpoint, { headers }) : tokens);
  }
}
</script></html>
""".replace("SETTINGS", settings)


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page.encode())


ThreadingHTTPServer((back.hostname, back.port or 80), Page).serve_forever()
'''
"""A single-page application."""

DEVICE = '''"""Signs in with the browser of the system (RFC 8252): the Python standard library is enough."""
import base64
import hashlib
import json
import os
import secrets
import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

back = urlsplit(os.environ["OIDC_REDIRECT_URI"])
client = {"client_id": os.environ["OIDC_CLIENT_ID"], "redirect_uri": os.environ["OIDC_REDIRECT_URI"]}
idp = json.load(urlopen(os.environ["OIDC_ISSUER"] + ".well-known/openid-configuration"))
state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
answers = []


class Loopback(BaseHTTPRequestHandler):
    def do_GET(self):
        answer = parse_qs(urlsplit(self.path).query)
        if answer.get("state") == [state]:
            answers.append(answer)
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"You can close this window.")

    def log_message(self, *_):
        """What comes in the address is nobody's to read."""


server = HTTPServer((back.hostname, back.port or 80), Loopback)
asked = {
    **client,
    "response_type": "code",
    "scope": "openid profile email",
    "state": state,
    "code_challenge": challenge,
    "code_challenge_method": "S256",
}
address = f"{idp['authorization_endpoint']}?{urlencode(asked)}"
print(address, flush=True)
webbrowser.open(address)
while not answers:
    server.handle_request()
if "error" in answers[0]:
    raise SystemExit(answers[0])
grant = {**client, "grant_type": "authorization_code", "code": answers[0]["code"][0], "code_verifier": verifier}
tokens = json.load(urlopen(idp["token_endpoint"], urlencode(grant).encode()))
person = Request(idp["userinfo_endpoint"], headers={"Authorization": "Bearer " + tokens["access_token"]})
print(json.dumps(json.load(urlopen(person)), indent=2), flush=True)
'''
"""A program on somebody's computer."""

OF_TYPE = {"regular_web": WEB, "spa": PAGE, "native": DEVICE}
"""By the type of the application."""
