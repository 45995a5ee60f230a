"""Second factors, signing keys and domains of the tenant on their pages."""

from __future__ import annotations

from idp.signin.passkeys import enrolment
from idp.signin.webauthn import challenges
from idp.signin.webauthn.ceremonies import Attestation
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import Person, World

MFA, KEYS, DOMAINS = "/admin/security/mfa", "/admin/settings/keys", "/admin/branding/domains"


def test_a_factor_is_switched_on_and_taken_back(world: World, desk: Desk) -> None:
    desk.open(MFA).press("mfa-switch-otp")
    assert desk.say("mfa-state-otp") == "On"
    assert {"name": "otp", "enabled": True}.items() <= next(
        each for each in world.caller().get("/guardian/factors").json or [] if each["name"] == "otp"
    ).items()
    desk.press("undo")
    assert desk.say("mfa-state-otp") == "Off"
    assert len(world.logs("sapi")) == 2


def test_a_factor_that_nobody_is_asked_for_says_so(desk: Desk) -> None:
    desk.open(MFA)
    assert "nobody" in desk.say("mfa-kept-duo")
    assert desk.has("mfa-kept-push-notification")
    assert not desk.has("mfa-kept-otp")
    assert desk.text.index("Authenticator apps") < desk.text.index("Push notifications"), "those that work stand first"


def test_who_is_asked_is_set_by_a_fresh_sign_in(world: World, desk: Desk, clock: Clock) -> None:
    desk.open(MFA).press("mfa-switch-otp")
    desk.press("mfa-policy", policy="confidence-score")
    assert world.caller().get("/guardian/policies").json == ["confidence-score"]
    desk.press("mfa-policy", policy="nobody")
    assert world.caller().get("/guardian/policies").json == []
    clock.forward(minutes=6)
    desk.press("mfa-policy", policy="confidence-score")
    assert desk.browser.path == "/u/login"
    assert world.caller().get("/guardian/policies").json == []


def test_trusted_browsers_are_forgotten_as_the_form_says(world: World, desk: Desk) -> None:
    desk.open(f"{MFA}/remembered").press("mfa-save", mfa_session_inactivity_timeout="7200")
    assert "Saved" in desk.say("notice"), desk.text
    assert (world.caller().get("/guardian/settings").json or {})["mfa_session_inactivity_timeout"] == 7200
    desk.press("mfa-save", mfa_session_inactivity_timeout="1")
    assert (desk.status, desk.has("field-mfa-session-inactivity-timeout-problem")) == (422, True)


def test_keys_are_rotated_and_revoked(world: World, desk: Desk) -> None:
    before = {each["kid"]: each for each in world.caller().get("/keys/signing").json or []}
    current = next(kid for kid, each in before.items() if each["current"])
    desk.open(KEYS)
    assert set(desk.rows()) == set(before)
    desk.open(f"{KEYS}/{current}").follow("keys-rotate").press("keys-confirm", desk__typed=current)
    assert desk.say("keys-state") == "Current"
    assert not desk.url.startswith(f"{KEYS}/{current}"), desk.url
    desk.open(f"{KEYS}/{current}").follow("keys-revoke").press("keys-confirm", desk__typed="another")
    assert desk.status == 422
    desk.press("keys-confirm", desk__typed=current)
    assert desk.open(f"{KEYS}/{current}").say("keys-state") == "Revoked"
    assert not desk.has("keys-rotate")


def test_a_domain_is_added_proven_and_deleted(world: World, desk: Desk) -> None:
    desk.open(f"{DOMAINS}/new").press("domains-save", domain="login.shop.example", type="auth0_managed_certs")
    assert desk.say("domains-state") == "Not proven", desk.text
    assert "login.shop.example" in desk.text
    (made,) = world.caller().get("/custom-domains").json or []
    assert made["verification"]["methods"][0]["record"] in desk.text
    desk.press("domains-verify")
    assert desk.say("domains-state") == "Ready", "a development installation believes every record"
    there = f"{DOMAINS}/{made['custom_domain_id']}"
    desk.open(f"{there}/settings").press("domains-save", domain_metadata='{"shop": "main"}')
    assert "Saved" in desk.say("notice"), desk.text
    desk.open(f"{there}/delete").press("domains-confirm", desk__typed="login.shop.example")
    assert (world.caller().get("/custom-domains").json or []) == []
    desk.open(f"{DOMAINS}/new").press("domains-save", domain="not a domain", type="auth0_managed_certs")
    assert (desk.status, desk.has("field-domain-problem")) == (422, True)


def test_login_factors_acceptance_29_a_change_says_how_many_passkeys_it_takes_along(
    world: World, desk: Desk, jane: Person
) -> None:
    """Before it is saved, at the deletion, and in the log whoever did it; not while another address is that name."""
    name, above = "login.shop.example", "shop.example"
    api = world.caller()
    made = api.post("/custom-domains", {"domain": name, "type": "auth0_managed_certs"}).json or {}
    there = f"{DOMAINS}/{made['custom_domain_id']}"
    desk.open(f"{there}").press("domains-verify")
    with world.writing() as work:
        for number in range(2):
            challenge = challenges.Challenge(challenges.ENROL, "", name, user_handle="x")
            made_there = Attestation(f"key-{number}", "", 0, "", True, True, True, ())
            enrolment.add(
                work, jane.user_id, world.connection_id, jane.account_id, enrolment.Made(made_there, challenge)
            )
    assert "2 passkeys" in desk.open(f"{there}/delete").text
    desk.open(f"{there}/settings").press("domains-save", relying_party_identifier=above)
    assert "2 passkeys" in desk.say("domains-goes"), desk.text
    assert world.logs("passkeys_left_behind") == []
    desk.press("domains-confirm")
    assert "Saved" in desk.say("notice"), desk.text
    (entry,) = world.logs("passkeys_left_behind")
    assert entry.description == f"2 passkeys and security keys were made for {name} and work nowhere any more"
    desk.open(f"{there}/settings").press("domains-save", relying_party_identifier=name)
    assert not desk.has("domains-goes"), "nobody has one of the other name"
    desk.press("domains-confirm")

    other = api.post("/custom-domains", {"domain": "www.login.shop.example", "type": "auth0_managed_certs"}).json or {}
    path = f"/custom-domains/{other['custom_domain_id']}"
    assert api.patch(path, {"relying_party_identifier": name}).status_code == 200
    assert api.post(f"{path}/verify").status_code == 200
    assert "passkeys" not in desk.open(f"{there}/delete").text, "the other domain is that name, too"
    assert api.delete(f"/custom-domains/{made['custom_domain_id']}").status_code == 204
    assert len(world.logs("passkeys_left_behind")) == 1
    assert api.delete(path).status_code == 204
    assert len(world.logs("passkeys_left_behind")) == 2


def test_a_viewer_of_users_sees_none_of_them(world: World, browser: Browser, hire: Hire) -> None:
    desk = Desk(world, enter(browser, hire("vera@example.com", "Viewer - Users"), "/admin/users"))
    for address in (MFA, KEYS, DOMAINS):
        assert f'href="{address}"' not in desk.html
        assert desk.open(address).status == 403
