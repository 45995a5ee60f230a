"""Telling the applications: Back-Channel Logout 1.0 and Front-Channel Logout 1.0."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import Person, World

OUT = "https://app.example.test/out"


@dataclass
class Receiver:
    """An application's back-channel endpoint."""

    url: str
    status: int = 200
    bodies: list[tuple[str, str]] = field(default_factory=list)

    @property
    def tokens(self) -> list[str]:
        found = []
        for kind, body in self.bodies:
            assert kind == "application/x-www-form-urlencoded"
            form = parse_qs(body, strict_parsing=True)
            assert set(form) == {"logout_token"}
            found.append(form["logout_token"][0])
        return found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            made.bodies.append((self.headers["Content-Type"], body))
            self.send_response(made.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Receiver(f"http://127.0.0.1:{server.server_port}/backchannel")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def listening(receiver: Receiver, mode: str = "custom", *initiators: str) -> dict[str, object]:
    return {
        "oidc_logout": {
            "backchannel_logout_urls": [receiver.url],
            "backchannel_logout_initiators": {"mode": mode, "selected_initiators": list(initiators)},
        }
    }


def test_a_logout_token_says_what_the_specification_wants(
    world: World, browser: Browser, jane: Person, receiver: Receiver
) -> None:
    app = world.client(**listening(receiver), allowed_logout_urls=[OUT])
    tokens = app.sign_in(browser, jane)
    browser.open(f"/oidc/logout?id_token_hint={tokens.id_token}&post_logout_redirect_uri={OUT}")
    assert browser.left_for == OUT
    world.work()
    (token,) = receiver.tokens
    claims = app.claims(token)
    assert set(claims) == {"iss", "sub", "aud", "iat", "exp", "jti", "sid", "events"}
    assert claims["iss"] == world.issuer
    assert claims["aud"] == app.client_id
    assert (claims["sub"], claims["sid"]) == (jane.user_id, tokens.id_claims["sid"])
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert claims["exp"] - claims["iat"] == 120
    head = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    assert head["typ"] == "logout+jwt"
    assert head["alg"] == "RS256"
    assert world.logs("oidc_backchannel_logout_succeeded")


def test_every_application_of_the_session_is_told_and_no_other(
    world: World, browser: Browser, jane: Person, receiver: Receiver
) -> None:
    first, second = world.client(**listening(receiver)), world.client(**listening(receiver))
    world.client(**listening(receiver))
    first.sign_in(browser, jane)
    second.begin(browser)
    browser.open("/v2/logout")
    world.work()
    assert {first.claims(token)["aud"] for token in receiver.tokens} == {first.client_id, second.client_id}


@pytest.mark.parametrize(
    ("mode", "initiators", "told"),
    [("custom", ("rp-logout",), 1), ("custom", ("password-changed",), 0), ("custom", (), 1), ("all", (), 1)],
)
def test_a_client_chooses_what_it_is_told(
    world: World, browser: Browser, jane: Person, receiver: Receiver, mode: str, initiators: tuple[str, ...], told: int
) -> None:
    world.client(**listening(receiver, mode, *initiators)).sign_in(browser, jane)
    browser.open("/v2/logout")
    world.work()
    assert len(receiver.tokens) == told


def test_an_application_that_fails_is_told_again_later(
    world: World, browser: Browser, jane: Person, receiver: Receiver, clock: Clock
) -> None:
    receiver.status = 503
    world.client(**listening(receiver)).sign_in(browser, jane)
    browser.open("/v2/logout")
    world.work()
    receiver.status = 200
    assert len(receiver.tokens) == 1
    clock.forward(minutes=10)
    world.work()
    assert len(receiver.tokens) == 2
    assert world.logs("oidc_backchannel_logout_failed")
    clock.forward(hours=1)
    world.work()
    assert len(receiver.tokens) == 2


def test_a_second_person_in_the_same_browser_ends_the_first_ones_session(
    world: World, browser: Browser, jane: Person, receiver: Receiver
) -> None:
    app = world.client(**listening(receiver, "all"))
    before = app.sign_in(browser, jane)
    app.begin(browser, prompt="login")
    john = world.user("john@example.com")
    browser.submit(username=john.email, password=john.password)
    world.work()
    (token,) = receiver.tokens
    assert app.claims(token)["sid"] == before.id_claims["sid"]


def test_a_logout_token_carries_what_the_session_has_where_a_client_wants_it(
    world: World, browser: Browser, jane: Person, receiver: Receiver
) -> None:
    wants = listening(receiver, "all")
    wants["oidc_logout"] = {**wants["oidc_logout"], "backchannel_logout_session_metadata": {"include": True}}  # type: ignore[dict-item]
    first, second = world.client(**wants), world.client(**listening(receiver, "all"))
    sid = first.sign_in(browser, jane).id_claims["sid"]
    second.begin(browser)
    assert world.caller().patch(f"/sessions/{sid}", {"session_metadata": {"shop": "7"}}).status_code == 200
    browser.open("/v2/logout")
    world.work()
    told = {claims["aud"]: claims for token in receiver.tokens for claims in [first.claims(token)]}
    assert told[first.client_id]["session_metadata"] == {"shop": "7"}
    assert "session_metadata" not in told[second.client_id]


@pytest.mark.parametrize(
    ("mode", "initiators", "told"), [("custom", ("profile-changed",), 1), ("custom", ("rp-logout",), 0), ("all", (), 0)]
)
def test_a_changed_profile_is_told_to_those_who_name_it(
    world: World, browser: Browser, jane: Person, receiver: Receiver, mode: str, initiators: tuple[str, ...], told: int
) -> None:
    app = world.client(**listening(receiver, mode, *initiators))
    app.sign_in(browser, jane)
    caller = world.caller()
    assert caller.patch(f"/users/{jane.user_id}", {"app_metadata": {"plan": "gold"}}).status_code == 200
    world.work()
    assert receiver.tokens == []
    assert caller.patch(f"/users/{jane.user_id}", {"given_name": "Janet"}).status_code == 200
    world.work()
    assert len(receiver.tokens) == told
    app.begin(browser, prompt="none")
    assert "code" in browser.answer.params, "nobody is signed out here"


# ---- front channel


def test_frames_carry_issuer_and_session_and_the_browser_goes_on(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(allowed_logout_urls=[OUT], frontchannel_logout_uri="https://app.example.test/front?own=1")
    tokens = app.sign_in(browser, jane)
    browser.open(f"/oidc/logout?id_token_hint={tokens.id_token}&post_logout_redirect_uri={OUT}&state=s")
    (frame,) = browser.shown.frames
    assert urlsplit(frame)._replace(query="").geturl() == "https://app.example.test/front"
    assert dict(parse_qsl(urlsplit(frame).query)) == {"own": "1", "iss": world.issuer, "sid": tokens.id_claims["sid"]}
    assert browser.shown.links["continue-link"] == f"{OUT}?state=s"
    assert browser.response is not None
    assert "frame-src https://app.example.test" in browser.response.headers["Content-Security-Policy"]
    app.begin(browser, prompt="none")
    assert browser.answer.error == "login_required"


def test_without_such_applications_there_are_no_frames(world: World, browser: Browser, jane: Person) -> None:
    world.client().sign_in(browser, jane)
    browser.open("/v2/logout")
    assert browser.shown.frames == []
    assert browser.response is not None
    assert "frame-src" not in browser.response.headers["Content-Security-Policy"]


def test_signing_out_on_the_account_page_tells_the_applications_too(
    world: World, browser: Browser, jane: Person, receiver: Receiver
) -> None:
    app = world.client(**listening(receiver), frontchannel_logout_uri="https://app.example.test/front")
    sid = app.sign_in(browser, jane).id_claims["sid"]
    browser.open("/account").submit("sign-out")
    (frame,) = browser.shown.frames
    assert f"sid={sid}" in frame
    world.work()
    assert len(receiver.tokens) == 1
