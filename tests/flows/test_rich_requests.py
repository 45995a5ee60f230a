"""Rich authorization requests (RFC 9396): types of an API, the consent page in words, tokens, narrowing."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.world import API, Person, World

PAYMENT = {
    "type": "payment_initiation",
    "actions": ["initiate", "status", "cancel"],
    "instructedAmount": {"currency": "EUR", "amount": "123.50"},
    "creditorName": "Merchant A",
}
LESS = {**PAYMENT, "actions": ["status"]}
OFFLINE = "openid offline_access read:things"


@pytest.fixture
def app(world: World) -> Application:
    world.api(
        authorization_details=[
            {"type": "payment_initiation", "description": "A payment", "labels": {"instructedAmount": "Amount"}},
            {"type": "account_information"},
        ]
    )
    return world.client()


def asked(*details: Any) -> str:
    return json.dumps(list(details))


def allow(app: Application, browser: Browser, person: Person, *details: Any, scope: str = OFFLINE) -> Any:
    """The whole way with a yes on the consent page."""
    return app.sign_in(browser, person, audience=API, scope=scope, authorization_details=asked(*details))


def test_the_person_sees_it_in_words_and_the_api_gets_it(
    world: World, browser: Browser, jane: Person, app: Application
) -> None:
    attempt = app.begin(browser, audience=API, scope=OFFLINE, authorization_details=asked(PAYMENT))
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path == "/u/consent"
    for words in ("A payment", "What it may do", "initiate, status, cancel", "Amount – Currency", "EUR", "123.50"):
        assert words in browser.shown.text, words
    assert "Creditor name" in browser.shown.text
    browser.submit("consent-accept")
    tokens = attempt.tokens(browser.answer)
    assert tokens.raw["authorization_details"] == [PAYMENT]
    assert tokens.access_claims["authorization_details"] == [PAYMENT]
    assert app.introspect(tokens.access_token)["authorization_details"] == [PAYMENT]
    assert app.introspect(tokens.refresh_token)["authorization_details"] == [PAYMENT]
    assert world.get("/.well-known/openid-configuration").get_json()["authorization_details_types_supported"] == [
        "account_information",
        "payment_initiation",
    ]


@row("K2")
def test_everybody_is_asked_each_time(world: World, browser: Browser, jane: Person, app: Application) -> None:
    allow(app, browser, jane, PAYMENT)
    app.begin(browser, audience=API, scope=OFFLINE, authorization_details=asked(PAYMENT), prompt="none")
    assert browser.answer.error == "consent_required"
    app.begin(browser, audience=API, scope=OFFLINE, authorization_details=asked(PAYMENT))
    assert browser.path == "/u/consent"
    browser.submit("consent-deny")
    assert browser.answer.error == "access_denied"
    app.begin(browser, audience=API, scope=OFFLINE)
    assert browser.answer.error is None, "without details the old yes counts"


@row("F4")
def test_a_token_may_have_less_and_never_more(browser: Browser, jane: Person, app: Application) -> None:
    tokens = allow(app, browser, jane, PAYMENT)
    less = tokens.refreshed(authorization_details=asked(LESS))
    assert less.access_claims["authorization_details"] == [LESS]
    assert tokens.refreshed().access_claims["authorization_details"] == [PAYMENT], "the grant itself stays"
    more = [
        {**PAYMENT, "actions": ["initiate", "refund"]},
        {**PAYMENT, "instructedAmount": {"currency": "EUR", "amount": "9999"}},
        {name: value for name, value in PAYMENT.items() if name != "creditorName"},
        {"type": "account_information"},
        {**PAYMENT, "actions": []},
    ]
    for each in more:
        said = app.refresh(tokens.refresh_token, authorization_details=asked(each))
        assert (said.status_code, said.get_json()["error"]) == (400, "invalid_authorization_details"), each


def test_a_code_may_be_redeemed_for_a_part(browser: Browser, jane: Person, app: Application) -> None:
    two = {"type": "account_information"}
    attempt = app.begin(browser, audience=API, scope="openid", authorization_details=asked(PAYMENT, two))
    browser.submit(username=jane.email, password=jane.password)
    browser.submit("consent-accept")
    assert attempt.tokens(browser.answer, authorization_details=asked(two)).raw["authorization_details"] == [two]


@pytest.mark.parametrize(
    "details",
    [
        "x",
        "{}",
        "[]",
        '["x"]',
        '[{"type": 1}]',
        '[{"actions": ["x"]}]',
        asked({"type": "unknown"}),
        asked({**PAYMENT, "locations": ["https://elsewhere.example/"]}),
        asked({**PAYMENT, "actions": "initiate"}),
        asked({**PAYMENT, "identifier": 7}),
        asked(*[PAYMENT] * 11),
        asked({**PAYMENT, "note": "x" * 9_000}),
        asked({"type": "payment_initiation", "a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}),
        '[{"type": "payment_initiation", "a": ' + "[" * 300 + "]" * 300 + "}]",
    ],
)
def test_what_is_malformed_or_not_offered_is_refused(
    browser: Browser, jane: Person, app: Application, details: str
) -> None:
    app.begin(browser, audience=API, scope="openid", authorization_details=details)
    assert browser.answer.error == "invalid_authorization_details"
    pushed = app.call("/oauth/par", **app.attempt(audience=API, authorization_details=details).params)
    assert pushed.get_json()["error"] == "invalid_authorization_details"


def test_types_are_the_apis_and_the_clients(world: World, browser: Browser, jane: Person, app: Application) -> None:
    app.begin(browser, scope="openid", authorization_details=asked(PAYMENT))
    assert browser.answer.error == "invalid_authorization_details", "no API"
    world.change_api(API, subject_type_authorization={"user": {"policy": "require_client_grant"}})
    grant = {"client_id": app.client_id, "audience": API, "scope": ["read:things"], "subject_type": "user"}
    made = world.management().post("/client-grants", {**grant, "authorization_details_types": ["account_information"]})
    app.begin(browser, audience=API, scope="openid", authorization_details=asked(PAYMENT))
    assert browser.answer.error == "invalid_authorization_details"
    world.management().patch(f"/client-grants/{made['id']}", {"authorization_details_types": ["payment_initiation"]})
    assert allow(app, browser, jane, PAYMENT).raw["authorization_details"] == [PAYMENT]


def test_a_pushed_request_and_a_machine(world: World, browser: Browser, jane: Person, app: Application) -> None:
    attempt = app.attempt(audience=API, scope="openid", authorization_details=asked(PAYMENT))
    uri = app.call("/oauth/par", **attempt.params).get_json()["request_uri"]
    browser.open(f"{world.issuer}authorize?{urlencode({'client_id': app.client_id, 'request_uri': uri})}")
    browser.submit(username=jane.email, password=jane.password)
    assert "A payment" in browser.shown.text
    browser.submit("consent-accept")
    assert attempt.tokens(browser.answer).raw["authorization_details"] == [PAYMENT]
    machine = world.client("m2m")
    grant = {"client_id": machine.client_id, "audience": API, "scope": []}
    world.management().post("/client-grants", {**grant, "authorization_details_types": ["account_information"]})
    wanted = asked({"type": "account_information"})
    said = machine.token(grant_type="client_credentials", audience=API, authorization_details=wanted).get_json()
    assert machine.claims(said["access_token"])["authorization_details"] == [{"type": "account_information"}]
    assert machine.introspect(said["access_token"])["authorization_details"] == [{"type": "account_information"}]
    refused = machine.token(grant_type="client_credentials", audience=API, authorization_details=asked(PAYMENT))
    assert refused.get_json()["error"] == "invalid_authorization_details"


@row("K2")
def test_nothing_is_left_out_on_the_page(browser: Browser, jane: Person, app: Application) -> None:
    """Whoever hides the amount behind sixty harmless members gets a yes to something else."""
    many = {"type": "payment_initiation", **{f"note{number}": "x" for number in range(59)}}
    app.begin(browser, audience=API, scope=OFFLINE, authorization_details=asked({**many, "amount": "99999"}))
    assert browser.answer.error == "invalid_authorization_details"
    most = {name: value for name, value in many.items() if name not in {"note0", "note1"}} | {"limits": {}}
    app.begin(browser, audience=API, scope=OFFLINE, authorization_details=asked({**most, "amount": "99999"}))
    browser.submit(username=jane.email, password=jane.password)
    assert "99999" in browser.shown.text
    assert "Limits" in browser.shown.text, "a member without content is one, too"


# ---- devices, and what is confirmed elsewhere
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def begin_device(tv: Application, *details: Any) -> Any:
    wanted = {"audience": API, "scope": OFFLINE, "authorization_details": asked(*details)}
    return tv.call("/oauth/device/code", **wanted)


@row("K2")
def test_a_device_asks_in_detail(world: World, browser: Browser, jane: Person, app: Application) -> None:
    tv = world.client("native", grant_types=[DEVICE, "refresh_token", "authorization_code"])
    for _ in range(2):
        begun = begin_device(tv, PAYMENT).get_json()
        browser.open(begun["verification_uri_complete"])
        browser.submit("device-confirm")
        if browser.path == "/u/login":
            browser.submit(username=jane.email, password=jane.password)
        assert browser.path == "/u/consent", "each time"
        for words in ("A payment", "initiate, status, cancel", "123.50"):
            assert words in browser.shown.text, words
        waiting = tv.token(grant_type=DEVICE, device_code=begun["device_code"])
        assert waiting.get_json()["error"] == "authorization_pending"
        browser.submit("consent-accept")
        assert browser.path == "/device/success"
        tokens = tv.token(grant_type=DEVICE, device_code=begun["device_code"]).get_json()
        assert tokens["authorization_details"] == [PAYMENT]
        assert tv.claims(tokens["access_token"])["authorization_details"] == [PAYMENT]
        again = tv.refresh(tokens["refresh_token"], authorization_details=asked(LESS)).get_json()
        assert again["authorization_details"] == [LESS]


@row("F4")
def test_a_device_may_take_less_and_never_more(world: World, browser: Browser, jane: Person, app: Application) -> None:
    tv = world.client("native", grant_types=[DEVICE, "refresh_token", "authorization_code"])
    begun = begin_device(tv, PAYMENT).get_json()
    browser.open(begun["verification_uri_complete"])
    browser.submit("device-confirm")
    browser.submit(username=jane.email, password=jane.password)
    browser.submit("consent-accept")
    more = asked({**PAYMENT, "creditorName": "Merchant B"})
    said = tv.token(grant_type=DEVICE, device_code=begun["device_code"], authorization_details=more)
    assert said.get_json()["error"] == "invalid_authorization_details"
    said = tv.token(grant_type=DEVICE, device_code=begun["device_code"], authorization_details=asked(LESS))
    assert said.get_json()["authorization_details"] == [LESS], "the refusal spent nothing"


def test_no_to_the_details_is_no_to_the_device(world: World, browser: Browser, jane: Person, app: Application) -> None:
    tv = world.client("native", grant_types=[DEVICE, "authorization_code"])
    begun = begin_device(tv, PAYMENT).get_json()
    browser.open(begun["verification_uri_complete"])
    browser.submit("device-confirm")
    browser.submit(username=jane.email, password=jane.password)
    browser.submit("consent-deny")
    said = tv.token(grant_type=DEVICE, device_code=begun["device_code"])
    assert said.get_json()["error"] == "access_denied"


@pytest.mark.parametrize("details", [{"type": "unknown"}, {**PAYMENT, "locations": ["https://elsewhere.example/"]}])
def test_a_device_is_told_at_once_what_nobody_offers(world: World, app: Application, details: Any) -> None:
    tv = world.client("native", grant_types=[DEVICE])
    said = begin_device(tv, details)
    assert (said.status_code, said.get_json()["error"]) == (400, "invalid_authorization_details")


def test_what_the_api_gives_up_meanwhile_is_left_out(
    world: World, browser: Browser, jane: Person, app: Application
) -> None:
    tv = world.client("native", grant_types=[DEVICE, "authorization_code"])
    begun = begin_device(tv, PAYMENT).get_json()
    browser.open(begun["verification_uri_complete"])
    browser.submit("device-confirm")
    browser.submit(username=jane.email, password=jane.password)
    browser.submit("consent-accept")
    world.change_api(API, authorization_details=[])
    said = tv.token(grant_type=DEVICE, device_code=begun["device_code"])
    assert "authorization_details" not in said.get_json()
