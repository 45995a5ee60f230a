"""Consent: who is asked, for what, and what a yes and a no do (contract section 5)."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from idp.directory.users.attributes import STANDARD_CLAIMS, STANDARD_SCOPES
from idp.foundation.web.i18n import LANGUAGES, texts_for
from idp.foundation.web.view_models import account_scopes
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.world import API, Person, World

THINGS = "openid read:things"


def test_third_party_applications_always_ask(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(is_first_party=False, name="Foreign app")
    attempt = app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path == "/u/consent"
    assert "Foreign app" in browser.shown.text
    assert jane.email in browser.shown.text
    assert "app.example.test" in browser.shown.text
    browser.submit("consent-accept")
    assert attempt.tokens(browser.answer)


def test_a_yes_is_remembered(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(is_first_party=False)
    app.sign_in(browser, jane)
    app.begin(browser)
    assert "code" in browser.answer.params
    other_browser = world.browser()
    app.begin(other_browser)
    other_browser.submit(username=jane.email, password=jane.password)
    assert "code" in other_browser.answer.params


def test_a_yes_is_one_persons_and_one_applications(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(is_first_party=False)
    app.sign_in(browser, jane)
    world.client(is_first_party=False).begin(browser)
    assert browser.path == "/u/consent"
    john, others = world.user("john@example.com"), world.browser()
    app.begin(others)
    others.submit(username=john.email, password=john.password)
    assert others.path == "/u/consent"


def test_it_is_asked_again_when_scopes_grow_and_not_when_they_shrink(
    world: World, browser: Browser, jane: Person
) -> None:
    app = world.client(is_first_party=False)
    world.api()
    app.sign_in(browser, jane, audience=API, scope="openid read:things")
    app.begin(browser, audience=API, scope="openid")
    assert "code" in browser.answer.params
    app.begin(browser, audience=API, scope="openid read:things write:things")
    assert browser.path == "/u/consent"
    assert "To write things" in browser.shown.text
    browser.submit("consent-accept")
    app.begin(browser, audience=API, scope="openid read:things write:things")
    assert "code" in browser.answer.params


def test_a_yes_to_one_api_is_none_to_another(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(is_first_party=False)
    app.sign_in(browser, jane, audience=world.api(), scope=THINGS)
    app.begin(browser, audience=world.api("https://other.example.test/"), scope=THINGS)
    assert browser.path == "/u/consent"


@pytest.mark.parametrize("scope", ["openid", "openid profile email offline_access", "openid phone address"])
def test_first_party_applications_never_ask_for_identity(
    world: World, browser: Browser, jane: Person, scope: str
) -> None:
    app = world.client()
    app.begin(browser, scope=scope)
    browser.submit(username=jane.email, password=jane.password)
    assert "code" in browser.answer.params


@pytest.mark.parametrize(
    ("skips", "callback", "asked"),
    [
        (True, "https://app.example.test/callback", False),
        (True, "http://127.0.0.1:3000/callback", False),
        (True, "http://localhost:3000/callback", True),
        (True, "https://localhost/callback", True),
        (False, "https://app.example.test/callback", True),
    ],
)
def test_first_party_applications_and_apis(
    world: World, browser: Browser, jane: Person, skips: bool, callback: str, asked: bool
) -> None:
    world.api(skip_consent_for_verifiable_first_party_clients=skips)
    app = world.client(callbacks=[callback])
    app.begin(browser, audience=API, scope=THINGS)
    browser.submit(username=jane.email, password=jane.password)
    assert (browser.left_for is None) is asked
    if asked:
        assert browser.path == "/u/consent"


def test_a_no_is_access_denied_and_is_not_remembered(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(is_first_party=False)
    attempt = app.begin(browser, response_mode="fragment")
    browser.submit(username=jane.email, password=jane.password)
    browser.submit("consent-deny")
    assert browser.answer.error == "access_denied"
    assert browser.answer.mode == "fragment"
    assert "code" not in browser.answer.params
    assert browser.answer.params["state"] == attempt.params["state"]
    app.begin(browser)
    assert browser.path == "/u/consent"


def test_only_the_decision_counts_not_what_else_the_form_carries(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(is_first_party=False)
    world.api()
    attempt = app.begin(browser, audience=API, scope="openid read:things")
    browser.submit(username=jane.email, password=jane.password)
    form = browser.shown.form_with_button("consent-accept")
    browser.send_form(form, "consent-accept", scope="openid write:things", audience="x", client_id="y", user_id="z")
    assert attempt.tokens(browser.answer).raw["scope"] == "openid read:things"


def test_the_page_lists_identity_as_sentences_and_permissions_with_descriptions(
    world: World, browser: Browser, jane: Person
) -> None:
    world.api()
    world.client(is_first_party=False).begin(browser, audience=API, scope="openid profile offline_access read:things")
    browser.submit(username=jane.email, password=jane.password)
    assert "To read things" in browser.shown.text
    assert "write things" not in browser.shown.text


def test_consent_taken_back_is_asked_for_again(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(is_first_party=False)
    tokens = app.sign_in(browser, jane, scope="openid offline_access")
    management = world.management()
    (grant,) = management.get(f"/grants?user_id={jane.user_id}")
    assert grant["clientID"] == app.client_id
    management.delete(f"/grants/{grant['id']}")
    app.begin(browser)
    assert browser.path == "/u/consent"
    assert app.refresh(tokens.refresh_token).status_code == 400


def test_an_abandoned_page_gives_nothing(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(is_first_party=False)
    app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    state = browser.shown.form_with_button("consent-accept").fields["state"]
    browser.open(f"/authorize/resume?state={state}")
    assert browser.left_for is None
    assert browser.path == "/u/consent"


# ---- what is asked in other words than scopes
def shown(browser: Browser, person: Person) -> str:
    """The consent page, in words."""
    if browser.path == "/u/login":
        browser.submit(username=person.email, password=person.password)
    assert browser.path == "/u/consent"
    return browser.shown.text


@pytest.mark.parametrize("member", ["userinfo", "id_token"])
def test_claims_are_asked_for_by_name_and_remembered(world: World, browser: Browser, jane: Person, member: str) -> None:
    app = world.client(is_first_party=False)
    app.sign_in(browser, jane, scope="openid")
    asked = f'{{"{member}": {{"birthdate": null, "email": {{"essential": true}}, "unknown": null}}}}'
    app.begin(browser, scope="openid", claims=asked, prompt="none")
    assert browser.answer.error == "consent_required"
    app.begin(browser, scope="openid", claims=asked)
    assert "See your date of birth" in shown(browser, jane)
    assert "See your email address" in browser.shown.text
    assert "See your name" not in browser.shown.text
    browser.submit("consent-accept")
    app.begin(browser, scope="openid", claims=asked, prompt="none")
    assert "code" in browser.answer.params
    app.begin(browser, scope="openid", claims='{"userinfo": {"birthdate": null, "name": null}}', prompt="none")
    assert browser.answer.error == "consent_required"
    (grant,) = world.management().get(f"/grants?user_id={jane.user_id}")
    assert (grant["scope"], grant["claims"]) == (["openid"], ["birthdate", "email"])


def test_claims_that_a_granted_scope_opens_are_not_asked_for(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(is_first_party=False)
    app.sign_in(browser, jane, scope="openid profile")
    app.begin(browser, scope="openid profile", claims='{"userinfo": {"name": null}}', prompt="none")
    assert "code" in browser.answer.params
    app.begin(browser, scope="openid given_name", prompt="none")
    assert "code" in browser.answer.params


@pytest.mark.parametrize(
    ("scope", "sentence"),
    [
        ("name", "See your name"),
        ("nickname", "See your nickname"),
        ("email_verified", "See whether your email address is confirmed"),
        ("created_at", "See when your account was created"),
        ("identities", "See which accounts you sign in with"),
    ],
)
def test_single_claims_as_scopes_are_named(
    world: World, browser: Browser, jane: Person, scope: str, sentence: str
) -> None:
    world.client(is_first_party=False).begin(browser, scope=f"openid {scope}")
    assert sentence in shown(browser, jane)


@pytest.mark.parametrize("scope", ["", None, "unknown"])
def test_whoever_asks_for_nothing_by_name_asks_for_the_api_and_the_person(
    world: World, browser: Browser, jane: Person, scope: str | None
) -> None:
    app = world.client(is_first_party=False)
    world.client().sign_in(browser, jane)
    for audience in (None, world.api()):
        app.begin(browser, audience=audience, scope=scope, prompt="none")
        assert browser.answer.error == "consent_required"
        attempt = app.begin(browser, audience=audience, scope=scope)
        assert "Know who you are when you sign in" in shown(browser, jane)
        assert ("Use Things on your behalf" in browser.shown.text) is (audience is not None)
        browser.submit("consent-accept")
        assert attempt.tokens(browser.answer).access_token
        app.begin(browser, audience=audience, scope=scope, prompt="none")
        assert "code" in browser.answer.params


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_can_be_asked_for_has_a_sentence_of_its_own(language: str) -> None:
    group = account_scopes(texts_for(language), "Harbour", STANDARD_SCOPES, sorted(STANDARD_CLAIMS))
    assert group is not None
    sentences = {item.value: item.description or "" for item in group.scopes}
    assert STANDARD_CLAIMS | {"openid", "offline_access", "identities", "phone"} <= sentences.keys()
    assert all(sentences.values())


def test_of_two_answers_at_once_none_is_lost(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(is_first_party=False)
    world.api()
    other = world.browser()
    for each, scope in ((browser, "openid read:things"), (other, "openid write:things")):
        app.begin(each, audience=API, scope=scope)
        shown(each, jane)
    for each in (browser, other):
        each.submit("consent-accept")
    app.begin(browser, audience=API, scope="openid read:things write:things", prompt="none")
    assert "code" in browser.answer.params


def test_a_yes_that_was_taken_back_meanwhile_is_none(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(is_first_party=False)
    attempt = app.begin(browser)
    shown(browser, jane)
    browser.submit("consent-accept")
    world.management().delete(f"/grants?user_id={jane.user_id}")
    assert attempt.redeem(browser.answer).get_json()["error"] == "invalid_grant"


def test_a_client_that_became_a_third_party_has_no_consent_yet(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    tokens = app.sign_in(browser, jane, scope="openid email offline_access")
    world.change_client(app.client_id, is_first_party=False)
    assert app.refresh(tokens.refresh_token).get_json()["error"] == "invalid_grant"
    assert tokens.userinfo().status_code == 401
    assert app.introspect(tokens.access_token) == {"active": False}
    app.sign_in(browser, jane, scope="openid email offline_access")
    assert tokens.userinfo().get_json()["email"] == jane.email


@row("K2")
def test_a_yes_is_that_of_the_person_the_page_named(world: World, browser: Browser, jane: Person) -> None:
    """In another tab somebody else signed in while the page was open."""
    eve, own = world.user("eve@example.com"), world.client()
    third = world.client(is_first_party=False)
    own.sign_in(browser, jane)
    third.begin(browser, scope="openid email")
    page = browser.shown
    assert jane.email in page.text
    own.begin(browser, prompt="login")
    browser.submit(username=eve.email, password=eve.password)
    browser.page, browser.left_for = page, None
    browser.submit("consent-accept")
    assert (browser.left_for, browser.path) == (None, "/u/consent")
    assert eve.email in browser.shown.text
    assert world.management().get(f"/grants?user_id={eve.user_id}") == []
    browser.submit("consent-accept")
    assert browser.answer.code


@row("K2")
def test_a_yes_is_to_the_api_the_page_described(world: World, browser: Browser, jane: Person) -> None:
    """Another API took its identifier while the page was open."""
    world.api(scopes=("read:things",))
    third = world.client(is_first_party=False)
    world.client().sign_in(browser, jane)
    third.begin(browser, scope="openid read:things", audience=API)
    world.caller().delete(f"/resource-servers/{quote(API, safe='')}")
    world.api(scopes=("read:things",), name="Something else")
    browser.submit("consent-accept")
    assert (browser.left_for, browser.path) == (None, "/u/consent")
    assert "Something else" in browser.shown.text
    assert world.management().get(f"/grants?user_id={jane.user_id}") == []
