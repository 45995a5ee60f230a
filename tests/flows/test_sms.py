"""Codes by text message (spec/login-factors.md, "SMS", acceptance 34 to 36), with a stand-in for Twilio and for a
gateway of one's own.
"""

from __future__ import annotations

import base64
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response, request
from joserfc import jwt
from joserfc.jwk import OctKey

from idp.directory.connections import runtime
from idp.foundation.egress import client
from idp.foundation.ephemeral import limits
from idp.signin.passwordless import service
from tests.counterparts.local_site import local_site
from tests.flows.test_passwordless import alone, connect
from tests.flows.test_passwordless_api import OTP
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import Application, World

NUMBER = "+491712345678"
SECRET = "the secret that both of them have"


class Provider:
    """Answers as Twilio and as a gateway do, and keeps what it was sent."""

    def __init__(self) -> None:
        self.status, self.calls = 201, list[dict[str, Any]]()

    def site(self) -> Flask:
        """Both of them."""
        app = Flask(__name__)

        @app.post("/2010-04-01/Accounts/<sid>/Messages.json")
        def twilio(sid: str) -> Response:
            self.calls.append({"sid": sid, "auth": request.headers["Authorization"], **request.form.to_dict()})
            return Response('{"sid": "SM1", "status": "queued", "error_code": null}', self.status)

        @app.post("/gateway")
        def gateway() -> Response:
            self.calls.append({"auth": request.headers.get("Authorization"), **(request.json or {})})
            return Response("{}", self.status)

        return app


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def url(provider: Provider) -> Iterator[str]:
    with local_site(provider.site(), name="127.0.0.1") as base:
        yield base


@pytest.fixture
def environment() -> dict[str, str]:
    return {"IDP_OUTBOUND_ALLOW": "127.0.0.1"}


def sms(world: World, **options: Any) -> Application:
    """An application whose people sign in with texted codes alone."""
    app = world.client(grant_types=[OTP, "authorization_code"])
    connect(world, app.client_id, strategy="sms", default_region="DE", **options)
    alone(world, app.client_id)
    return app


def ask(app: Application, browser: Browser, number: str = NUMBER) -> Any:
    attempt = app.begin(browser)
    browser.submit(username=number)
    return attempt


def code_in(text: str) -> str:
    found = re.search(r"^@id\.example\.test #(\d{6})$", text, re.MULTILINE)
    assert found, text
    return found[1]


def test_development_shows_messages_in_its_mailbox(world: World, browser: Browser) -> None:
    app = sms(world)
    attempt = ask(app, browser)
    assert browser.path == "/u/login-passwordless/login-passwordless-sms-otp"
    (message,) = world.mails()
    assert (message.to, message.subject, message.html) == (NUMBER, "SMS", "")
    browser.submit(code=code_in(message.text))
    claims = attempt.tokens(browser.answer).id_claims
    assert claims["sub"].startswith("sms|")
    shown = world.caller().get(f"/users/{claims['sub'].replace('|', '%7C')}").json or {}
    assert (shown["phone_number"], shown["phone_verified"]) == (NUMBER, True)


def test_every_spelling_of_a_number_is_one_account(world: World) -> None:
    app = sms(world)
    arabic = "".join(chr(0x0660 + int(digit)) for digit in "01712345678")
    subjects = set()
    for number in ("+49 (0)171 2345678", "0171 2345678", "0049 171 2345678", arabic, "+49-171-234-5678"):
        browser = world.browser()
        attempt = ask(app, browser, number)
        assert browser.path.endswith("sms-otp"), (number, browser.shown.text)
        browser.submit(code=code_in(world.mails(NUMBER)[0].text))
        subjects.add(attempt.tokens(browser.answer).id_claims["sub"])
    assert len(subjects) == 1


@pytest.mark.parametrize(
    "number",
    ["+1 900 555 0100", "0900 1234567", "0171 2345678 ext. 12", "123", "not a number", "+999 1234567", "9" * 80],
)
def test_numbers_that_no_code_is_sent_to(world: World, browser: Browser, number: str) -> None:
    app = sms(world)
    ask(app, browser, number)
    assert (browser.status, browser.path) == (400, "/u/login/identifier")
    assert "phone number we can text" in browser.shown.text
    assert world.mails() == []


def test_other_countries_can_be_left_out(world: World, browser: Browser) -> None:
    app = sms(world, countries=["DE", "AT"])
    ask(app, browser, "+33 6 12 34 56 78")
    assert browser.status == 400
    ask(app, browser, "+43 664 1234567")
    assert browser.path.endswith("sms-otp")


def test_twilio_sees_its_own_wire(world: World, browser: Browser, provider: Provider, url: str) -> None:
    app = sms(
        world, provider="twilio", twilio_sid="AC1", twilio_token="t0ken", twilio_base_url=url, **{"from": "+1555"}
    )
    attempt = ask(app, browser)
    world.work()
    (call,) = provider.calls
    basic = base64.b64encode(b"AC1:t0ken").decode()
    assert (call["sid"], call["auth"], call["To"], call["From"]) == ("AC1", f"Basic {basic}", NUMBER, "+1555")
    browser.submit(code=code_in(call["Body"]))
    assert attempt.tokens(browser.answer)
    assert [entry.type for entry in world.logs("cls", "fn")] == ["cls"]
    stored = (world.caller().get("/connections", strategy="sms").json or [])[0]["options"]
    assert stored["twilio_token"] == "t0ken"


def test_a_gateway_sees_who_sends(world: World, browser: Browser, provider: Provider, url: str, clock: Clock) -> None:
    provider.status = 200
    authentication = {"method": "bearer", "subject": "urn:us", "audience": "urn:gateway", "secret": SECRET}
    app = sms(
        world,
        provider="sms_gateway",
        gateway_url=f"{url}/gateway",
        gateway_authentication=authentication,
        forward_req_info=True,
        template="Hello from @@application@@: @@password@@",
        **{"from": "Shop"},
    )
    ask(app, browser)
    world.work()
    (call,) = provider.calls
    assert (call["recipient"], call["sender"]) == (NUMBER, "Shop")
    assert call["req"] == {"ip": browser.address, "user-agent": browser.agent}
    assert call["body"].startswith("Hello from The web app: ")
    key = OctKey.import_key(SECRET)
    claims = jwt.decode(call["auth"].removeprefix("Bearer "), key, algorithms=["HS256"]).claims
    assert (claims["sub"], claims["aud"]) == ("urn:us", "urn:gateway")


def test_a_provider_that_fails_is_told_to_everybody_for_a_minute(
    world: World, browser: Browser, provider: Provider, url: str, clock: Clock
) -> None:
    provider.status = 500
    app = sms(world, provider="twilio", twilio_sid="AC1", twilio_token="t", twilio_base_url=url, **{"from": "+1"})
    ask(app, browser)
    world.work()
    (entry,) = world.logs("fn")
    assert entry.data["details"]["code"] == "sms_provider_error"
    assert "Twilio answered 500" in entry.data["details"]["detail"]
    other = world.browser()
    ask(app, other, "+491701111111")
    assert (other.status, "Text messages can’t be sent" in other.shown.text) == (400, True)
    body = {"client_id": app.client_id, "connection": "sms", "phone_number": NUMBER}
    answer = world.send("POST", "/passwordless/start", json=body)
    assert (answer.status_code, (answer.json or {})["error"]) == (400, "sms_provider_error")
    clock.forward(seconds=121)
    provider.status = 201
    assert world.send("POST", "/passwordless/start", json=body).status_code == 200
    world.work()
    assert len(provider.calls) == 2, "what was not sent is not sent later"


def test_one_refused_number_troubles_nobody_else(world: World, browser: Browser, provider: Provider, url: str) -> None:
    provider.status = 400
    app = sms(world, provider="twilio", twilio_sid="AC1", twilio_token="t", twilio_base_url=url, **{"from": "+1"})
    ask(app, browser)
    world.work()
    assert world.logs("fn")[0].data["details"]["code"] == "invalid_number"
    other = world.browser()
    ask(app, other, "+491701111111")
    assert other.path.endswith("sms-otp")


@pytest.mark.parametrize("listens", [False, True])
def test_a_silent_provider_keeps_nobody_waiting(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch, *, listens: bool
) -> None:
    """One that is not there, and one that takes the call and never says a word."""
    monkeypatch.setattr(client, "READ_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1] if listens else 9
        app = sms(world, provider="sms_gateway", gateway_url=f"http://127.0.0.1:{port}/gateway")
        ask(app, browser)
        assert browser.path.endswith("sms-otp"), "before anybody was called"
        began = time.monotonic()
        world.work()
        assert time.monotonic() - began < 10
    assert world.logs("fn")[0].data["details"]["code"] == "sms_provider_error"


@pytest.mark.parametrize("status", [201, 500])
def test_a_gateway_that_does_not_answer_200_failed(
    world: World, browser: Browser, provider: Provider, url: str, status: int
) -> None:
    """Whatever else it answers, Auth0's contract knows 200 alone."""
    provider.status = status
    app = sms(world, provider="sms_gateway", gateway_url=f"{url}/gateway")
    ask(app, browser)
    world.work()
    assert len(provider.calls) == 1
    assert [entry.data["details"]["code"] for entry in world.logs("fn")] == ["sms_provider_error"]


def test_fifty_newcomers_an_hour_in_a_country_where_nobody_says_otherwise(world: World) -> None:
    sms(world)
    with world.context() as work:
        (connection,) = [each for each in runtime.everywhere(work) if each.strategy == "sms"]
    assert service.rules(connection).newcomers == limits.CODES_TO_COUNTRY.count == 50


def test_many_messages_to_one_country_stop_and_its_owners_still_sign_in(
    open_world: Any, browser: Browser, clock: Clock
) -> None:
    world: World = open_world(IDP_RATE_LIMITS="on")
    app = sms(world, newcomers_per_country=5)
    owner = world.browser(address="192.0.2.10")
    ask(app, owner)
    owner.submit(code=code_in(world.mails(NUMBER)[0].text))
    assert owner.answer.code
    for number in range(8):
        stranger = world.browser(address=f"198.51.{number}.7")
        ask(app, stranger, f"+4917011111{number:02d}")
        assert stranger.path.endswith("sms-otp"), "the same page"
    assert len({mail.to for mail in world.mails()}) == 1 + 4, "one of five was the owner's first"
    clock.forward(seconds=31)
    again = app.begin(owner, prompt="login")
    owner.submit(username=NUMBER)
    owner.submit(code=code_in(world.mails(NUMBER)[0].text))
    assert again.tokens(owner.answer)


def test_strangers_cannot_use_up_what_a_number_needs(open_world: Any) -> None:
    world: World = open_world(IDP_RATE_LIMITS="on")
    app = sms(world)
    owner = world.browser(address="192.0.2.10")
    ask(app, owner)
    owner.submit(code=code_in(world.mails(NUMBER)[0].text))
    refused = 0
    for number in range(14):
        stranger = world.browser(address=f"198.51.{number}.7")
        ask(app, stranger)
        refused += stranger.status == 429
    assert refused >= 3
    app.begin(owner, prompt="login")
    owner.submit(username=NUMBER)
    assert owner.path.endswith("sms-otp")
    owner.submit(code=code_in(world.mails(NUMBER)[0].text))
    assert owner.answer.code


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"provider": "sms_gateway"}, "gateway_url is missing"),
        ({"provider": "twilio", "twilio_sid": "AC1"}, "go together"),
        ({"twilio_sid": "AC1", "twilio_token": "t"}, "from or options.messaging_service_sid is missing"),
        ({"default_region": "Germany"}, "default_region"),
        ({"totp": {"length": 2}}, "length"),
        ({"twilio_base_url": "ftp://x"}, "twilio_base_url"),
        ({"provider": "sms_gateway", "gateway_url": "https://["}, "gateway_url is not the address"),
        (
            {
                "provider": "sms_gateway",
                "gateway_url": "https://x.example",
                "gateway_authentication": {
                    "method": "bearer",
                    "audience": "a",
                    "secret": "no base64!",
                    "secret_base64_encoded": True,
                },
            },
            "no base64",
        ),
    ],
)
def test_what_cannot_work_is_refused_when_saved(world: World, options: dict[str, Any], why: str) -> None:
    answer = world.caller().post("/connections", {"name": "odd", "strategy": "sms", "options": options})
    assert answer.status_code == 400
    assert why in (answer.json or {})["message"]


def test_the_tenants_provider_sends_where_the_connection_names_nobody(
    world: World, browser: Browser, provider: Provider, url: str
) -> None:
    api = world.caller()
    body = {
        "name": "twilio",
        "configuration": {"sid": "AC9", "default_from": "+1777", "delivery_methods": ["text"]},
        "credentials": {"auth_token": "tenant-token"},
    }
    made = api.post("/branding/phone/providers", body)
    assert made.status_code == 201
    words = {"type": "otp_verify", "content": {"body": {"text": "Code {{ code }} of {{ friendly_name }}"}}}
    assert api.post("/branding/phone/templates", words).status_code == 201
    app = sms(world, twilio_base_url=url)
    attempt = ask(app, browser)
    world.work()
    (call,) = provider.calls
    basic = base64.b64encode(b"AC9:tenant-token").decode()
    assert (call["sid"], call["auth"], call["From"]) == ("AC9", f"Basic {basic}", "+1777")
    code = code_in(call["Body"])
    assert call["Body"].startswith(f"Code {code} of ")
    browser.submit(code=code)
    assert attempt.tokens(browser.answer)
    api.patch(f"/branding/phone/providers/{(made.json or {})['id']}", {"disabled": True})
    ask(app, world.browser(), "+49 171 7654321")
    assert [mail.subject for mail in world.mails("+491717654321")] == ["SMS"]
