"""Everybody signs in with every provider of the catalogue, through our pages and back
(tests/connectors/dialects.py plays the providers).
"""

from __future__ import annotations

import pytest

from connectors.social import providers
from tests.connectors.dialects import Dialect, record
from tests.world.browser import Browser
from tests.world.social import AnsweredBy, connected, to_and_back
from tests.world.sources import logged
from tests.world.world import World

NAMES = providers.names()


@pytest.mark.parametrize("name", NAMES)
def test_everybody_signs_in(world: World, browser: Browser, answered_by: AnsweredBy, name: str) -> None:
    dialect, app, expected = answered_by(Dialect(name)), world.client(), record(name)
    connected(world, name, app.client_id)
    attempt = app.begin(browser)
    to_and_back(browser, dialect)
    claims = attempt.tokens(browser.answer).id_claims
    inside = f"{name}|" if dialect.provider.ids_by_connection else ""
    assert claims["sub"] == f"{name}|{inside}{expected['user_id']}"
    for attribute, value in expected["profile"].items():
        assert claims[attribute] == value
    assert ("email" in claims) is ("email" in expected["profile"])
    (entry,) = logged(world, "s")
    assert (entry["strategy"], entry["strategy_type"]) == (name, dialect.provider.kind)


@pytest.mark.parametrize("name", ["wechat", "slack", "untappd", "vkontakte", "github", "facebook", "feishu", "apple"])
def test_a_refusal_is_one_sentence_and_a_line_in_the_log(
    world: World, browser: Browser, answered_by: AnsweredBy, name: str
) -> None:
    dialect, app = answered_by(Dialect(name, refuse_code=True)), world.client()
    connected(world, name, app.client_id)
    app.begin(browser)
    to_and_back(browser, dialect)
    assert browser.answer.error == "access_denied"
    entries = logged(world, "f")
    assert any(str(each.get("details", {}).get("detail")).startswith("token endpoint: ") for each in entries)
    assert "the client secret" not in str(entries)


def test_an_account_without_an_address(world: World, browser: Browser, answered_by: AnsweredBy) -> None:
    """GitHub's list is a call of its own, which may be refused."""
    said = {**record("github"), "answers": [record("github")["answers"][0], {"message": "Not Found"}]}
    dialect, app = answered_by(Dialect("github", said=said)), world.client()
    connected(world, "github", app.client_id)
    attempt = app.begin(browser)
    to_and_back(browser, dialect)
    claims = attempt.tokens(browser.answer).id_claims
    assert (claims["sub"], claims["name"]) == ("github|583231", "The Octocat")
    assert "email" not in claims


def test_a_name_that_is_told_once_stays(world: World, browser: Browser, answered_by: AnsweredBy) -> None:
    """Apple tells the name at the first sign-in alone; later ones bring the address up to date, and no more."""
    app = world.client()
    connected(world, "apple", app.client_id)
    first = answered_by(Dialect("apple"))
    attempt = app.begin(browser)
    to_and_back(browser, first)
    assert attempt.tokens(browser.answer).id_claims["name"] == "Johnny Appleseed"
    again = {**record("apple"), "arrival": {}}
    again["claims"] = {**again["claims"], "email": "new@example.com"}
    second, elsewhere = answered_by(Dialect("apple", said=again)), world.browser()
    attempt = app.begin(elsewhere)
    to_and_back(elsewhere, second)
    claims = attempt.tokens(elsewhere.answer).id_claims
    assert (claims["name"], claims["given_name"], claims["email"]) == ("Johnny Appleseed", "Johnny", "new@example.com")


def test_what_the_browser_brings_of_apple_is_a_name_and_no_address(
    world: World, browser: Browser, answered_by: AnsweredBy
) -> None:
    said = {**record("apple"), "arrival": {"user": '{"name": {"firstName": "Eve"}, "email": "victim@example.com"}'}}
    said["claims"] = {name: value for name, value in said["claims"].items() if not name.startswith("email")}
    dialect, app = answered_by(Dialect("apple", said=said)), world.client()
    connected(world, "apple", app.client_id)
    attempt = app.begin(browser)
    to_and_back(browser, dialect)
    assert "email" not in attempt.tokens(browser.answer).id_claims


def test_switches_and_scopes_of_a_connection_are_asked_for(
    world: World, browser: Browser, answered_by: AnsweredBy
) -> None:
    dialect, app = answered_by(Dialect("github")), world.client()
    more = {"read_org": True, "gist": False, "scope": ["repo"], "freeform_scopes": ["workflow"]}
    connected(world, "github", app.client_id, **more, upstream_params={"allow_signup": {"value": "false"}})
    app.begin(browser)
    to_and_back(browser, dialect)
    assert dialect.sent["scope"].split() == ["read:user", "user:email", "read:org", "repo", "workflow"]
    assert dialect.sent["allow_signup"] == "false"


def test_a_connection_that_nobody_set_up_offers_the_other_ways(
    world: World, browser: Browser, answered_by: AnsweredBy
) -> None:
    answered_by(Dialect("apple"))
    app = world.client()
    connected(world, "apple", app.client_id, team_id="")
    app.begin(browser)
    browser.follow("connection-apple")
    assert (browser.status, browser.left_for) == (502, None)
    assert "Signing in with Apple isn’t possible right now" in browser.shown.text
    assert {"password-link", "retry-link", "back-link"} <= browser.shown.links.keys()
    (entry, *_) = logged(world, "f")
    assert "not set up yet" in str(entry)


@pytest.mark.parametrize("address", ["https://cdn.example.test/sign-in.png", "http://cdn.example.test/x.png", "x y"])
def test_a_picture_of_its_own_takes_the_marks_place_where_it_comes_by_tls(
    world: World, browser: Browser, address: str
) -> None:
    app = world.client()
    connected(world, "github", app.client_id, icon_url=address)
    app.begin(browser)
    assert browser.response is not None
    allowed = browser.response.headers["Content-Security-Policy"]
    shown = f'<img src="{address}"' in browser.response.get_data(as_text=True)
    assert shown is ("https://cdn.example.test" in allowed) is address.startswith("https://")
