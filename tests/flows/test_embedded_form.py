"""What Lock is told of an application, and what nobody else is."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.world.browser import Browser
from tests.world.passive import connect
from tests.world.world import PASSWORD, Person, World


def settings(browser: Browser, client_id: str) -> dict[str, Any]:
    browser.open(f"/client/{client_id}.js?t1764000000000")
    text = browser.shown.html.strip()
    assert text.startswith("Auth0.setClient("), text
    found: dict[str, Any] = msgspec.json.decode(text.removeprefix("Auth0.setClient(").removesuffix(");"))
    return found


def test_the_connections_of_an_application(world: World, browser: Browser) -> None:
    app = world.client(callbacks=["https://app.example.test/cb"])
    connect(world, app.client_id, domain_aliases=["corp.example", "other.example"])
    connect(world, name="not-ours")
    told = settings(browser, app.client_id)
    assert (told["id"], told["callback"]) == (app.client_id, "https://app.example.test/cb")
    by_name = {each["name"]: each["connections"] for each in told["strategies"]}
    assert set(by_name) == {"auth0", "adfs"}
    assert by_name["adfs"] == [{"name": "corp", "domain": "corp.example", "domain_aliases": ["other.example"]}]
    (database,) = by_name["auth0"]
    assert (database["showSignup"], database["requires_username"]) == (True, False)
    assert "secret" not in str(told).lower()


def test_an_application_that_nobody_knows(browser: Browser) -> None:
    for name in ("nobody", "x" * 300, "%3Cscript%3E"):
        browser.open(f"/client/{name}.js")
        assert browser.status == 404
        assert "setClient" not in browser.shown.html


def test_who_is_signed_in_is_told_to_our_own_pages(world: World, browser: Browser, jane: Person) -> None:
    browser.open("/user/ssodata")
    assert browser.shown.html == '{"sso":false}'
    app = world.client()
    app.begin(browser)
    browser.submit(username=jane.email, password=PASSWORD)
    assert browser.answer.code
    browser.open("/user/ssodata")
    told = msgspec.json.decode(browser.shown.html)
    assert (told["sso"], told["sessionClients"], told["lastUsedUserID"]) == (True, [app.client_id], jane.user_id)
    assert told["lastUsedConnection"]["strategy"] == "auth0"
