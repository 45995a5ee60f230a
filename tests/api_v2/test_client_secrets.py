"""Secrets that somebody chooses for a client, and what may be signed with them (RFC 7518 3.2)."""

from __future__ import annotations

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from idp.applications.clients import service as clients
from idp.applications.clients import stored
from idp.tenant.keys import signer
from tests.world.browser import Browser
from tests.world.management import Api
from tests.world.templates import INSTALLED, Template
from tests.world.world import Person, World

SHORT, LONG = "sixteen-Bytes-16", "a secret of the caller that is long"


@pytest.fixture
def template() -> Template:
    """People sign in here."""
    return INSTALLED


@pytest.mark.parametrize("secret", ["x", "short", "fifteen-letters", "a" * 64, "ab" * 32, ""])
def test_a_secret_that_can_be_guessed_is_none(api: Api, secret: str) -> None:
    refused = api.post("/clients", {"name": "A", "client_secret": secret})
    made = api.post("/clients", {"name": "A", "client_secret": SHORT})
    changed = api.patch(f"/clients/{(made.json or {})['client_id']}", {"client_secret": secret})
    assert (refused.status_code, made.status_code, changed.status_code) == (400, 201, 400)
    assert "client_secret" in (refused.json or {})["message"]
    assert not secret or secret not in (changed.json or {})["message"]


def test_hs256_needs_a_secret_as_long_as_the_hash(api: Api) -> None:
    hs256 = {"jwt_configuration": {"alg": "HS256"}}
    assert api.post("/clients", {"name": "A", "client_secret": SHORT, **hs256}).status_code == 400
    path = f"/clients/{(api.post('/clients', {'name': 'A', 'client_secret': SHORT}).json or {})['client_id']}"
    refused = api.patch(path, hs256)
    assert (refused.status_code, "jwt_configuration.alg" in (refused.json or {})["message"]) == (400, True)
    assert api.patch(path, {**hs256, "client_secret": LONG}).status_code == 200
    assert api.patch(path, {"client_secret": SHORT}).status_code == 400
    assert api.post(f"{path}/rotate-secret").status_code == 200
    assert api.post("/clients", {"name": "A", **hs256}).status_code == 201


def test_nothing_is_signed_with_a_short_secret_from_before(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(jwt_configuration={"alg": "HS256"})
    tokens = app.sign_in(browser, jane, scope="openid offline_access")
    jwt.decode(tokens.id_token, OctKey.import_key(str(app.secret)), algorithms=["HS256"])
    with world.writing() as work:
        row = work.rows.lock(clients.get(work, app.client_id))
        row.secret_sealed, app.secret = stored.sealed_secret(work, app.client_id, SHORT), SHORT
        work.configuration_changed()
    refused = app.refresh(tokens.refresh_token)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_request")
    app.begin(browser)
    assert browser.answer.error == "invalid_request"


def test_a_hint_signed_with_a_short_secret_is_nobodys(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(jwt_configuration={"alg": "HS256"}, allowed_logout_urls=["https://app.example.test/"])
    with world.writing() as work:
        work.rows.lock(clients.get(work, app.client_id)).secret_sealed = stored.sealed_secret(
            work, app.client_id, SHORT
        )
        work.configuration_changed()
    forged = signer.sign_hs256(SHORT, {"iss": world.issuer, "sub": jane.user_id, "aud": app.client_id})
    app.begin(browser, id_token_hint=forged, prompt="none")
    assert browser.answer.error == "invalid_request"
