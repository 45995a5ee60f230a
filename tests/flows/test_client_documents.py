"""Clients whose id is the address of a document that describes them (OAuth Client ID Metadata Document)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from idp.applications.registration import cleanup, documents
from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.client_keys import assertion, key, public
from tests.world.fixtures import Clock
from tests.world.registration import allow, discovery
from tests.world.world import CALLBACK, Person, World

ON = {
    "client_id_metadata_document_supported": True,
    "client_id_metadata_document_dynamic_registration_supported": True,
}


class Site:
    """An application's own site, which publishes documents and counts who asks."""

    def __init__(self) -> None:
        self.document: Any = {}
        self.status, self.kind, self.cache = 200, "application/json", "max-age=600"
        self.asked, self.asking, self.held = 0, threading.Event(), threading.Event()
        self.held.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                outer.asking.set()
                outer.held.wait(60)
                said = outer.document
                body = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(outer.status)
                self.send_header("Content-Type", outer.kind)
                self.send_header("Cache-Control", outer.cache)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.origin}/client.json"
        self.document = self.said()

    def said(self, **members: Any) -> dict[str, Any]:
        return {"client_id": self.url, "client_name": "Tool", "redirect_uris": [CALLBACK], **members}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    documents._failed.clear()
    made = Site()
    yield made
    made.close()


@pytest.fixture
def known(world: World, site: Site) -> Application:
    """A tenant that takes such clients, and one of them."""
    world.management().patch("/tenants/settings", ON)
    world.management().patch(f"/connections/{world.connection_id}", {"is_domain_connection": True})
    return Application(world, site.url, None, CALLBACK, "none")


def refused(app: Application, browser: Browser) -> str:
    """The page that says no, without anybody being sent anywhere."""
    app.begin(browser)
    assert browser.status in {400, 404, 429}, browser.shown.text
    return str(browser.shown.text)


def test_a_client_that_nobody_registered_signs_people_in_who_are_asked(
    known: Application, site: Site, browser: Browser, jane: Person
) -> None:
    assert discovery(known.world)["client_id_metadata_document_supported"] is True
    attempt = known.begin(browser, scope="openid offline_access")
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path == "/u/consent"
    assert "127.0.0.1" in browser.shown.text
    assert "Tool" in browser.shown.text
    browser.submit("accept")
    tokens = attempt.tokens(browser.answer)
    assert tokens.id_claims["aud"] == site.url
    listed = known.world.management().get("/clients?is_first_party=false")[0]
    assert (listed["external_client_id"], listed["external_metadata_type"]) == (site.url, "cimd")
    assert listed["is_first_party"] is False
    assert site.asked == 1
    again = known.begin(browser, scope="openid", prompt="none", id_token_hint=tokens.id_token)
    assert again.tokens(browser.answer).id_claims["aud"] == site.url


def test_its_tokens_are_told_and_taken_under_its_address(
    known: Application, site: Site, browser: Browser, jane: Person
) -> None:
    site.document = site.said(grant_types=["authorization_code", "refresh_token"])
    attempt = known.begin(browser, scope="openid offline_access email")
    allow(browser, jane)
    tokens = attempt.tokens(browser.answer)
    assert tokens.userinfo().get_json()["email"] == jane.email
    assert tokens.refreshed().id_claims["aud"] == site.url
    bye = f"/oidc/logout?client_id={site.url}&id_token_hint={tokens.id_token}"
    browser.open(bye)
    assert browser.status == 200


def test_it_is_off_unless_both_are_switched_on(world: World, site: Site, browser: Browser) -> None:
    app = Application(world, site.url, None, CALLBACK, "none")
    assert "Unknown client" in refused(app, browser)
    world.management().patch("/tenants/settings", {"client_id_metadata_document_supported": True})
    assert "Unknown client" in refused(app, browser)
    assert site.asked == 0
    made = world.management().post("/clients/cimd/register", {"external_client_id": site.url})
    assert made["client_id"]
    app.begin(browser)
    assert browser.path.startswith("/u/login")


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "https://evil.test/client.json"},
        {"client_id": None},
        {"client_secret": "shared by everybody"},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"redirect_uris": []},
        {"redirect_uris": ["https://*.example.test/"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"client_name": 7},
        {"logo_uri": "data:text/html,x"},
    ],
)
def test_documents_that_are_refused(known: Application, site: Site, browser: Browser, change: Any) -> None:
    site.document = site.said(**change)
    refused(known, browser)
    assert known.world.management().get("/clients?is_first_party=false") == []


@row("P5")
@pytest.mark.parametrize(
    ("status", "kind", "document"),
    [
        (302, "application/json", None),
        (404, "application/json", None),
        (500, "application/json", None),
        (200, "text/html", None),
        (200, "application/json", b"{"),
        (200, "application/json", b"[]"),
        (200, "application/json", b"[" * 10_000),
        (200, "application/json", b'{"a":"' + b"x" * 20_000 + b'"}'),
    ],
)
def test_answers_that_are_no_document(
    known: Application, site: Site, browser: Browser, status: int, kind: str, document: bytes | None
) -> None:
    site.status, site.kind = status, kind
    site.document = document if document is not None else site.document
    refused(known, browser)
    asked = site.asked
    refused(known, browser)
    assert site.asked == asked == 1  # left alone for a while, and no redirect followed


@row("P3")
@pytest.mark.parametrize(
    "address",
    [
        "https://169.254.169.254/client.json",
        "https://10.0.0.1/client.json",
        "https://[::1]/client.json",
        "http://example.test/client.json",
        "https://example.test/",
        "https://example.test",
        "https://example.test/a/../client.json",
        "https://example.test/%2e%2e/client.json",
        "https://example.test/client.json#part",
        "https://user@example.test/client.json",
        "https://example.test/client.json?x=1",
        f"https://example.test/{'x' * 300}",
    ],
)
def test_addresses_that_are_not_read(known: Application, browser: Browser, address: str) -> None:
    refused(Application(known.world, address, None, CALLBACK, "none"), browser)


def test_hosts_of_documents_may_be_named(known: Application, site: Site, browser: Browser) -> None:
    api = known.world.management()
    api.patch("/tenants/settings", {"client_registration": {"document_hosts": ["*.example.test"]}})
    refused(known, browser)
    assert site.asked == 0
    api.patch("/tenants/settings", {"client_registration": {"document_hosts": ["127.0.0.1"]}})
    known.begin(browser)
    assert browser.path.startswith("/u/login")


def test_a_document_is_read_again_when_it_is_old(
    known: Application, site: Site, browser: Browser, clock: Clock
) -> None:
    known.begin(browser)
    known.begin(browser)
    assert site.asked == 1
    clock.forward(seconds=601)
    site.document = site.said(redirect_uris=["https://moved.example.test/cb"])
    refused(known, browser)
    assert site.asked == 2
    clock.forward(seconds=601)
    site.document = site.said()
    site.status = 503
    known.begin(browser, redirect_uri="https://moved.example.test/cb")
    assert browser.path.startswith("/u/login")  # what it said last counts while it is away
    clock.forward(days=8)
    documents._failed.clear()
    refused(known, browser)


def test_one_request_reads_a_document_again_and_the_others_do_not_wait(
    known: Application, site: Site, browser: Browser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "FETCH_S", 60.0)
    known.begin(browser)
    clock.forward(seconds=700)
    site.asking.clear()
    site.held.clear()
    first = threading.Thread(target=known.begin, args=(known.world.browser(),))
    first.start()
    try:
        assert site.asking.wait(20)
        known.begin(browser)
        assert (browser.path, site.asked) == ("/u/login", 2)
    finally:
        site.held.set()
        first.join(20)


def test_keys_of_a_document_authenticate(known: Application, site: Site, browser: Browser, jane: Person) -> None:
    site.document = site.said(token_endpoint_auth_method="private_key_jwt", jwks={"keys": [public("ES256")]})
    attempt = known.begin(browser)
    allow(browser, jane)
    raw = assertion(known, key("ES256"), "ES256", {"kid": None})
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    code = {"grant_type": "authorization_code", "code": browser.answer.code, "redirect_uri": CALLBACK}
    response = known.call(
        "/oauth/token", **code, code_verifier=attempt.verifier, client_assertion=raw, client_assertion_type=kind
    )
    assert response.status_code == 200, response.get_json()


def test_it_may_push_its_first_request(known: Application, site: Site) -> None:
    response = known.call("/oauth/par", **known.attempt().params)
    assert (response.status_code, site.asked) == (201, 1)


def test_there_is_room_for_so_many(known: Application, site: Site, browser: Browser, clock: Clock) -> None:
    api = known.world.management()
    api.patch("/tenants/settings", {"client_registration": {"max_clients": 1}})
    known.begin(browser)
    other = Application(known.world, f"{site.origin}/other.json", None, CALLBACK, "none")
    site.document = {**site.said(), "client_id": other.client_id}
    refused(other, browser)
    clock.forward(hours=2)
    documents._failed.clear()
    other.begin(browser)
    assert browser.path.startswith("/u/login")
    assert [each["external_client_id"] for each in api.get("/clients?is_first_party=false")] == [other.client_id]
    clock.forward(days=31)
    assert cleanup.clean(known.world.platform, known.world.tenant, threading.Event()) == 1


def trust(app: Application) -> str:
    """An administrator makes it one of the tenant's own; answers its own id."""
    api = app.world.management()
    (made,) = [each for each in api.get("/clients") if each.get("external_client_id") == app.client_id]
    api.patch(f"/clients/{made['client_id']}", {"is_first_party": True})
    return str(made["client_id"])


@row("A1")
def test_one_that_an_administrator_trusts_follows_its_document_no_more(
    known: Application, site: Site, browser: Browser, clock: Clock
) -> None:
    """Nobody is asked before they go there: whoever holds the site must not say where to."""
    known.begin(browser)
    trust(known)
    clock.forward(days=2)
    site.document = site.said(redirect_uris=["https://evil.example.test/cb"])
    assert "redirect" in refused(
        Application(known.world, site.url, None, "https://evil.example.test/cb", "none"), browser
    )
    known.begin(browser)
    assert browser.path.startswith("/u/login")
    assert site.asked == 1
    known.world.management().post("/clients/cimd/register", {"external_client_id": site.url})
    known.begin(browser, redirect_uri="https://evil.example.test/cb")
    assert browser.path.startswith("/u/login"), "an administrator brings it up to date"


def test_strangers_push_none_out_that_an_administrator_trusts(
    known: Application, site: Site, browser: Browser, clock: Clock
) -> None:
    api = known.world.management()
    api.patch("/tenants/settings", {"client_registration": {"max_clients": 1}})
    known.begin(browser)
    mine = trust(known)
    clock.forward(hours=2)
    other = Application(known.world, f"{site.origin}/other.json", None, CALLBACK, "none")
    site.document = {**site.said(), "client_id": other.client_id}
    refused(other, browser)
    assert api.get(f"/clients/{mine}")["client_id"] == mine


def test_an_administrator_looks_at_a_document_first(world: World, site: Site) -> None:
    api = world.management()
    site.document = site.said(grant_types=["authorization_code", "refresh_token", "password"])
    seen = api("POST", "/clients/cimd/preview", {"external_client_id": site.url}).get_json()
    assert seen["validation"]["valid"] is True
    assert seen["mapped_fields"]["grant_types"] == ["authorization_code", "refresh_token"]
    site.document = site.said(client_secret="x")
    documents._failed.clear()
    seen = api("POST", "/clients/cimd/preview", {"external_client_id": site.url}).get_json()
    assert seen["validation"]["valid"] is False
    assert seen["errors"]


def test_our_own_apis_say_which_tokens_they_take(world: World) -> None:
    for name in ("api/v2/", "me/", "userinfo"):
        found = world.app.test_client().get(f"/.well-known/oauth-protected-resource/{name}", base_url=world.issuer)
        assert found.get_json()["resource"] == f"{world.issuer}{name}"
        assert found.get_json()["authorization_servers"] == [world.issuer]
        assert found.headers["Access-Control-Allow-Origin"] == "*"
    missing = world.app.test_client().get("/.well-known/oauth-protected-resource/other", base_url=world.issuer)
    assert missing.status_code == 404
