"""The token decoder of the dashboard: what a token says and whose it is, by POST alone, kept and logged nowhere
(spec/dashboard.md, "Pages", tools; lines 8, 11, 18, 25 and 26).
"""

from __future__ import annotations

import pytest
from joserfc.jwk import OctKey
from sqlalchemy import select

from idp.admin.desk import kept
from idp.foundation.db.base import Base
from idp.foundation.web.i18n import EVERYWHERE
from idp.protocol.tokens import inspection
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk, asked
from tests.world.browser import Browser
from tests.world.client_keys import key, signed
from tests.world.fixtures import Clock
from tests.world.world import World

TOKENS = "/admin/tools/tokens"
WITHOUT = "eyJhbGciOltdfQ.e30.c2ln"
"""Its algorithm is an empty list."""
OFFLINE = "openid profile email offline_access"


def decode(desk: Desk, token: str) -> Desk:
    desk.open(TOKENS).press("tokens-decode", token=token)
    return desk


def rows_with(world: World, words: str) -> list[str]:
    """The tables that have those words anywhere."""
    with world.platform.db.engine.connect() as connection:
        return [
            table.name
            for table in Base.metadata.sorted_tables
            for row in connection.execute(select(table))
            if any(words in str(value) for value in row)
        ]


def test_a_jwt_is_told_in_words_with_whose_it_is(world: World, desk: Desk, browser: Browser) -> None:
    jane, app, api = world.user(), world.client(), world.api()
    tokens = app.sign_in(world.browser(), jane, audience=api, scope=f"{OFFLINE} read:things")
    decode(desk, f"Bearer {tokens.access_token}")
    assert desk.status == 200
    assert desk.say("tokens-signature") == "By one of this tenant’s keys"
    assert desk.say("tokens-issuer") == "This tenant"
    assert desk.say("tokens-standing") == "Active"
    assert desk.say("tokens-client") == "The web app"
    assert desk.say("tokens-api") == "Things"
    assert desk.say("tokens-user") == jane.email
    assert desk.say("tokens-stored") == "Access token"
    assert "Whom it is for" in desk.say("tokens-claims")
    assert "in 1 day" in desk.say("tokens-claims"), "times in words, too"
    assert tokens.access_token not in desk.html, "the page does not show it again"
    for link in ("tokens-client", "tokens-api", "tokens-user"):
        href = str(desk.one(link).get("href"))
        other = Desk(world, enter_admin(world, href))
        assert other.status == 200, link


def enter_admin(world: World, address: str) -> Browser:
    browser = world.browser()
    browser.open(address)
    admin = world.installed["admin"]
    return browser.submit(username=admin["email"], password=admin["password"])


def test_line_11_it_is_stored_and_logged_nowhere(world: World, desk: Desk) -> None:
    tokens = world.client().sign_in(world.browser(), world.user(), audience=world.api(), scope="openid read:things")
    before = len(world.logs())
    decode(desk, tokens.access_token)
    decode(desk, "a-token-that-nobody-knows")
    assert len(world.logs()) == before
    assert rows_with(world, tokens.access_token) == []
    assert rows_with(world, "a-token-that-nobody-knows") == []


def test_line_8_it_does_not_wait_for_a_new_session_either(world: World, desk: Desk) -> None:
    desk.open(TOKENS)
    desk.sign_out()
    desk.press("tokens-decode", token="a-token-that-is-secret")
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert desk.url.partition("?")[0] == TOKENS
    assert "a-token-that-is-secret" not in desk.html
    assert "token" in kept._unkept(), "what waits is sealed: its rows say nothing of that"


def test_an_address_shows_no_token(desk: Desk) -> None:
    assert not desk.open(f"{TOKENS}?token=eyJhbGciOiJub25lIn0.e30.").has("verdict")


def test_line_25_the_form_of_others_is_refused(desk: Desk) -> None:
    desk.open(TOKENS).press("tokens-decode", site="cross-site", token="x")
    assert desk.status == 403


def test_opaque_ones_are_looked_up(world: World, desk: Desk, clock: Clock) -> None:
    jane, app = world.user(), world.client()
    tokens = app.sign_in(world.browser(), jane, scope=OFFLINE)
    decode(desk, tokens.access_token)
    assert (desk.say("tokens-standing"), desk.say("tokens-stored")) == ("Active", "Access token")
    decode(desk, tokens.refresh_token)
    assert (desk.say("tokens-standing"), desk.say("tokens-stored")) == ("Active", "Refresh token")
    assert desk.say("tokens-user") == jane.email
    world.app.test_client().post(
        "/oauth/revoke",
        json={"client_id": app.client_id, "client_secret": app.secret, "token": tokens.refresh_token},
        base_url=world.issuer,
    )
    assert decode(desk, tokens.refresh_token).say("tokens-standing") == "Revoked"
    assert "Not one of" in decode(desk, "frobnicate").say("tokens-standing")
    id_token = app.sign_in(world.browser(), jane).id_token
    clock.forward(days=2)
    desk.open(TOKENS)
    if desk.browser.path == "/u/login":
        admin = world.installed["admin"]
        desk.browser.submit(username=admin["email"], password=admin["password"])
    assert decode(desk, id_token).say("tokens-standing") == "Expired"


def test_signatures_of_others_prove_nothing(world: World, desk: Desk) -> None:
    jane, app = world.user(), world.client()
    ours = app.sign_in(world.browser(), jane).id_token
    head, claims, signature = ours.split(".")
    changed = f"{head}.{claims}.{signature[:-8]}AAAAAAAA"
    assert decode(desk, changed).say("tokens-signature").startswith("Wrong")
    assert not desk.has("tokens-user"), "whose it is stands in no other's token"
    foreign = signed({"iss": world.issuer, "sub": jane.user_id, "aud": app.client_id}, key("ES256"))
    assert "nobody" in decode(desk, foreign).say("tokens-signature")
    assert decode(desk, "eyJhbGciOiJub25lIn0.e30.").say("tokens-signature") == "None"
    with_secret = world.client(jwt_configuration={"alg": "HS256"})
    made = with_secret.sign_in(world.browser(), jane).id_token
    assert "secret of its application" in decode(desk, made).say("tokens-signature")


@pytest.mark.parametrize(
    "token", [WITHOUT, "..", "a.b.c", "e30.e30.e30.e30.e30", "é" * 50, "e30." + "A" * 400 + ".x", "[" * 9_000]
)
def test_line_26_whatever_is_pasted_is_no_error(desk: Desk, token: str) -> None:
    assert decode(desk, token).status == 200
    assert desk.has("verdict")


def test_line_26_claims_of_strangers_are_inert(desk: Desk) -> None:
    hostile = "\u202e\"'><img src=x onerror=alert(1)>"
    said = {"iss": hostile, hostile: [hostile], "exp": 1e300, "iat": -5, "nbf": True, "auth_time": "soon"}
    decode(desk, signed(said, key("ES256")))
    assert desk.status == 200
    assert "<img" not in desk.html
    assert desk.html.count("<script") == 1


def test_too_long_and_nothing_at_all(desk: Desk) -> None:
    assert decode(desk, "x" * 20_000).status == 422
    assert "16384" in desk.say("field-token-problem").replace(",", "").replace(".", "")
    assert decode(desk, "  ").status == 422


def test_line_18_who_may_read_no_tokens_is_told_nothing_of_people(world: World, hire: Hire) -> None:
    jane, app = world.user(), world.client()
    tokens = app.sign_in(world.browser(), jane, audience=world.api(), scope=f"{OFFLINE} read:things")
    viewer = Desk(world, enter(world.browser(), hire("vera@example.com", "Viewer - Config"), TOKENS))
    decode(viewer, tokens.refresh_token)
    assert viewer.has("tokens-no-right")
    assert not viewer.has("tokens-user")
    decode(viewer, tokens.access_token)
    assert viewer.has("tokens-client")
    assert not viewer.has("tokens-user")
    assert not viewer.has("tokens-standing")
    people = Desk(world, enter(world.browser(), hire("pat@example.com", "Viewer - Users"), TOKENS))
    decode(people, tokens.refresh_token)
    assert people.say("tokens-user") == jane.email
    assert people.one("tokens-client").get("href") is None, "an application that they may not open is no link"
    auditor = Desk(world, enter(world.browser(), hire("au@example.com", "Auditor"), TOKENS))
    assert auditor.status == 403


def test_another_tenants_token_is_nobodys_here(world: World, desk: Desk) -> None:
    foreign = signed({"iss": "https://other.example.test/", "sub": "x"}, key("ES256"))
    assert decode(desk, foreign).say("tokens-issuer") == "Somebody else"


@pytest.mark.parametrize("language", EVERYWHERE)
def test_line_1_the_page_in_every_language(world: World, desk: Desk, language: str) -> None:
    tokens = world.client().sign_in(world.browser(), world.user(), scope=OFFLINE)
    desk.open(f"{TOKENS}?language={language}").press("tokens-decode", token=tokens.id_token)
    assert (desk.status, desk.tree.get("lang")) == (200, language)


def test_line_26_a_token_of_a_stranger_asks_for_no_thousand_names(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = {"aud": [f"n{number}" for number in range(900)], "exp": 1}
    token = signed(claims, OctKey.import_key("a-secret-of-somebody-else-of-32-bytes"), alg="HS256")
    desk.open(TOKENS)
    with asked(world, monkeypatch) as said:
        desk.press("tokens-decode", token=token)
    assert (desk.status, "nobody" in desk.say("tokens-signature")) == (200, True)
    assert len(said) < 2 * inspection.MOST_AUDIENCES + 40


def test_line_26_no_store_is_asked_for_what_it_cannot_hold(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []

    def find(_work: object, name: str) -> None:
        looked.append(name)

    monkeypatch.setattr(inspection.clients, "find", find)
    monkeypatch.setattr(inspection.resource_servers, "find", find)
    claims = {"aud": ["a\0b", "c"], "azp": "d\0", "sub": "\0"}
    decode(desk, signed(claims, OctKey.import_key("a-secret-of-somebody-else-of-32-bytes"), alg="HS256"))
    assert desk.status == 200
    assert set(looked) == {"c"}
