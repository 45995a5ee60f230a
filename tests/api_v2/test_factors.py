"""Guardian settings and authentication methods in the Management API (spec/management-api.md; acceptance 22, 23)."""

from __future__ import annotations

from typing import Any

import pytest

from idp.signin.factors import enrolment, service
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.factors import code_of, demand, enrol, key_shown
from tests.world.fixtures import Clock, on_both_stores
from tests.world.management import Api
from tests.world.world import Person, World

NUMBER = "+491711234567"
SETTINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "duo/settings": ({"ikey": "i", "skey": "s", "host": "h"}, {"ikey": "i", "host": "h"}),
    "email/settings": ({"otp_length": 8, "otp_expiration_time": 600},) * 2,
    "phone/message-types": ({"message_types": ["sms", "voice"]},) * 2,
    "phone/providers/twilio": ({"from": "+1", "auth_token": "secret", "sid": "AC1"}, {"from": "+1", "sid": "AC1"}),
    "phone/selected-provider": ({"provider": "twilio"},) * 2,
    "phone/settings": ({"otp_length": 7, "otp_expiration_time": 60},) * 2,
    "phone/templates": ({"enrollment_message": "{{code}}", "verification_message": "{{code}}!"},) * 2,
    "push-notification/providers/apns": (
        {"sandbox": True, "bundle_id": "b", "p12": "cDEy"},
        {"sandbox": True, "bundle_id": "b"},
    ),
    "push-notification/providers/sns": ({"aws_region": "eu", "aws_secret_access_key": "s"}, {"aws_region": "eu"}),
    "push-notification/selected-provider": ({"provider": "direct"},) * 2,
    "sms/providers/twilio": ({"from": "+2", "auth_token": "t", "sid": "AC2"}, {"from": "+2", "sid": "AC2"}),
    "sms/templates": ({"enrollment_message": "a", "verification_message": "b"},) * 2,
    "webauthn-roaming/settings": ({"userVerification": "required", "overrideRelyingParty": False},) * 2,
}


@pytest.mark.parametrize("path", sorted(SETTINGS))
def test_settings_are_stored_and_shown_without_secrets(api: Api, path: str) -> None:
    sent, shown = SETTINGS[path]
    assert api.get(f"/guardian/factors/{path}").status_code == 200, "before anybody said anything"
    for answer in (api.put(f"/guardian/factors/{path}", sent), api.get(f"/guardian/factors/{path}")):
        assert answer.status_code == 200, answer.text
        body = answer.json or {}
        assert {name: body.get(name) for name in shown} == shown
        assert not {"skey", "auth_token", "p12", "aws_secret_access_key"} & body.keys()


def test_a_secret_that_is_not_sent_again_stays(world: World, api: Api) -> None:
    where = "/guardian/factors/phone/providers/twilio"
    api.put(where, {"from": "+1", "auth_token": "secret", "sid": "AC1"})
    api.put(where, {"from": "+2", "sid": "AC1"})
    from idp.signin.factors import settings

    with world.context() as work:
        told = settings.document(work, "phone/twilio")
    assert (told["auth_token"], told["from"]) == ("secret", "+2")


def test_factors_policies_and_timeouts(api: Api) -> None:
    listed = {each["name"]: each["enabled"] for each in api.get("/guardian/factors").json or []}
    assert listed == {name: name == "recovery-code" for name in listed}
    assert len(listed) == 8
    assert api.put("/guardian/factors/otp", {"enabled": True}).json == {"enabled": True}
    assert api.put("/guardian/factors/pigeon", {"enabled": True}).status_code == 400
    assert api.get("/guardian/policies").json == []
    assert api.put("/guardian/policies", ["all-applications"]).json == ["all-applications"]
    assert api.put("/guardian/policies", ["everybody"]).status_code == 400
    assert api.put("/guardian/policies", {"policies": []}).status_code == 400
    timeouts = {
        "display_remember_me_checkbox": False,
        "remember_me_default_value": True,
        "mfa_session_inactivity_timeout": 3_600,
        "mfa_session_overall_timeout": 7_200,
    }
    assert api.put("/guardian/settings", timeouts).json == timeouts
    assert api.get("/guardian/settings").json == timeouts
    assert api.put("/guardian/settings", {**timeouts, "mfa_session_overall_timeout": 3_599}).status_code == 400


@on_both_stores
def test_methods_of_a_user(world: World, api: Api, jane: Person) -> None:
    where = f"/users/{jane.user_id.replace('|', '%7C')}/authentication-methods"
    made = api.post(where, {"type": "phone", "phone_number": NUMBER, "name": "Work"})
    assert made.status_code == 201, made.text
    assert {each["type"] for each in made.json["authentication_methods"]} == {"sms", "voice"}
    listed = api.get(where, include_totals="true").json
    assert (listed["total"], listed["authenticators"][0]["confirmed"]) == (1, True)
    one = f"{where}/{made.json['id'].replace('|', '%7C')}"
    assert api.patch(one, {"name": "Home", "preferred_authentication_method": "voice"}).json["name"] == "Home"
    assert api.get(one).json["preferred_authentication_method"] == "voice"
    replaced = api.put(
        where,
        [
            {"type": "totp", "name": "App", "totp_secret": "JBSWY3DPEHPK3PXP"},
            {"type": "email", "email": "jane@example.com"},
        ],
    )
    assert [each["type"] for each in replaced.json] == ["totp", "email"]
    assert "totp_secret" not in replaced.text
    assert "JBSWY3DPEHPK3PXP" not in api.get(where).text, "O9"
    for body in ({"type": "phone", "phone_number": "12"}, {"type": "totp", "totp_secret": "1"}, {"type": "email"}):
        assert api.post(where, body).status_code == 400
    assert api.delete(f"{where}/totp%7Cdev_unknown").status_code == 404
    assert api.delete(where).status_code == 204
    assert api.get(where).json == []


@on_both_stores
def test_a_key_that_was_made_up_is_told_once(world: World, api: Api, jane: Person) -> None:
    """Nobody could use the factor otherwise, and Jane could not sign in without it."""
    where = f"/users/{jane.user_id.replace('|', '%7C')}/authentication-methods"
    made = api.post(where, {"type": "totp"})
    (replaced,) = api.put(where, [{"type": "totp"}]).json
    assert made.json["totp_secret"] != replaced["totp_secret"]
    with world.context() as work:
        (kept,) = [each for each in service.of_user(work, jane.user_id) if each.type == "totp"]
        assert service.seed_of(work, kept) == replaced["totp_secret"]
    assert replaced["totp_secret"] not in api.get(where).text + api.get("/logs", per_page=100).text
    assert api.get("/users/auth0%7Cnobody/authentication-methods").status_code == 404


@row("O9")
def test_what_concerns_all_factors_of_a_user(world: World, api: Api, jane: Person) -> None:
    demand(world)
    enrol(world, jane)
    user = f"/users/{jane.user_id.replace('|', '%7C')}"
    (found,) = api.get(f"{user}/enrollments").json or []
    assert (found["auth_method"], found["status"], found["type"]) == ("authenticator", "confirmed", "totp")
    assert api.get(f"/guardian/enrollments/{found['id'].replace('|', '%7C')}").json["id"] == found["id"]
    shown = api.get(user).json or {}
    assert shown["multifactor"] == ["google-authenticator"]
    assert shown["multifactor_last_modified"].endswith("Z")
    code = api.post(f"{user}/recovery-code-regeneration").json["recovery_code"]
    assert len(code) == 24
    assert api.delete(f"{user}/multifactor/google-authenticator").status_code == 204
    assert api.get(f"{user}/enrollments").json == [], "the recovery code stands in for nothing any more"
    assert "multifactor" not in (api.get(user).json or {})
    enrol(world, jane)
    assert api.delete(f"{user}/authenticators").status_code == 204
    assert api.get(f"{user}/authentication-methods").json == []
    assert api.delete(f"{user}/multifactor/pigeon").status_code == 400
    missing = api.get("/guardian/enrollments/dev_unknown")
    assert (missing.status_code, missing.json["errorCode"]) == (404, "enrollment_not_found")


def test_a_ticket_sets_a_factor_up_once(world: World, api: Api, browser: Browser, jane: Person, clock: Clock) -> None:
    """Acceptance 23."""
    demand(world)
    answer = api.post("/guardian/enrollments/ticket", {"user_id": jane.user_id, "send_mail": True})
    assert answer.status_code == 200, answer.text
    url = answer.json["ticket_url"]
    assert world.mails(jane.email)[0].links == [url]
    browser.open(url, site="cross-site", method="HEAD")
    browser.open(url, site="cross-site")
    assert browser.path == "/u/mfa-otp/mfa-otp-enrollment-qr"
    second = world.browser()
    second.open(url)
    seed = key_shown(browser)
    browser.submit(code=code_of(seed))
    browser.submit(saved="on")
    assert browser.path == "/u/mfa/mfa-enroll-result"
    second.submit(code="000000")
    assert second.status == 400, "the ticket is spent"
    third = world.browser()
    third.open(url)
    assert (third.status, third.path) == (400, "/u/mfa/enroll")
    with world.context() as work:
        assert [each.type for each in service.of_user(work, jane.user_id)] == ["totp", "recovery-code"]
    twice = api.post("/guardian/enrollments/ticket", {"user_id": jane.user_id})
    assert twice.status_code == 400
    url = api.post("/guardian/enrollments/ticket", {"user_id": jane.user_id, "allow_multiple_enrollments": True}).json[
        "ticket_url"
    ]
    clock.forward(days=5, seconds=1)
    third.open(url)
    assert third.status == 400, "five days are over"


@row("O3")
def test_a_ticket_for_a_first_factor_ends_with_that_factor(
    world: World, api: Api, browser: Browser, jane: Person
) -> None:
    """Also on the pages that it opened before."""
    demand(world)
    url = api.post("/guardian/enrollments/ticket", {"user_id": jane.user_id}).json["ticket_url"]
    browser.open(url)
    seed = key_shown(browser)
    enrol(world, jane)
    late = world.browser()
    late.open(url)
    assert late.status == 400
    browser.submit(code=code_of(seed))
    assert browser.status == 400
    with world.context() as work:
        assert [each.type for each in service.of_user(work, jane.user_id)] == ["totp"]


@row("O3")
@pytest.mark.parametrize(
    ("own", "change", "good"),
    [
        (True, {"password": "another 9 Battery"}, False),
        (False, {"password": "another 9 Battery"}, True),
        (False, {"blocked": True}, False),
    ],
)
def test_what_voids_a_ticket(
    world: World, api: Api, browser: Browser, jane: Person, own: bool, change: dict[str, Any], good: bool
) -> None:
    """One of the account page goes with the password it was made by; one of an administrator with a block."""
    demand(world)
    ticket = enrolment.Ticket(jane.user_id, several=True, own=own)
    with world.writing() as work:
        _, url = enrolment.create(work, ticket)
    assert api.patch(f"/users/{jane.user_id}", change).status_code == 200
    browser.open(url)
    assert browser.status == (200 if good else 400)


def test_a_secret_that_is_null_is_not_told(api: Api) -> None:
    path = "/guardian/factors/phone/providers/twilio"
    assert api.put(path, {"auth_token": None, "sid": "AC1"}).status_code == 200
    told = api.get(path).json or {}
    assert (told["sid"], "auth_token" in told) == ("AC1", False)


@on_both_stores
def test_one_credential_is_one_persons(world: World, api: Api, jane: Person) -> None:
    john = world.user("john@example.com")
    body = {
        "type": "passkey",
        "key_id": "a2V5LW9mLWphbmU",
        "public_key": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",
        "relying_party_identifier": "login.example.com",
    }
    answers = [api.post(f"/users/{each.user_id}/authentication-methods", body) for each in (jane, john)]
    assert [each.status_code for each in answers] == [201, 409], [each.json for each in answers]


def test_risk_assessments_are_set_and_forgotten(world: World, api: Api, jane: Person) -> None:
    """In the recorded shapes."""
    assert api.get("/risk-assessments/settings").json == {"enabled": False}
    assert api.patch("/risk-assessments/settings", {"enabled": True}).json == {"enabled": True}
    assert api.get("/risk-assessments/settings/new-device").json == {"remember_for": 30}
    assert api.patch("/risk-assessments/settings/new-device", {"remember_for": 2}).json == {"remember_for": 2}
    for body in ({"remember_for": 0}, {"remember_for": 366}, {}, {"remember_for": "2"}):
        assert api.patch("/risk-assessments/settings/new-device", body).status_code == 400
    where = f"/users/{jane.user_id.replace('|', '%7C')}/risk-assessments/clear"
    clear = {"connection": "Username-Password-Authentication", "assessors": ["new-device"]}
    assert api.post(where, clear).status_code == 204
    assert api.post(where, {**clear, "assessors": ["mood"]}).status_code == 400
    assert api.post(where, {**clear, "connection": "elsewhere"}).status_code == 404
    assert api.post("/users/auth0%7Cnobody/risk-assessments/clear", clear).status_code == 404
