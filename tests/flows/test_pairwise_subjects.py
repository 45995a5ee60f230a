"""Pairwise subjects and their sectors (OpenID Connect Core 8)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.flows.registration.conftest import opened
from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.key_sets import KeySetServer
from tests.world.registration import error, register
from tests.world.world import CALLBACK, Person, World

__all__ = ["opened"]
PAIRWISE = {"subject_type": "pairwise"}
OTHER = "https://other.example.test/callback"


@pytest.fixture
def site() -> Iterator[KeySetServer]:
    server = KeySetServer()
    yield server
    server.close()


def signed_in(app: Application, person: Person, **params: str) -> Any:
    return app.sign_in(app.world.browser(), person, **params)


def test_of_two_sectors_neither_knows_the_others_name(world: World, jane: Person) -> None:
    one, same = world.client(**PAIRWISE), world.client(**PAIRWISE)
    other = world.client(**PAIRWISE, callbacks=[OTHER])
    names = [signed_in(app, jane).id_claims["sub"] for app in (one, same, other, one)]
    assert names[0] == names[1] == names[3]
    assert len(set(names)) == 2
    assert jane.user_id not in names
    assert all(len(name) <= 255 and name.isascii() for name in names)


def test_everything_that_a_client_is_told_names_the_same(world: World, jane: Person) -> None:
    app = world.client(**PAIRWISE)
    audience = world.api()
    tokens = signed_in(app, jane, scope="openid email read:things", audience=audience)
    name = tokens.id_claims["sub"]
    assert tokens.access_claims["sub"] == name
    assert tokens.userinfo().get_json()["sub"] == name
    assert app.call("/oauth/introspect", token=tokens.access_token).get_json()["sub"] == name
    assert app.world.other_process().client is not None
    opaque = signed_in(app, jane)
    assert app.call("/oauth/introspect", token=opaque.access_token).get_json()["sub"] == name
    assert opaque.userinfo().get_json()["sub"] == name


def test_another_process_gives_the_same_name(world: World, jane: Person) -> None:
    app = world.client(**PAIRWISE)
    name = signed_in(app, jane).id_claims["sub"]
    there = Application(world.other_process(), app.client_id, app.secret, app.callback, app.auth)
    assert signed_in(there, jane).id_claims["sub"] == name


@row("A6")
def test_hints_and_asked_subjects_are_understood(world: World, browser: Browser, jane: Person) -> None:
    app, other = world.client(**PAIRWISE), world.client(**PAIRWISE, callbacks=[OTHER])
    tokens = app.sign_in(browser, jane)
    attempt = app.begin(browser, prompt="none", id_token_hint=tokens.id_token)
    assert attempt.tokens(browser.answer).id_claims["sub"] == tokens.id_claims["sub"]
    asked = {"id_token": {"sub": {"value": tokens.id_claims["sub"]}}}
    app.begin(browser, prompt="none", claims=json.dumps(asked))
    assert browser.answer.error is None
    other.begin(browser, prompt="none", claims=json.dumps(asked))
    assert browser.answer.error == "login_required"


def test_a_client_with_several_hosts_needs_a_sector(world: World, site: KeySetServer) -> None:
    api = world.management()
    made = {"name": "Two hosts", "app_type": "regular_web", "callbacks": [CALLBACK, OTHER], **PAIRWISE}
    assert api("POST", "/clients", made).status_code == 400
    site.text = json.dumps([CALLBACK])
    sector = {**made, "sector_identifier_uri": site.url}
    refused = api("POST", "/clients", sector)
    assert (refused.status_code, "does not list" in refused.get_json()["message"]) == (400, True)
    site.text = json.dumps([CALLBACK, OTHER])
    client = api.post("/clients", sector)
    assert client["sector_identifier_uri"] == site.url
    more = {"callbacks": [CALLBACK, OTHER, "https://third.example.test/"]}
    assert api("PATCH", f"/clients/{client['client_id']}", more).status_code == 400
    asked = site.asked
    api.patch(f"/clients/{client['client_id']}", {"description": "no callbacks: nothing is fetched"})
    assert site.asked == asked


@row("P3")
@pytest.mark.parametrize(
    "uri", ["https://169.254.169.254/sector.json", "https://10.0.0.1/x", "https://[::1]/x", "file:///etc/passwd"]
)
def test_a_sector_is_not_read_from_inside(world: World, uri: str) -> None:
    made = {"name": "In", "callbacks": [CALLBACK], "sector_identifier_uri": uri, **PAIRWISE}
    assert world.management()("POST", "/clients", made).status_code == 400


def test_registered_clients_have_sectors_too(opened: World, site: KeySetServer) -> None:
    uris = [CALLBACK, OTHER]
    site.text = json.dumps(uris)
    made = register(opened, redirect_uris=uris, subject_type="pairwise", sector_identifier_uri=site.url)
    assert made.status_code == 201
    assert made.get_json()["subject_type"] == "pairwise"
    site.text = json.dumps([CALLBACK])
    bad = register(opened, redirect_uris=uris, subject_type="pairwise", sector_identifier_uri=site.url)
    assert error(bad) == "invalid_client_metadata"
    assert error(register(opened, redirect_uris=uris, subject_type="pairwise")) == "invalid_client_metadata"


def test_logout_tokens_and_hints_of_logouts_name_the_same(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(**PAIRWISE, allowed_logout_urls=["https://app.example.test/bye"])
    tokens = app.sign_in(browser, jane)
    bye = "post_logout_redirect_uri=https://app.example.test/bye"
    browser.open(f"/oidc/logout?id_token_hint={tokens.id_token}&{bye}")
    assert browser.answer.url.startswith("https://app.example.test/bye")
