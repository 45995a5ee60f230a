"""Linked accounts are known by the number or address that they brought along (spec/linking.md: signing in with the
secondary identity yields the primary's ``sub``; spec/search.md: ``identities.*``; decision 0322).
"""

from __future__ import annotations

from tests.flows import test_passwordless as mailed
from tests.flows.test_phone_identifiers import DATABASE, EMAIL, NEW, NUMBER, TYPED, known_by, made
from tests.flows.test_sms import NUMBER as TEXTED
from tests.flows.test_sms import ask, code_in, sms
from tests.world.browser import Browser
from tests.world.factors import sent_code
from tests.world.fixtures import on_both_stores
from tests.world.world import PASSWORD, World


def linked(world: World) -> tuple[str, str]:
    """Somebody with an address, to whom an account with a number is linked: both ids."""
    known_by(world)
    main = made(world, email=EMAIL, email_verified=True)["user_id"]
    other = made(world, phone_number=NUMBER, phone_verified=True, verify_email=False)["user_id"]
    join(world, main, other)
    return main, other


def join(world: World, main: str, other: str) -> None:
    provider, _, account = other.partition("|")
    answer = world.caller().post(f"/users/{main}/identities", {"provider": provider, "user_id": account})
    assert answer.status_code == 201, answer.text


def found(world: World, query: str) -> list[str]:
    return [each["user_id"] for each in world.caller().get("/users", q=query).get_json()]


@on_both_stores
def test_the_number_of_a_linked_account_signs_in_as_whom_it_belongs_to(world: World, browser: Browser) -> None:
    main, _other = linked(world)
    attempt = world.client().begin(browser)
    browser.submit(username=TYPED, password=PASSWORD)
    assert attempt.tokens(browser.answer).id_claims["sub"] == main


@on_both_stores
def test_it_is_searched_as_the_linked_accounts_own(world: World) -> None:
    main, _other = linked(world)
    assert found(world, f'identities.profileData.phone_number:"{NUMBER}"') == [main]
    assert found(world, f'phone_number:"{NUMBER}"') == [], "the main profile has no number"


def test_nobody_else_gets_the_number(world: World) -> None:
    main, other = linked(world)
    made(world, 409, phone_number=NUMBER)
    third = made(world, email="third@example.com", email_verified=True)["user_id"]
    answer = world.caller().patch(f"/users/{third}", {"connection": DATABASE, "phone_number": NUMBER})
    assert answer.status_code == 409
    provider, _, account = other.partition("|")
    assert world.caller().delete(f"/users/{main}/identities/{provider}/{account}").status_code == 200
    assert found(world, f'phone_number:"{NUMBER}"') == [other], "it comes along when the accounts part"


def test_a_code_to_the_number_leads_to_a_new_password_of_the_linked_account(world: World, browser: Browser) -> None:
    main, _other = linked(world)
    attempt = world.client().begin(browser)
    browser.follow("forgot-password-link")
    browser.submit(username=TYPED)
    browser.submit(code=sent_code(world, NUMBER))
    browser.submit(password=NEW)
    browser = world.browser()
    attempt = world.client().begin(browser)
    browser.submit(username=NUMBER, password=NEW)
    assert attempt.tokens(browser.answer).id_claims["sub"] == main


@on_both_stores
def test_a_linked_account_of_text_messages_signs_in_as_whom_it_belongs_to(world: World, browser: Browser) -> None:
    main = world.user("jane@example.com").user_id
    app = sms(world)
    answer = world.caller().post("/users", {"connection": "sms", "phone_number": TEXTED, "phone_verified": True})
    join(world, main, answer.get_json()["user_id"])
    attempt = ask(app, browser)
    browser.submit(code=code_in(world.mails(TEXTED)[0].text))
    assert attempt.tokens(browser.answer).id_claims["sub"] == main
    assert found(world, 'identities.connection:"sms"') == [main]


@on_both_stores
def test_a_linked_account_of_mailed_codes_keeps_its_own_address(world: World, browser: Browser) -> None:
    main = world.user("jane@example.com").user_id
    app = world.client()
    mailed.connect(world, app.client_id)
    mailed.alone(world, app.client_id)
    members = {"connection": "email", "email": "other@example.com", "email_verified": True}
    join(world, main, world.caller().post("/users", members).get_json()["user_id"])
    attempt = mailed.ask(app, browser, "other@example.com")
    browser.submit(code=mailed.code_for(world, "other@example.com"))
    assert attempt.tokens(browser.answer).id_claims["sub"] == main
    attempt = mailed.ask(app, another := world.browser(), "jane@example.com")
    another.submit(code=mailed.code_for(world, "jane@example.com"))
    assert attempt.tokens(another.answer).id_claims["sub"] != main, "the main address is none of that source"
