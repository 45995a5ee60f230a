"""Authorization code with PKCE: the whole walk (RFC 6749 4.1, RFC 7636, OIDC Core 3.1)."""

from __future__ import annotations

from tests.flows.harness.fixtures import on_both_stores
from tests.flows.harness.world import CALLBACK, Browser, Person, World


@on_both_stores
def test_a_person_signs_in_and_the_application_gets_tokens(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    attempt = app.begin(browser)
    assert browser.path == "/u/login"
    browser.submit("login-submit", username=jane.email, password=jane.password)
    assert browser.answer.url == CALLBACK
    tokens = attempt.tokens(browser.answer)
    claims = tokens.id_claims
    assert claims["sub"] == jane.user_id
    assert claims["nonce"] == attempt.params["nonce"]
    assert tokens.userinfo().get_json()["email"] == jane.email
