"""Addresses of a sign-in, opened where they do not belong: by hand, by the back button, with the ``state`` of another
door. Every one answers with a page or leads on; none is a defect.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from idp.signin.login.screens import ALL
from idp.signin.user_grants.models import UserGrant
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.world import API, Person, World

PAGES = sorted({screen.path for screen in ALL})
RESUMES = ["/authorize/resume", "/account/resume"]
DOORS = ["account", "application", "api"]


def began(world: World, browser: Browser, door: str) -> str:
    """Begin signing in there; answers the ``state``."""
    if door == "account":
        browser.open("/account")
    else:
        world.client(callbacks=["http://localhost:3000/cb"]).begin(browser, audience=API if door == "api" else None)
    return parse_qs(urlsplit(browser.shown.url).query)["state"][0]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("signed_in", ["nobody", "before", "in this attempt"])
def test_every_page_of_an_attempt_can_be_opened_at_any_time(
    world: World, jane: Person, door: str, signed_in: str
) -> None:
    world.api()
    for path in [*PAGES, *RESUMES]:
        other = world.browser()
        state = began(world, other, door)
        if signed_in != "nobody":
            form = other.shown.form("username")
            other.send_form(form, None, username=jane.email, password=jane.password)
            if signed_in == "before":
                state = began_again(world, other, door)
        other.open(f"{path}?state={state}")
        assert other.status < 500, (path, other.hops)
        other.request("GET", f"{world.issuer.rstrip('/')}{path}")
        assert other.status < 500, path


def began_again(world: World, browser: Browser, door: str) -> str:
    """Another attempt of a browser that is signed in: it is asked for its password once more."""
    app = world.client(callbacks=["http://localhost:3000/cb"])
    app.begin(browser, prompt="login", audience=API if door == "api" else None)
    return parse_qs(urlsplit(browser.shown.url).query)["state"][0]


def test_the_state_of_an_account_sign_in_is_no_applications(world: World, browser: Browser, jane: Person) -> None:
    state = began(world, browser, "account")
    browser.open(f"/authorize/resume?state={state}")
    assert (browser.status, browser.left_for) == (400, None)
    assert browser.shown.links["back-link"]


@pytest.mark.parametrize("door", ["account", "application"])
def test_consent_that_nobody_needs_is_not_asked_for(world: World, browser: Browser, jane: Person, door: str) -> None:
    state = began(world, browser, door)
    browser.request(
        "POST",
        f"{world.issuer}u/login",
        form={
            **browser.shown.form("username").fields,
            "username": jane.email,
            "password": jane.password,
            "action": "default",
        },
        site="same-origin",
    )
    assert browser.status in {302, 303}
    browser.open(f"/u/consent?state={state}")
    if door == "account":
        assert browser.path == "/account"
    else:
        assert "code" in browser.answer.params
    with world.platform.db.reading(world.tenant) as session:
        assert session.scalars(select(UserGrant)).all() == []


@on_both_stores
@pytest.mark.parametrize("name", ["%00", "a%00b"])
def test_an_address_with_nul_is_none(world: World, name: str) -> None:
    for path in (
        f"/samlp/{name}",
        f"/samlp/{name}/logout",
        f"/samlp/metadata/{name}",
        f"/login/redirect/{name}",
        f"/u/{name}",
        f"/u/login/{name}",
        f"/scim/v2/connections/{name}",
        f"/scim/v2/connections/con/Users/{name}",
    ):
        assert world.get(path).status_code == 404, path
    assert world.post(f"/logout/backchannel/{name}", {"logout_token": "x"}).status_code == 404
