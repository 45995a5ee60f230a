"""Clients that register themselves: RFC 7591 and 7592, OpenID Connect Registration."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.client_keys import key, of_text, public, signed
from tests.world.fixtures import Clock
from tests.world.key_sets import KeySetServer, key_set
from tests.world.registration import REDIRECT, allow, call, discovery, error, known, of, register, switch_on
from tests.world.world import Person, World

__all__ = ["key_set"]


def test_nobody_registers_where_it_is_switched_off(world: World) -> None:
    assert error(register(world), 403) == "access_denied"
    assert "registration_endpoint" not in discovery(world)
    switch_on(world)
    assert discovery(world)["registration_endpoint"] == f"{world.issuer}oidc/register"


def test_switched_on_it_wants_an_initial_access_token(world: World) -> None:
    switch_on(world)
    response = register(world)
    assert error(response, 401) == "invalid_token"
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")
    made = world.management().post("/initial-access-tokens", {"name": "CI"})
    assert register(world, made["token"]).status_code == 201
    assert error(register(world, made["token"]), 401) == "invalid_token"  # one use is the default
    listed = world.management().get("/initial-access-tokens")[0]
    assert (listed["uses"], listed["uses_left"]) == (1, 0)
    assert "token" not in listed


def test_an_initial_access_token_ends(world: World, clock: Clock) -> None:
    switch_on(world)
    api = world.management()
    token = api.post("/initial-access-tokens", {"name": "CI", "uses": 5, "lifetime_in_seconds": 60})
    assert register(world, token["token"]).status_code == 201
    clock.forward(seconds=61)
    assert error(register(world, token["token"]), 401) == "invalid_token"
    other = api.post("/initial-access-tokens", {"name": "CI", "uses": 5})
    api.delete(f"/initial-access-tokens/{other['id']}")
    assert error(register(world, other["token"]), 401) == "invalid_token"


def test_it_is_not_stored(world: World) -> None:
    token = world.management().post("/initial-access-tokens", {"name": "CI"})["token"]
    with world.context() as work:
        rows = work.rows.connection().exec_driver_sql("select * from initial_access_tokens").all()
    assert token not in str(rows)


def test_its_rules_stand_for_the_tenants(world: World) -> None:
    switch_on(world)
    rules = {"grant_types": ["client_credentials"], "redirect_hosts": ["*.example.test"]}
    token = world.management().post("/initial-access-tokens", {"name": "CI", "uses": 3, **rules})["token"]
    assert error(register(world, token)) == "invalid_client_metadata"
    assert register(world, token, grant_types=["client_credentials"], response_types=[]).status_code == 201
    elsewhere = {"grant_types": ["client_credentials"], "redirect_uris": ["https://evil.test/"]}
    assert error(register(world, token, **elsewhere)) == "invalid_redirect_uri"


def test_a_registered_client_signs_people_in_who_are_asked(opened: World, browser: Browser, jane: Person) -> None:
    made = register(opened).get_json()
    assert made["client_secret_expires_at"] == 0
    assert made["grant_types"] == ["authorization_code"]
    assert made["redirect_uris"] == [REDIRECT]
    app = of(opened, made)
    attempt = app.begin(browser)
    allow(browser, jane)
    assert attempt.tokens(browser.answer).id_claims["aud"] == made["client_id"]
    client = opened.management().get(f"/clients/{made['client_id']}")
    assert (client["is_first_party"], client["external_metadata_type"]) == (False, "dcr")


def test_only_connections_for_everybody_are_its(world: World, browser: Browser, jane: Person) -> None:
    switch_on(world, open=True)
    app = of(world, register(world).get_json())
    app.begin(browser)
    assert "username" not in str(browser.shown.text)
    world.management().patch(f"/connections/{world.connection_id}", {"is_domain_connection": True})
    app.begin(browser)
    assert browser.path == "/u/login"


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none", "private_key_jwt"])
def test_it_authenticates_as_it_said(opened: World, browser: Browser, jane: Person, method: str) -> None:
    jwks = {"keys": [public("ES256")]} if method == "private_key_jwt" else None
    made = register(opened, token_endpoint_auth_method=method, jwks=jwks).get_json()
    assert ("client_secret" in made) == method.startswith("client_secret")
    assert ("client_secret_expires_at" in made) == ("client_secret" in made)
    if method != "private_key_jwt":
        app = of(opened, made)
        attempt = app.begin(browser)
        allow(browser, jane)
        assert attempt.tokens(browser.answer)


@row("A2")
@pytest.mark.parametrize(
    "uris",
    [
        [],
        ["https://rp.example.test/cb#part"],
        ["http://rp.example.test/cb"],
        ["https://*.example.test/cb"],
        ["https://{organization_name}.example.test/cb"],
        ["javascript:alert(1)"],
        ["https://user@rp.example.test/"],
        ["/relative"],
        [7],
        "https://rp.example.test/",
        [REDIRECT] * 101,
    ],
)
def test_redirect_uris_that_are_none(opened: World, uris: Any) -> None:
    assert error(register(opened, redirect_uris=uris)) == "invalid_redirect_uri"


@pytest.mark.parametrize(
    "members",
    [
        {"grant_types": ["password"]},
        {"grant_types": ["client_credentials"]},
        {"grant_types": "authorization_code"},
        {"response_types": ["code id_token"]},
        {"response_types": ["secret"]},
        {"token_endpoint_auth_method": "magic"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"jwks": {"keys": []}, "jwks_uri": "https://rp.example.test/jwks"},
        {"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}},
        {"id_token_signed_response_alg": "none"},
        {"id_token_signed_response_alg": "HS256", "token_endpoint_auth_method": "none"},
        {"logo_uri": "javascript:alert(1)"},
        {"initiate_login_uri": "http://rp.example.test/login"},
        {"client_name": ["Weather"]},
        {"client_name": "x" * 300},
        {"contacts": "me@example.test"},
        {"software_statement": 7},
    ],
)
def test_metadata_that_is_refused(opened: World, members: dict[str, Any]) -> None:
    assert error(register(opened, **members)) in {"invalid_client_metadata", "invalid_software_statement"}


@pytest.mark.parametrize("body", [b"[]", b"{", b"null", b'{"a":1,"a":2}', b"x" * 70_000, b"[" * 5_000])
def test_a_body_that_is_no_document(opened: World, body: bytes) -> None:
    response = opened.app.test_client().post(
        "/oidc/register", data=body, content_type="application/json", base_url=opened.issuer
    )
    assert error(response) == "invalid_client_metadata"


def test_members_that_nobody_knows_are_passed_over_and_markup_is_no_name(opened: World) -> None:
    made = register(opened, client_name="<b>Weather</b>", frobnicate=True, **{"client_name#ja": "天気"}).get_json()
    assert "frobnicate" not in made
    assert "<" not in made["client_name"]


def test_redirects_to_ones_own_machine_make_it_native(opened: World) -> None:
    made = register(opened, redirect_uris=["http://127.0.0.1:4711/cb"], token_endpoint_auth_method="none").get_json()
    assert opened.management().get(f"/clients/{made['client_id']}")["app_type"] == "native"
    assert register(opened, redirect_uris=["cursor://anysphere.cursor-mcp/oauth/callback"]).status_code == 201
    own = {"redirect_uris": ["cursor://x/cb"], "application_type": "web"}
    assert error(register(opened, **own)) == "invalid_redirect_uri"


def test_it_reads_replaces_and_removes_its_registration(opened: World) -> None:
    made = register(opened, tos_uri="https://rp.example.test/tos", contacts=["a@example.test"]).get_json()
    path, token = f"/oidc/register/{made['client_id']}", made["registration_access_token"]
    assert made["registration_client_uri"] == f"{opened.issuer}oidc/register/{made['client_id']}"
    assert call(opened, "GET", path, token).get_json() == made
    body = {"client_id": made["client_id"], "redirect_uris": ["https://rp.example.test/two"], "client_name": "Two"}
    changed = call(opened, "PUT", path, token, body).get_json()
    assert (changed["client_name"], changed["redirect_uris"]) == ("Two", ["https://rp.example.test/two"])
    assert "tos_uri" not in changed
    assert "contacts" not in changed
    assert changed["client_secret"] == made["client_secret"]
    new = changed["registration_access_token"]
    assert new != token
    assert call(opened, "GET", path, token).status_code == 200  # the answer might have been lost
    assert call(opened, "GET", path, new).status_code == 200
    assert error(call(opened, "GET", path, token), 401) == "invalid_token"  # it was not
    assert call(opened, "DELETE", path, new).status_code == 204
    assert error(call(opened, "GET", path, new), 401) == "invalid_token"
    assert not known(opened, made)


def test_a_client_that_an_administrator_trusts_changes_itself_no_more(opened: World) -> None:
    """Nobody is asked before they go there: whoever has the token of the registration must not say where to."""
    made = register(opened, redirect_uris=["https://app.example.test/cb"]).get_json()
    path, token = f"/oidc/register/{made['client_id']}", made["registration_access_token"]
    assert opened.caller().patch(f"/clients/{made['client_id']}", {"is_first_party": True}).status_code == 200
    evil = {"client_id": made["client_id"], "redirect_uris": ["https://evil.example.test/cb"]}
    assert error(call(opened, "PUT", path, token, evil), 403) == "access_denied"
    assert error(call(opened, "DELETE", path, token), 403) == "access_denied"
    found = call(opened, "GET", path, token)
    assert (found.status_code, found.get_json()["redirect_uris"]) == (200, ["https://app.example.test/cb"])


@pytest.mark.parametrize("gone", [True, False])
def test_it_stays_under_the_rules_that_let_it_in(world: World, gone: bool) -> None:
    switch_on(world, grant_types=["authorization_code", "refresh_token", "client_credentials", "implicit"])
    rules = {"grant_types": ["authorization_code"], "redirect_hosts": ["*.example.test"]}
    let_in = world.management().post("/initial-access-tokens", {"name": "CI", **rules})
    made = register(world, let_in["token"]).get_json()
    assert not any("rules" in name for name in made)
    if gone:
        world.management().delete(f"/initial-access-tokens/{let_in['id']}")
    path, token = f"/oidc/register/{made['client_id']}", made["registration_access_token"]
    same = {"client_id": made["client_id"], "redirect_uris": [REDIRECT]}
    changed = call(world, "PUT", path, token, same)
    token = changed.get_json()["registration_access_token"]
    assert not any("rules" in name for name in changed.get_json())
    wider = {**same, "grant_types": ["authorization_code", "client_credentials"]}
    assert error(call(world, "PUT", path, token, wider)) == "invalid_client_metadata"
    elsewhere = {**same, "redirect_uris": ["https://evil.test/"]}
    assert error(call(world, "PUT", path, token, elsewhere)) == "invalid_redirect_uri"


def test_what_it_may_not_send_back(opened: World) -> None:
    made = register(opened).get_json()
    path, token = f"/oidc/register/{made['client_id']}", made["registration_access_token"]
    good = {"client_id": made["client_id"], "redirect_uris": [REDIRECT]}
    for wrong in (
        {**good, "client_id": "another"},
        {"redirect_uris": [REDIRECT]},
        {**good, "registration_access_token": token},
        {**good, "client_secret": "chosen by the client itself"},
        {**good, "grant_types": ["password"]},
    ):
        assert error(call(opened, "PUT", path, token, wrong)) == "invalid_client_metadata"
    assert call(opened, "GET", path, token).get_json() == made


def test_a_token_is_good_for_its_client_alone(opened: World) -> None:
    one, other = register(opened).get_json(), register(opened).get_json()
    path = f"/oidc/register/{one['client_id']}"
    for method in ("GET", "DELETE"):
        assert error(call(opened, method, path, other["registration_access_token"]), 401) == "invalid_token"
        assert error(call(opened, method, path), 401) == "invalid_token"
    seeded = opened.client().client_id
    assert error(call(opened, "GET", f"/oidc/register/{seeded}", one["registration_access_token"]), 401)


def test_browsers_of_any_origin_may_register(opened: World) -> None:
    client = opened.app.test_client()
    response = client.options("/oidc/register", headers={"Origin": "https://x.test"}, base_url=opened.issuer)
    assert (response.status_code, response.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert "Access-Control-Allow-Credentials" not in response.headers


def test_what_a_trusted_issuer_says_counts_for_more(world: World, key_set: KeySetServer) -> None:
    key_set.keys = [public("ES256")]
    issuer = {"issuer": "https://store.example.test", "jwks_uri": key_set.url}
    switch_on(world, open=True, software_statement_issuers=[issuer], require_software_statement=True)

    def statement(by: str = "", **claims: Any) -> str:
        said = {"iss": issuer["issuer"], "client_name": "Approved", "software_id": "w-1", **claims}
        return signed(said, key("ES256", by) if by else key("ES256"), "ES256", kid=None)

    assert error(register(world)) == "invalid_client_metadata"
    made = register(world, client_name="Mine", software_statement=statement()).get_json()
    assert (made["client_name"], made["software_id"]) == ("Approved", "w-1")
    assert made["software_statement"]
    assert error(register(world, software_statement=statement("other"))) == "invalid_software_statement"
    assert error(register(world, software_statement=statement(exp=1))) == "invalid_software_statement"
    later = int(time.time()) + 9_000
    for claims in ({"nbf": later}, {"iat": later}, {"exp": "x"}, {"aud": "https://other.test/"}, {"aud": []}):
        assert error(register(world, software_statement=statement(**claims))) == "invalid_software_statement", claims
    for_us = statement(aud=[world.issuer], nbf=later - 9_000, exp=later)
    assert register(world, software_statement=for_us).status_code == 201
    said = {"iss": issuer["issuer"], "client_name": "Approved"}
    for raw in (
        signed(said, key("ES256"), "ES256", kid=None, typ="at+jwt"),
        of_text('{"client_name":"Mine",' + json.dumps(said)[1:], key("ES256")),
    ):
        assert error(register(world, software_statement=raw)) == "invalid_software_statement"
    foreign = statement(iss="https://evil.test")
    assert error(register(world, software_statement=foreign)) == "unapproved_software_statement"
