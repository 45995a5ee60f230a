"""Passkeys on the pages (spec/login-factors.md, acceptance 25 to 28, 30 to 32; security.md O10)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from idp.signin.login.passkey_sign_in import owner
from idp.signin.passkeys import enrolment
from idp.signin.passkeys.service import Shown
from idp.signin.webauthn import challenges
from idp.signin.webauthn.ceremonies import Attestation
from tests.security.rows import row
from tests.world.application import Application
from tests.world.authenticator import BE, BS, UP, UV, Authenticator
from tests.world.browser import Browser
from tests.world.domains import app_at, held, under
from tests.world.fixtures import Clock, on_both_stores
from tests.world.passkeys import asked, authenticator, enrol, options, show, with_password
from tests.world.world import Person, World

PAGES = pytest.mark.parametrize("split", [False, True])
FAILED = "That passkey doesn’t work here"


@pytest.fixture
def app(world: World) -> Application:
    """An application of the installed connection, whose people may have passkeys."""
    return world.client()


@pytest.fixture
def device(world: World) -> Authenticator:
    """A device that synchronizes its passkeys."""
    return authenticator(world)


def begin(app: Application, world: World) -> Browser:
    browser = world.browser()
    app.begin(browser)
    return browser


def enrolled(app: Application, world: World, person: Person, device: Authenticator) -> None:
    """The person signs in and takes the offer."""
    browser = begin(app, world)
    with_password(browser, person)
    enrol(browser, device)
    assert browser.answer.code


@on_both_stores
@PAGES
def test_acceptance_25_a_passkey_signs_in_by_itself(
    world: World, jane: Person, app: Application, device: Authenticator, split: bool
) -> None:
    enrolled(app, world, jane, device)
    world.prompts(identifier_first=split)
    browser = world.browser()
    attempt = app.begin(browser, scope="openid email")
    assert browser.path == ("/u/login/identifier" if split else "/u/login")
    said = options(browser)
    assert (said["userVerification"], said["timeout"]) == ("required", 60_000)
    assert "allowCredentials" not in said
    show(browser, device)
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id
    (entry,) = world.logs("s")[-1:]
    assert entry.user_id == jane.user_id


@on_both_stores
def test_acceptance_25_an_account_with_a_passkey_alone(world: World, app: Application, device: Authenticator) -> None:
    browser = begin(app, world)
    browser.follow("signup-link")
    said = options(browser, "signup", email="new@example.com")
    assert said["authenticatorSelection"]["residentKey"] == "required"
    assert said["attestation"] == "none"
    assert [each["alg"] for each in said["pubKeyCredParams"]] == [-8, -7, -257]
    browser.submit("passkey", email="new@example.com", passkey=device.create(said))
    assert browser.answer.code
    assert [entry.user_name for entry in world.logs("ss")] == ["new@example.com"]
    again = begin(app, world)
    show(again, device)
    assert again.answer.code
    wrong = begin(app, world)
    wrong.submit("login-submit", username="new@example.com", password="anything 9 Else")
    assert wrong.path == "/u/login"  # there is no password that could fit


def test_a_passkey_is_no_way_around_the_code_that_proves_an_address(
    world: World, app: Application, device: Authenticator
) -> None:
    email = {"identifier": {"active": True}, "signup": {"status": "required"}, "verification_method": "otp"}
    world.connection_options(attributes={"email": email})
    browser = begin(app, world)
    browser.follow("signup-link")
    browser.submit(
        "passkey", email="new@example.com", passkey=device.create(options(browser, "signup", email="new@example.com"))
    )
    assert browser.path == "/u/email-identifier-challenge"
    again = begin(app, world)
    show(again, device)
    assert again.path == "/u/login-email-verification"
    again.submit(code=re.findall(r"\b\d{6}\b", world.mails("new@example.com")[0].text)[0])
    assert again.answer.code
    third = begin(app, world)
    show(third, device)
    assert third.answer.code


def test_a_taken_address_is_refused_with_a_passkey_as_with_a_password(
    world: World, jane: Person, app: Application, device: Authenticator
) -> None:
    browser = begin(app, world)
    browser.follow("signup-link")
    browser.submit("passkey", email=jane.email, passkey=device.create(options(browser, "signup", email=jane.email)))
    assert browser.path == "/u/signup"
    with world.context() as work:
        assert not enrolment.of_user(work, jane.user_id)


def test_sign_up_says_what_is_wrong_with_the_address(world: World, app: Application) -> None:
    browser = begin(app, world)
    browser.follow("signup-link")
    assert asked(browser, "signup", email="nonsense").status_code == 400
    browser.submit("passkey", email="nonsense")
    assert browser.status == 400


WRONG = {
    "bogus signature": {"signature": b"\x30\x06\x02\x01\x01\x02\x01\x01"},
    "not present": {"flags": UV | BE | BS},
    "not verified": {"flags": UP | BE | BS},
    "other origin": {"origin": "https://evil.example.test"},
    "framed": {"cross_origin": True},
    "other host": {"rp_id": "evil.example.test"},
    "other type": {"type": "webauthn.create"},
    "foreign user handle": {"user_handle": b"somebody else"},
    "no user handle": {"user_handle": None},
    "backed up, but may not be": {"flags": UP | UV | BS},
    "may no longer be backed up": {"flags": UP | UV},
    "other challenge": {"challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
    "unknown credential": {"id": b"nobody has this"},
}


@row("O10")
def test_acceptance_26_what_is_wrong_is_refused_and_every_other_way_stays(
    world: World, jane: Person, app: Application, device: Authenticator
) -> None:
    enrolled(app, world, jane, device)
    for wrong, changed in WRONG.items():
        browser = begin(app, world)
        show(browser, device, **changed)
        assert (browser.path, browser.status) == ("/u/login", 400), wrong
        assert FAILED in browser.shown.text, wrong
    assert len(world.logs("passkey_challenge_failed")) == len(WRONG)
    with_password(browser, jane, makes=False)
    assert browser.answer.code


ODD = ("{}", "[]", "null", "nonsense", '{"id": "x", "response": {"clientDataJSON": "!"}}', "[" * 9_000, "9" * 20_000)


def test_what_is_no_answer_is_refused(world: World, app: Application) -> None:
    browser = begin(app, world)
    for sent in ODD:
        browser.submit("passkey", passkey=sent)
        assert (browser.path, browser.status) == ("/u/login", 400)


@row("O10")
@on_both_stores
def test_acceptance_26_an_answer_is_good_once(
    world: World, jane: Person, app: Application, device: Authenticator
) -> None:
    enrolled(app, world, jane, device)
    browser = begin(app, world)
    answer = show(browser, device)
    assert browser.answer.code
    for other in (begin(app, world), begin(app, world)):
        other.submit("passkey", passkey=answer)
        assert other.status == 400


def test_acceptance_26_a_challenge_is_of_one_sign_in_and_for_five_minutes(
    world: World, jane: Person, app: Application, device: Authenticator, clock: Clock
) -> None:
    enrolled(app, world, jane, device)
    one, other = begin(app, world), begin(app, world)
    other.submit("passkey", passkey=device.get(options(one)))
    assert other.status == 400
    old = options(one)
    clock.forward(seconds=challenges.LIFETIME_MS // 1000 + 1)
    one.submit("passkey", passkey=device.get(old))
    assert one.status == 400


@row("O10")
def test_acceptance_27_a_counter_that_runs_backwards(world: World, jane: Person, app: Application) -> None:
    key = authenticator(world, synced=False, counts=True)
    enrolled(app, world, jane, key)
    browser = begin(app, world)
    show(browser, key)
    assert browser.answer.code
    copied = begin(app, world)
    show(copied, key, count=1)
    assert copied.status == 400
    assert [mail.subject for mail in world.mails(jane.email) if "copied" in mail.subject]
    good = begin(app, world)
    show(good, key, count=9)
    assert good.answer.code


def test_acceptance_27_a_passkey_of_several_devices_may_count_backwards(
    world: World, jane: Person, app: Application
) -> None:
    synced = authenticator(world, synced=True, counts=True)
    enrolled(app, world, jane, synced)
    browser = begin(app, world)
    show(browser, synced, count=0)
    assert browser.answer.code
    assert "several devices" in (world.logs("passkey_challenge_failed")[-1].description or "")
    assert not [mail for mail in world.mails(jane.email) if "copied" in mail.subject]


def test_whether_it_is_backed_up_may_change(
    world: World, jane: Person, app: Application, device: Authenticator
) -> None:
    enrolled(app, world, jane, device)
    browser = begin(app, world)
    show(browser, device, flags=UP | UV | BE)
    assert browser.answer.code
    with world.context() as work:
        (kept,) = enrolment.of_user(work, jane.user_id)
        assert (kept.backup_eligible, kept.backed_up) == (True, False)


def test_other_algorithms(world: World, app: Application) -> None:
    for algorithm in (-8, -257):
        key = authenticator(world, algorithm=algorithm)
        enrolled(app, world, world.user(f"alg{algorithm}@example.com"), key)
        browser = begin(app, world)
        show(browser, key)
        assert browser.answer.code


def test_what_a_session_says_of_it(world: World, jane: Person, app: Application) -> None:
    """UV is two factors; the tenant, or one application, may count it as one (acceptance 28)."""
    for synced, compatibility, expected in (
        (True, {}, ["mfa", "swk", "user"]),
        (False, {}, ["mfa", "hwk", "user"]),
        (True, {"passkey_requires_mfa": True}, ["swk", "user"]),
    ):
        person = world.user(f"{synced}{len(compatibility)}@example.com".lower())
        key = authenticator(world, synced=synced)
        enrolled(app, world, person, key)
        world.settings(compatibility=compatibility)
        browser = begin(app, world)
        show(browser, key)
        found = world.caller().get(f"/users/{person.user_id}/sessions").json["sessions"]
        newest = max(found, key=lambda each: each["authenticated_at"])
        assert [each["name"] for each in newest["authentication"]["methods"]] == expected
        world.settings(compatibility={})


@on_both_stores
def test_acceptance_30_the_21st_is_refused(world: World, jane: Person, app: Application, device: Authenticator) -> None:
    enrolled(app, world, jane, device)
    with world.writing() as work:
        (kept,) = enrolment.of_user(work, jane.user_id)
        for number in range(enrolment.MOST - 1):
            made = enrolment.Made(
                enrolment.Attestation(f"id{number}", "", 0, "", True, True, True, ()),
                challenges.Challenge(challenges.ENROL, "", str(kept.rp_id), user_handle="x"),
            )
            enrolment.add(work, jane.user_id, world.connection_id, jane.account_id, made)
    with world.writing() as work, pytest.raises(enrolment.TooManyPasskeys):
        enrolment.add(work, jane.user_id, world.connection_id, jane.account_id, made)
    browser = world.browser()
    browser.open("/account/passkeys")
    show(browser, device)
    browser.open("/account/passkeys")
    fields = browser.shown.form("passkey").fields
    form = {"csrf": fields["csrf"]}
    answer = browser.request("POST", f"{world.issuer}account/passkeys/options", form=form, site="same-origin")
    assert (answer.status_code, answer.get_json()) == (409, {"error": "passkey-enrollment-max-allowed-reached"})


def test_acceptance_29_a_passkey_of_one_host_opens_nothing_at_another(
    world: World, jane: Person, app: Application
) -> None:
    """Unless the custom domain names a part of its name that both end with."""
    held(world, "login.example.test", relying_party_identifier="example.test")
    here = under(world, "login.example.test")
    device = authenticator(here)
    enrolled(app_at(here, app), here, jane, device)
    assert device.passkeys[0].rp_id == "example.test"
    browser = begin(app_at(here, app), here)
    show(browser, device)
    assert browser.answer.code
    browser = begin(app, world)
    said = options(browser)
    assert said["rpId"] == "id.example.test"
    browser.submit("passkey", passkey=device.get(said, origin=world.issuer.rstrip("/")))
    assert browser.status == 400


def test_a_passkey_does_not_follow_an_account_to_another_user(world: World, jane: Person) -> None:
    """Unlinked, an account is another user's: whoever made a passkey while it was theirs has no way in by it."""
    john = world.user("john@example.com")
    shown = Shown("p", jane.user_id, world.connection_id, jane.account_id, True, False, False)
    with world.context() as work:
        found = owner(work, shown)
        assert found is not None
        assert found.user_id == jane.user_id
        assert owner(work, replace(shown, user_id=john.user_id)) is None


@on_both_stores
@pytest.mark.parametrize("how", ["unlinked", "connection"])
def test_an_account_that_leaves_its_user_leaves_no_passkey(world: World, jane: Person, how: str) -> None:
    """What signs nobody in must not count as a passkey, nor as the way in that the last working one leaves."""
    elsewhere = world.connection("elsewhere")
    john = world.user("john@example.com", connection_id=elsewhere)
    api = world.caller()
    linked = api.post(
        f"/users/{jane.user_id}/identities",
        {"provider": "auth0", "user_id": john.account_id, "connection_id": elsewhere},
    )
    assert linked.status_code == 201, linked.text
    with world.writing() as work:
        for number, (at, account) in enumerate(((elsewhere, john.account_id), (world.connection_id, jane.account_id))):
            new = enrolment.Made(
                Attestation(f"key{number}", "", 0, "", True, True, True, ()),
                challenges.Challenge(challenges.ENROL, "", "id.example.test", user_handle="x"),
            )
            enrolment.add(work, jane.user_id, at, account, new, name=f"key{number}")
    if how == "unlinked":
        answer = api.delete(f"/users/{jane.user_id}/identities/auth0/{john.account_id}")
        assert answer.status_code == 200, answer.text
    else:
        assert api.delete(f"/connections/{elsewhere}").status_code in {202, 204}
    with world.context() as work:
        assert [row.name for row in enrolment.of_user(work, jane.user_id)] == ["key1"]
        assert enrolment.of_user(work, john.user_id) == []
    assert "Removed: Passkey" in world.mails(jane.email)[0].text
