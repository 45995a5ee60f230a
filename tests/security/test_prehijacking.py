"""Group N: accounts that somebody else made with a person's address, linked to them, or would merge with theirs."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from connectors.contract import Identity as Arrived
from idp.directory.connections import runtime as connections_now
from idp.directory.connections import service as connections
from idp.directory.users import service as users
from idp.directory.users.models import Identity, User
from tests.security.rows import row
from tests.world.application import Application, Tokens
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.world import API, PASSWORD, Person, World

VICTIM = "victim@example.com"
NEW = "an entirely New passphrase 7"
ATTACKERS_AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@dataclass
class Hijacked:
    """What the attacker has: an account with the victim's address, signed in, with tokens and consent that outlive
    sessions, and another account of their own linked to it.
    """

    world: World
    app: Application
    browser: Browser
    tokens: Tokens
    user_id: str
    own: Person

    def sessions_and_tokens(self) -> tuple[bool, bool, bool]:
        """Whether the session, the refresh token and the access token are still good."""
        self.app.begin(self.browser, prompt="none")
        signed_in = self.browser.answer.error != "login_required"
        refreshed = self.app.refresh(self.tokens.refresh_token).status_code == 200
        return signed_in, refreshed, self.tokens.userinfo().status_code == 200

    def enters(self, name: str, password: str) -> str | None:
        """Whose account opens with that password."""
        browser = self.world.browser(address="192.0.2.66")
        attempt = self.app.begin(browser)
        browser.submit(username=name, password=password)
        if browser.left_for is None and browser.path == "/u/consent":
            browser.submit("consent-accept")
        return str(attempt.tokens(browser.answer).id_claims["sub"]) if browser.left_for else None


@pytest.fixture
def hijacked(world: World) -> Hijacked:
    world.api()
    app = world.client("spa", is_first_party=False)
    browser = world.browser(address="192.0.2.66", agent=ATTACKERS_AGENT)
    scope = "openid email offline_access read:things"
    attempt = app.begin(browser, screen_hint="signup", scope=scope, audience=API)
    browser.submit(email=VICTIM, password=PASSWORD)
    browser.submit("consent-accept")
    tokens = attempt.tokens(browser.answer)
    own = world.user("attacker@example.net")
    user_id = str(tokens.id_claims["sub"])
    # As a release before this one let it be done: a verified address was not asked for.
    with world.writing() as work:
        identity = work.rows.lock(work.rows.get_one(Identity, (world.tenant, world.connection_id, own.account_id)))
        identity.user_id, identity.position = user_id, 1
        identity.profile_data = {"email": own.email, "email_verified": True}
        work.rows.delete(work.rows.lock(work.rows.get_one(User, (world.tenant, own.user_id))))
    return Hijacked(world, app, browser, tokens, user_id, own)


def verification_link(world: World) -> str:
    return next(link for mail in world.mails(VICTIM) for link in mail.links if "/u/email-verification" in link)


def reset_by_mail(world: World, browser: Browser, name: str = VICTIM) -> None:
    world.client().begin(browser, screen_hint="reset-password")
    browser.submit(username=name)
    link = next(link for mail in world.mails(name) for link in mail.links if "/u/reset-verify" in link)
    browser.open(link).submit(password=NEW)
    assert browser.status == 200


def says_it_was_not_me(world: World, browser: Browser) -> None:
    browser.open(verification_link(world)).submit("not-me")
    assert browser.path == "/u/reset-verify"
    assert "no longer has access" in browser.shown.text


def assert_ended(hijacked: Hijacked) -> None:
    world = hijacked.world
    assert hijacked.sessions_and_tokens() == (False, False, False)
    assert hijacked.enters(VICTIM, PASSWORD) is None
    assert hijacked.enters(hijacked.own.email, hijacked.own.password) == hijacked.own.user_id, "a user of its own again"
    assert world.caller().get("/grants", user_id=hijacked.user_id).json == []
    user = world.management().get(f"/users/{hijacked.user_id}")
    assert [each["user_id"] for each in user["identities"]] == [hijacked.user_id.removeprefix("auth0|")]
    assert world.logs("sar")


@row("N2")
@on_both_stores
def test_a_reset_of_an_address_nobody_proved_ends_everything_from_before(
    world: World, browser: Browser, hijacked: Hijacked
) -> None:
    assert hijacked.enters(hijacked.own.email, hijacked.own.password) == hijacked.user_id
    reset_by_mail(world, browser)
    assert_ended(hijacked)
    assert hijacked.enters(VICTIM, NEW) == hijacked.user_id
    assert world.management().get(f"/users/{hijacked.user_id}")["email_verified"] is True


@row("N2")
@on_both_stores
def test_saying_it_was_not_me_ends_the_same_at_once(world: World, browser: Browser, hijacked: Hijacked) -> None:
    says_it_was_not_me(world, browser)
    assert_ended(hijacked)
    browser.submit(password=NEW)
    assert browser.status == 200
    assert hijacked.enters(VICTIM, NEW) == hijacked.user_id
    assert world.management().get(f"/users/{hijacked.user_id}")["email_verified"] is True


@row("N2")
def test_the_page_says_when_and_with_what_the_account_was_made(
    world: World, browser: Browser, hijacked: Hijacked
) -> None:
    browser.open(verification_link(world))
    assert "Firefox on Windows" in browser.shown.text
    made = world.management().get(f"/users/{hijacked.user_id}")["created_at"]
    assert f'datetime="{made[:16]}' in browser.shown.html
    assert ATTACKERS_AGENT not in browser.shown.html


@row("N2")
def test_of_an_endless_agent_a_part_is_kept(world: World) -> None:
    browser = world.browser(agent="Mozilla/5.0 " + "x" * 20_000)
    world.client().begin(browser, screen_hint="signup")
    browser.submit(email=VICTIM, password=PASSWORD)
    assert browser.left_for is not None
    assert world.browser().open(verification_link(world)).status == 200


@row("N2")
def test_saying_it_was_me_keeps_everything_in_whatever_browser(
    world: World, browser: Browser, hijacked: Hijacked
) -> None:
    browser.open(verification_link(world)).submit("default")
    assert browser.status == 200
    assert hijacked.sessions_and_tokens() == (True, True, True)
    assert hijacked.enters(VICTIM, PASSWORD) == hijacked.user_id
    assert hijacked.enters(hijacked.own.email, hijacked.own.password) == hijacked.user_id


@row("N2", "M8")
def test_a_reset_of_a_proven_address_leaves_what_the_owner_linked(world: World, browser: Browser, jane: Person) -> None:
    other = world.user("jane@work.example")
    linked = world.caller().post(
        f"/users/{jane.user_id}/identities", {"provider": "auth0", "user_id": other.account_id}
    )
    assert linked.status_code == 201
    reset_by_mail(world, browser, jane.email)
    assert len(world.management().get(f"/users/{jane.user_id}")["identities"]) == 2
    assert world.logs("sar") == []


@row("N2")
def test_an_account_linked_to_the_attackers_own_comes_free(world: World, browser: Browser) -> None:
    """The other way round: the attacker's account is the main one."""
    attacker, taken = world.user("attacker@example.net"), world.user(VICTIM, verified=False)
    with world.writing() as work:
        identity = work.rows.lock(work.rows.get_one(Identity, (world.tenant, world.connection_id, taken.account_id)))
        identity.user_id, identity.position = attacker.user_id, 1
        identity.profile_data = {"email": VICTIM, "email_verified": False}
        work.rows.delete(work.rows.lock(work.rows.get_one(User, (world.tenant, taken.user_id))))
    reset_by_mail(world, browser)
    attempt = world.client().begin(browser)
    browser.submit(username=VICTIM, password=NEW)
    claims = attempt.tokens(browser.answer).id_claims
    assert claims["sub"] == taken.user_id
    assert (claims["email"], claims["email_verified"]) == (VICTIM, True)
    assert len(world.management().get(f"/users/{attacker.user_id}")["identities"]) == 1


@row("N2")
def test_a_blocked_account_stays_blocked(world: World, browser: Browser, hijacked: Hijacked) -> None:
    world.management().patch(f"/users/{hijacked.user_id}", {"blocked": True})
    reset_by_mail(world, browser)
    assert world.management().get(f"/users/{hijacked.user_id}")["blocked"] is True


@row("N2")
@pytest.mark.parametrize("unproven", ["main", "other"])
def test_nothing_is_linked_to_or_from_an_address_nobody_proved(world: World, unproven: str) -> None:
    main = world.user("main@example.com", verified=unproven != "main")
    other = world.user("other@example.com", verified=unproven != "other")
    body = {"provider": "auth0", "user_id": other.account_id}
    refused = world.caller().post(f"/users/{main.user_id}/identities", body)
    assert (refused.status_code, refused.json["errorCode"]) == (400, "operation_not_supported")
    world.management().patch(f"/users/{(main if unproven == 'main' else other).user_id}", {"email_verified": True})
    assert world.caller().post(f"/users/{main.user_id}/identities", body).status_code == 201


@row("N2", "M1")
@on_both_stores
def test_the_link_answers_once(world: World, browser: Browser, hijacked: Hijacked) -> None:
    browser.open(verification_link(world))
    form = browser.shown.forms[0]
    browser.send_form(form, "default")
    assert browser.status == 200
    browser.send_form(form, "not-me")
    assert "Already confirmed" in browser.shown.text
    assert hijacked.sessions_and_tokens()[0], "what was confirmed is not taken back by an old page"


@row("N1")
def test_two_connections_with_one_address_are_two_users(world: World, jane: Person) -> None:
    further = world.connection("Staff")
    twin = world.user(jane.email, connection_id=further)
    assert twin.user_id != jane.user_id
    with world.platform.db.reading(world.tenant) as session:
        owners = set(session.scalars(select(Identity.user_id)))
    assert {jane.user_id, twin.user_id} <= owners


@row("N3")
def test_links_to_an_old_address_die_with_it(world: World, browser: Browser, hijacked: Hijacked) -> None:
    link = verification_link(world)
    world.management().patch(f"/users/{hijacked.user_id}", {"email": "elsewhere@example.net"})
    browser.open(link)
    assert browser.status == 400
    assert "not-me" not in {value for form in browser.shown.forms for _, _, value in form.buttons}
    assert "resend-link" not in {identifier for form in browser.shown.forms for identifier, _, _ in form.buttons}


@row("N7", "W10")
def test_linking_needs_both_accounts_and_the_own_one(world: World, browser: Browser, jane: Person) -> None:
    other = world.user("other@example.com")
    me = world.caller_for(jane.user_id, "update:current_user_identities")
    body = {"provider": "auth0", "user_id": other.account_id}
    assert me.post(f"/users/{jane.user_id}/identities", body).status_code == 403, "naming an account proves nothing"
    assert me.post(f"/users/{other.user_id}/identities", body).status_code == 403
    tokens = world.client().sign_in(browser, other)
    foreign = me.post(f"/users/{jane.user_id}/identities", {"link_with": tokens.id_token})
    assert foreign.status_code == 400, "a token for another application"
    access = me.post(f"/users/{jane.user_id}/identities", {"link_with": tokens.access_token})
    assert access.status_code == 400


@row("N8")
def test_a_proof_is_of_the_identity_it_was_sent_for(world: World, browser: Browser, hijacked: Hijacked) -> None:
    made = world.management().post(
        "/tickets/email-verification",
        {
            "user_id": hijacked.user_id,
            "identity": {"provider": "auth0", "user_id": hijacked.own.account_id},
        },
    )
    browser.open(made["ticket"])
    assert hijacked.own.email in browser.shown.text
    browser.submit("default")
    assert browser.status == 200
    assert world.management().get(f"/users/{hijacked.user_id}")["email_verified"] is False


def arrives(world: World, strategy: str, account_id: str, **profile: object) -> str:
    """Whose account it is that somebody opens by coming from a source; answers the user id."""
    with world.writing() as work:
        found = connections_now.named(work, f"from-{strategy}")
        connection_id = (
            found.id if found else connections.create(work, {"name": f"from-{strategy}", "strategy": strategy}).id
        )
    with world.context() as work, work.transaction():
        source = connections_now.find(work, connection_id)
        assert source is not None
        return users.arrive(work, source, Arrived(account_id, profile)).user_id


@row("N1")
@pytest.mark.parametrize("verified", [True, False])
def test_a_source_that_names_an_address_opens_nobodys_account(world: World, jane: Person, verified: bool) -> None:
    assert arrives(world, "github", "7", email=jane.email, email_verified=verified) == "github|7"
    (identity,) = world.management().get(f"/users/{jane.user_id}")["identities"]
    assert identity["provider"] == "auth0"


@row("N4")
@pytest.mark.parametrize("said", [None, "true", "false", 1, "1", ["true"], {"value": True}])
def test_an_address_is_proven_by_a_plain_true_alone(world: World, said: object) -> None:
    user_id = arrives(world, "github", "7", email="octo@example.com", email_verified=said)
    assert world.management().get(f"/users/{user_id}")["email_verified"] is False


@row("N5")
def test_an_id_that_looks_like_ours_is_somebody_else(world: World, jane: Person) -> None:
    assert arrives(world, "github", jane.user_id) == f"github|{jane.user_id}"
    assert arrives(world, "github", jane.account_id) == f"github|{jane.account_id}"
    assert len(world.management().get(f"/users/{jane.user_id}")["identities"]) == 1


@row("N6")
def test_one_id_at_two_sources_is_two_people(world: World) -> None:
    assert {arrives(world, strategy, "7") for strategy in ("github", "google-oauth2")} == {
        "github|7",
        "google-oauth2|7",
    }
