"""A stand-in for the conformance suite (docs/conformance.md): what it has below its alias, what arrived there, and the
relying party that its modules are.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import requests
from flask import Flask, Response, request
from joserfc import jwt
from joserfc.jwk import JWKRegistry, KeySet

from idp.operations.dev.conformance import ALIAS, EMAIL, PASSWORD
from tests.counterparts.http_login import HttpBrowser, PageParser
from tests.counterparts.product import Product
from tests.world.client_keys import ASSERTION_TYPE, signed

ALGORITHMS = ["RS256", "PS256", "ES256"]
ID_TOKEN_CLAIMS = frozenset(
    {"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash", "nbf", "jti"}
    | {"txn", "sid", "s_hash"}
)
"""What an ID token may say without being asked."""


def hashed(value: str) -> str:
    """The left half of the SHA-256 (``at_hash``, ``c_hash``; OpenID Connect Core 3.1.3.6)."""
    return base64.urlsafe_b64encode(hashlib.sha256(value.encode()).digest()[:16]).rstrip(b"=").decode()


@dataclass(frozen=True)
class Heard:
    """A request that arrived."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    authorization: str | None
    body: str


@dataclass
class Suite:
    """Answers every address, remembers who came, and serves the documents that a test lays down by path."""

    base: str = ""
    heard: list[Heard] = field(default_factory=list)
    documents: dict[str, tuple[str, str]] = field(default_factory=dict)

    def app(self) -> Flask:
        """The site."""
        made = Flask(__name__)

        @made.route("/", defaults={"path": ""}, methods=["GET", "POST"])
        @made.route("/<path:path>", methods=["GET", "POST"])
        def arrived(path: str) -> Response:
            kind, text = self.documents.get(f"/{path}", ("", ""))
            if kind:
                return Response(text, content_type=kind)
            args, form, head = request.args.to_dict(), request.form.to_dict(), request.headers.get("Authorization")
            body = "" if form else request.get_data(as_text=True)
            self.heard.append(Heard(request.method, f"/{path}", args, form, head, body))
            return Response(
                '<!doctype html><title>Suite</title><link rel=icon href="data:,">here', mimetype="text/html"
            )

        return made

    def path(self, name: str) -> str:
        """A path below the alias."""
        return f"/test/a/{ALIAS}/{name}"

    def url(self, name: str) -> str:
        """The address of it."""
        return f"{self.base}{self.path(name)}"

    def of(self, name: str) -> list[Heard]:
        """What arrived there."""
        return [each for each in self.heard if each.path == self.path(name)]

    def wait_for(self, name: str, meant: Callable[[Heard], bool] = lambda heard: True, seconds: float = 15) -> Heard:
        """The first that arrives there and is meant: what an earlier test set off may come late."""
        deadline = time.monotonic() + seconds
        while not (found := [each for each in self.of(name) if meant(each)]):
            assert time.monotonic() < deadline, f"nothing meant came to {name}: {[each.path for each in self.heard]}"
            time.sleep(0.05)
        return found[0]


@dataclass(frozen=True)
class Answer:
    """What came back: by ``query``, ``fragment`` or ``form_post``; ``page`` where nobody was sent anywhere."""

    mode: str
    params: dict[str, str]
    status: int = 200
    text: str = ""
    logins: int = 0
    """Login pages that were shown on the way."""


@dataclass
class Prepared:
    """``idp dev --tls --conformance`` while it runs, and the files it wrote for the suite."""

    product: Product
    suite: Suite
    files: Mapping[str, dict[str, Any]]
    metadata: Mapping[str, Any]

    def party(self, file: str = "oidc", name: str = "client", method: str = "client_secret_basic") -> Party:
        """A client of a file."""
        return Party(self, self.files[file][name], "private_key_jwt" if file.startswith("fapi") else method)

    def browser(self) -> HttpBrowser:
        """A browser that trusts the local authority."""
        made = HttpBrowser()
        made.http.verify = self.product.verify
        made.http.trust_env = False  # this machine's own list of authorities would take its place
        return made

    def arrived(self, url: str) -> str:
        """Where a browser comes back to the suite after the person signed in at ``url``."""
        browser, until = self.browser(), f"{self.suite.base}/"
        shown = browser.follow(url, until)
        gone = browser.submit(shown, until, username=EMAIL, password=PASSWORD, action="default")
        assert gone.is_redirect, gone.text[:2_000]
        return gone.headers["Location"]

    def decide(self, message: str, *, yes: bool = True) -> None:
        """What the person does on their account's page about the request that says so."""
        browser, base = self.browser(), self.product.base_url
        shown = browser.follow(f"{base}/account", f"{self.suite.base}/")
        shown = browser.submit(shown, f"{self.suite.base}/", username=EMAIL, password=PASSWORD, action="default")
        links = [each for each in shown.text.split('"') if "/approve?request=" in each]
        pages = [browser.follow(urljoin(base, each), f"{self.suite.base}/") for each in links]
        (page,) = [each for each in pages if message in each.text]
        done = browser.submit(page, f"{self.suite.base}/", action="confirm" if yes else "deny")
        assert done.status_code == 200, done.text[:2_000]

    def connect(self, device: str) -> None:
        """The person connects a device by its whole address."""
        browser, until = self.browser(), f"{self.suite.base}/"
        shown = browser.submit(browser.follow(device, until), until, action="confirm")
        done = browser.submit(shown, until, username=EMAIL, password=PASSWORD, action="default")
        assert done.url.endswith("/device/success"), done.text[:2_000]

    def call(self, method: str, url: str, **more: Any) -> requests.Response:
        """A request of the suite."""
        return requests.request(method, url, verify=self.product.verify, timeout=30, **more)


@dataclass
class Party:
    """The suite as that client."""

    prepared: Prepared
    client: Mapping[str, Any]
    method: str

    @property
    def client_id(self) -> str:
        return str(self.client["client_id"])

    @property
    def callback(self) -> str:
        return self.prepared.suite.url("callback")

    @property
    def key(self) -> Any:
        """The first of its keys."""
        return JWKRegistry.import_key(self.client["jwks"]["keys"][0])

    # ---- with a browser
    def ask(self, browser: HttpBrowser, *, post: bool = False, **params: str | None) -> Answer:
        """An authorization request, with the person signing in where a page asks for it."""
        usual: dict[str, str | None] = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": self.callback,
            "scope": "openid",
            "state": secrets.token_urlsafe(12),
        }
        sent = {name: value for name, value in {**usual, **params}.items() if value is not None}
        url, until = str(self.prepared.metadata["authorization_endpoint"]), f"{self.prepared.suite.base}/"
        shown = browser.post(url, until, sent) if post else browser.follow(f"{url}?{urlencode(sent)}", until)
        return self._answered(browser, shown, until, sent.get("state"))

    def _answered(self, browser: HttpBrowser, shown: requests.Response, until: str, state: str | None) -> Answer:
        logins = 0
        while not shown.is_redirect:
            form = PageParser()
            form.feed(shown.text)
            if form.action is not None and form.action.startswith(until):
                return self._checked(Answer("form_post", form.fields, 200, shown.text, logins), state)
            if 'id="consent-accept"' in shown.text:
                shown = browser.submit(shown, until, action="accept")
                continue
            if form.action is None or "password" not in form.fields:
                return Answer("page", {}, shown.status_code, shown.text, logins)
            logins += 1
            shown = browser.submit(shown, until, username=EMAIL, password=PASSWORD, action="default")
        parts = urlsplit(urljoin(shown.url, shown.headers["Location"]))
        mode, raw = ("fragment", parts.fragment) if parts.fragment else ("query", parts.query)
        return self._checked(
            Answer(mode, dict(parse_qsl(raw)), shown.status_code, shown.headers["Location"], logins), state
        )

    def _checked(self, answer: Answer, state: str | None) -> Answer:
        if "response" not in answer.params:
            assert answer.params.get("state") == state, answer
            assert answer.params["iss"] == self.prepared.metadata["issuer"]
        return answer

    # ---- at the endpoints
    def call(self, endpoint: str, headers: Mapping[str, str] | None = None, **form: str | None) -> requests.Response:
        """POST a form with the client's authentication; None leaves a member of either out."""
        auth: tuple[str, str] | None = None
        who: dict[str, str | None] = {}
        if self.method == "client_secret_basic":
            auth = (self.client_id, self.client["client_secret"])
        elif self.method == "client_secret_post":
            who = {"client_id": self.client_id, "client_secret": self.client["client_secret"]}
        elif self.method == "private_key_jwt":
            who = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()}
        sent = {name: value for name, value in {**who, **form}.items() if value is not None}
        url = str(self.prepared.metadata[endpoint])
        return self.prepared.call("POST", url, data=sent, auth=auth, headers=headers)

    def assertion(self, **claims: Any) -> str:
        """Who the client is, for the issuer."""
        now = int(time.time())
        usual = {"iss": self.client_id, "sub": self.client_id, "aud": self.prepared.metadata["issuer"]}
        usual |= {"iat": now, "exp": now + 60, "jti": secrets.token_urlsafe(12)}
        return signed({**usual, **claims}, self.key, str(self.key.as_dict()["alg"]))

    def redeem(self, code: str, headers: Mapping[str, str] | None = None, **form: str | None) -> requests.Response:
        """Trade a code."""
        usual = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.callback}
        return self.call("token_endpoint", headers, **{**usual, **form})

    def tokens(self, code: str, **form: str | None) -> dict[str, Any]:
        """The same where it has to do."""
        answer = self.redeem(code, **form)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        assert 0 < found["expires_in"] < 365 * 86_400
        return found

    def claims(self, token: str, typ: str | None = None) -> dict[str, Any]:
        """What a token of ours says, signed by a published key that its header names."""
        keys = KeySet.import_key_set(self.prepared.call("GET", str(self.prepared.metadata["jwks_uri"])).json())
        decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
        assert decoded.header["kid"]
        assert typ is None or decoded.header["typ"].lower() == typ
        return dict(decoded.claims)

    def id_claims(self, token: str, nonce: str | None = None) -> dict[str, Any]:
        """Claims of an ID token, checked as every module does."""
        found, now = self.claims(token), time.time()
        assert found["iss"] == self.prepared.metadata["issuer"]
        assert self.client_id in ([found["aud"]] if isinstance(found["aud"], str) else found["aud"])
        assert abs(found["iat"] - now) < 300
        assert found["exp"] > now
        assert found.get("nonce") == nonce
        return found

    def userinfo(self, token: str, **more: Any) -> requests.Response:
        """GET with the token."""
        headers = {"Authorization": f"Bearer {token}"}
        return self.prepared.call("GET", str(self.prepared.metadata["userinfo_endpoint"]), headers=headers, **more)
