"""Contract section 7: where the standard and Auth0's habit part, each switch for a tenant and for one client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.world import Person, World

Make = Callable[..., Application]


@pytest.fixture(params=["tenant", "client", "client against the tenant"])
def switched(request: pytest.FixtureRequest, world: World) -> Make:
    """Makes a client for which the given switches hold, by whichever of the three ways."""

    def make(kind: str = "web", switches: dict[str, bool] | None = None, **members: Any) -> Application:
        wanted = switches or {}
        if request.param == "tenant":
            world.settings(compatibility=wanted)
            return world.client(kind, **members)
        if request.param == "client against the tenant":
            world.settings(compatibility={name: not value for name, value in wanted.items()})
        return world.client(kind, compatibility=wanted, **members)

    return make


def test_updated_at_as_text(switched: Make, browser: Browser, jane: Person) -> None:
    tokens = switched(switches={"updated_at_iso": True}).sign_in(browser, jane)
    for claims in (tokens.id_claims, tokens.userinfo().get_json()):
        assert claims["updated_at"].endswith("Z")
        assert "T" in claims["updated_at"]


def test_updated_at_is_a_number_by_default(world: World, browser: Browser, jane: Person) -> None:
    assert isinstance(world.client().sign_in(browser, jane).id_claims["updated_at"], int)


def test_auth0s_statuses(switched: Make) -> None:
    app = switched(
        switches={"auth0_statuses": True}, grant_types=["authorization_code", "refresh_token", "client_credentials"]
    )
    for form, expected in (
        ({"grant_type": "authorization_code", "code": "x", "redirect_uri": app.callback}, (403, "invalid_grant")),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, (403, "invalid_grant")),
        ({"grant_type": "client_credentials", "audience": app.world.issuer + "api/v2/"}, (403, "access_denied")),
        ({"grant_type": "authorization_code"}, (400, "invalid_request")),
    ):
        response = app.token(**form)
        assert (response.status_code, response.get_json()["error"]) == expected


def test_scope_claims_left_to_userinfo(switched: Make, browser: Browser, jane: Person) -> None:
    tokens = switched(switches={"id_token_scope_claims": False}).sign_in(browser, jane)
    assert {"name", "email", "updated_at"}.isdisjoint(tokens.id_claims)
    assert tokens.userinfo().get_json()["email"] == jane.email


def test_public_clients_without_pkce(switched: Make, browser: Browser, jane: Person) -> None:
    app = switched("spa", {"public_clients_without_pkce": True})
    attempt = app.begin(browser, code_challenge=None, code_challenge_method=None)
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.tokens(browser.answer)


@pytest.mark.parametrize("method", ["plain", None])
def test_plain_pkce(switched: Make, browser: Browser, jane: Person, method: str | None) -> None:
    app = switched("spa", {"plain_pkce": True})
    attempt = app.begin(browser, code_challenge="p" * 43, code_challenge_method=method)
    browser.submit(username=jane.email, password=jane.password)
    wrong = attempt.redeem(browser.answer, code_verifier="q" * 43)
    assert wrong.get_json()["error"] == "invalid_grant"
    attempt = app.begin(browser, code_challenge="p" * 43, code_challenge_method=method)
    assert attempt.redeem(browser.answer, code_verifier="p" * 43).status_code == 200


def test_no_issuer_in_the_answer(switched: Make, browser: Browser, jane: Person) -> None:
    app = switched(switches={"authorization_response_iss": False})
    app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    assert set(browser.answer.params) == {"code", "state"}
    app.begin(browser, prompt="consent login", max_age="x")
    assert "iss" not in browser.answer.params


def test_a_client_inherits_what_it_does_not_say(world: World, browser: Browser, jane: Person) -> None:
    world.settings(compatibility={"updated_at_iso": True, "id_token_scope_claims": False})
    tokens = world.client(compatibility={"id_token_scope_claims": True}).sign_in(browser, jane)
    assert isinstance(tokens.id_claims["updated_at"], str)


def test_new_clients_have_no_implicit_hybrid_or_password_grant(world: World) -> None:
    for kind in ("web", "spa", "native", "m2m"):
        app = world.client(kind)
        client = world.management().get(f"/clients/{app.client_id}")
        assert {"implicit", "password", "http://auth0.com/oauth/grant-type/password-realm"}.isdisjoint(
            client["grant_types"]
        )
