"""The edge of ``/api/v2``: who is let in, in which order things are refused, and how (security.md W1, W2, W10;
contract.md section 6).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from idp.foundation.kernel import clock
from idp.management.limits import PER_WINDOW
from idp.management.mount import endpoints, router
from idp.management.operations import operations
from idp.tenant.keys import service as keys
from idp.tenant.keys import signer
from idp.tenant.settings import service as tenants
from idp.wiring import api_modules
from tests.api_v2.test_users import create, path
from tests.counterparts.program import ROOT
from tests.security.rows import row
from tests.world.fixtures import OpenWorld
from tests.world.management import Api
from tests.world.templates import HOST, ISSUER, PLAIN_HTTP
from tests.world.world import World

NOT_BUILT = re.compile(r"^\| `(.+)` \| T\d \| not built \|", re.MULTILINE)
"""Rows of docs/management-api.md."""
PLAIN = "http://localhost:8000/api/v2/"
UNAUTHORIZED = {"statusCode": 401, "error": "Unauthorized"}


def test_without_a_token_everything_is_401(world: World) -> None:
    nobody = Api(world, None)
    for method, where in (
        ("GET", "/users"),
        ("POST", "/clients"),
        ("GET", "/no/such/thing"),
        ("DELETE", "/roles/x"),
        ("GET", ""),
    ):
        answer = nobody(method, where, data=b"{" if method == "POST" else None)
        assert answer.status_code == 401, where
        assert {**(answer.json or {}), **UNAUTHORIZED} == answer.json
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"aud": "https://other.example/"}, "Invalid token"),
        ({"aud": f"{ISSUER}userinfo"}, "Invalid token"),
        ({"aud": None}, "Invalid token"),
        ({"iss": "https://other.example/"}, "Invalid token"),
        ({"exp": 1}, "Expired token received for JSON Web Token validation"),
        ({"exp": "never"}, "Expired token received for JSON Web Token validation"),
        ({"azp": "nobody", "client_id": "nobody"}, "Invalid token"),
        ({"sub": "nobody@clients"}, "Invalid token"),
        ({"sub": "auth0|nobody"}, "Invalid token"),
        ({"cnf": {"jkt": "x"}}, "The access token is bound to a key: it comes by the scheme DPoP, with a proof"),
        ({"cnf": {"other": "x"}}, "The access token is bound to a client certificate, which did not come along"),
        ({"typ": "logout+jwt"}, "Invalid token"),
    ],
)
def test_tokens_that_are_no_good_here(world: World, claims: dict[str, Any], message: str) -> None:
    answer = world.caller(**claims).get("/clients")
    assert answer.status_code == 401
    assert answer.json == {**UNAUTHORIZED, "message": message, "attributes": {"error": message}}


@pytest.mark.parametrize("audience", [PLAIN, PLAIN.replace("http:", "https:"), ["x", PLAIN]])
def test_audiences_that_are_good(open_world: OpenWorld, audience: Any) -> None:
    assert open_world(PLAIN_HTTP).caller(aud=audience).get("/clients").status_code == 200


def test_forged_tokens(world: World) -> None:
    good = world.token()
    head, body, signature = good.split(".")
    none = signer.b64url(b'{"alg":"none","typ":"at+jwt"}')
    for forged in (
        f"{head}.{body}.",
        f"{none}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        "x",
        "a.b.c",
        good + "A" * 20_000,
    ):
        assert Api(world, forged).get("/clients").status_code == 401


def test_an_id_token_of_the_client_is_no_access_token(world: World) -> None:
    assert world.caller(aud=world.machine, typ="JWT").get("/clients").status_code == 401


@row("W7")
def test_a_deleted_client_is_out_at_once(api: Api, world: World) -> None:
    assert api.delete(f"/clients/{world.machine}").status_code == 204
    assert api.get("/clients").status_code == 401


def test_missing_scopes_are_named(world: World) -> None:
    answer = world.caller("read:clients").get("/users")
    assert answer.json == {
        "statusCode": 403,
        "error": "Forbidden",
        "message": "Insufficient scope, expected any of: read:user_idp_tokens,read:users",
        "errorCode": "insufficient_scope",
    }


def test_scopes_come_before_validation(world: World) -> None:
    assert world.caller("read:clients").post("/clients", {"nonsense": 1}).status_code == 403


@row("W1")
def test_every_operation_needs_one_of_its_scopes(world: World) -> None:
    """Deny by default, from one table: a token with no useful scope gets 403 from each of them, never anything else."""
    stranger = world.caller("read:nothing")
    for operation in operations():
        where = operation.path.replace("{", "x").replace("}", "x")
        answer = stranger(operation.method, where)
        assert answer.status_code == 403, (operation, answer.json)
        assert (answer.json or {})["message"].startswith("Insufficient scope, expected any of: ")


def test_operations_that_are_not_implemented_are_403_and_their_lists_empty(api: Api) -> None:
    """Those that docs/management-api.md calls not built, every one of them and no other."""
    taken = {(endpoint.method, endpoint.path) for endpoint in endpoints(api_modules())}
    checked = []
    for operation in operations():
        if (operation.method, operation.path) in taken:
            continue
        where = operation.path.replace("{", "x").replace("}", "x")
        answer = api(operation.method, where)
        style, _, items = operation.listing.partition(":")
        if style == "-":
            assert answer.status_code == 403, operation
            assert (answer.json or {})["errorCode"] == "insufficient_scope"
        else:
            assert answer.status_code == 200, (operation, answer.json)
            found = answer.json if isinstance(answer.json, list) else (answer.json or {})[items]
            assert found == []
        checked.append(f"{operation.method} {operation.path}")
    assert sorted(checked) == sorted(NOT_BUILT.findall((ROOT / "docs" / "management-api.md").read_text("utf-8")))
    assert checked


OURS = {
    ("GET", "/users/{id}/deletion"),
    ("DELETE", "/users/{id}/deletion"),
    ("GET", "/users/{id}/archive"),
    ("POST", "/connections/{id}/try"),
    ("POST", "/connections/{id}/custom-scripts/{event}/try"),
    ("POST", "/simulations"),
    ("POST", "/users/{id}/impersonate"),
    ("POST", "/emails/provider/try"),
    ("GET", "/deliveries"),
    ("GET", "/deliveries/{id}"),
    ("POST", "/deliveries/{id}/retry"),
    ("DELETE", "/email-templates/{template_name}"),
    ("POST", "/email-templates/{template_name}/try"),
    ("GET", "/anomaly/blocks/users"),
    ("GET", "/anomaly/blocks/ips"),
    ("GET", "/invitations"),
    ("POST", "/invitations"),
    ("GET", "/invitations/{id}"),
    ("DELETE", "/invitations/{id}"),
    ("POST", "/invitations/{id}/resend"),
    ("GET", "/shared-signals/streams"),
    ("GET", "/shared-signals/streams/{id}"),
    ("PATCH", "/shared-signals/streams/{id}"),
    ("POST", "/shared-signals/streams/{id}/verification"),
    ("DELETE", "/shared-signals/streams/{id}"),
    ("GET", "/initial-access-tokens"),
    ("POST", "/initial-access-tokens"),
    ("GET", "/initial-access-tokens/{id}"),
    ("DELETE", "/initial-access-tokens/{id}"),
    ("GET", "/registrations"),
    ("GET", "/registrations/{client_id}"),
    ("POST", "/registrations/{client_id}/keep"),
    ("POST", "/clients/{id}/duplicate"),
    ("GET", "/users/{id}/deletion"),
    ("DELETE", "/users/{id}/deletion"),
}
"""Operations where Auth0 has none (docs/compatibility.md)."""


def test_built_endpoints_take_the_scopes_auth0_documents() -> None:
    documented = {(o.method, o.path): set(o.scopes) for o in operations()}
    for endpoint in endpoints(api_modules()):
        if (endpoint.method, endpoint.path) in OURS:
            continue
        match = router(api_modules()).match(
            endpoint.method, [part.strip("{}") or part for part in endpoint.path.strip("/").split("/")]
        )
        assert match is not None
        known = next(
            (s for (m, p), s in documented.items() if m == endpoint.method and shape(p) == shape(endpoint.path)), None
        )
        assert known is not None, f"{endpoint.method} {endpoint.path} is not one of Auth0's operations"
        taken = endpoint.scopes | endpoint.own_scopes
        allowed = known | {
            "create:current_user_metadata",
            "delete:current_user_metadata",
            "update:client_keys",
            "update:client_credentials",
        }
        assert taken <= allowed, (endpoint.path, taken - allowed)


def shape(template: str) -> list[str]:
    return ["{}" if part.startswith("{") else part for part in template.split("/")]


@pytest.mark.parametrize(
    "where", ["/nothing", "/users/a/b/c/d", "/users/", "/clients/x/", "", "/../users", "/users%2F..%2Fclients"]
)
def test_unknown_paths_are_404(api: Api, where: str) -> None:
    answer = api.get(where)
    if where in {"/users/", "/clients/x/"}:
        assert answer.status_code in {200, 404}
        return
    assert answer.status_code == 404
    assert answer.json == {"statusCode": 404, "error": "Not Found", "message": "Not Found"}


@row("W2")
def test_method_override_headers_do_nothing(api: Api, world: World) -> None:
    user = create(api)
    reader = world.caller("read:users")
    for header in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        assert reader("GET", path(user), headers={header: "DELETE"}).status_code == 200
    for header in ("X-Original-URL", "X-Rewrite-URL"):
        assert reader("GET", "/clients", headers={header: "/api/v2/users"}).status_code == 403
    assert reader.get(path(user)).status_code == 200


def test_ids_with_slashes_arrive_whole(api: Api) -> None:
    identifier = "https://api.example.com/orders"
    api.post("/resource-servers", {"identifier": identifier})
    answer = api.get("/resource-servers/https%3A%2F%2Fapi.example.com%2Forders")
    assert answer.status_code == 200
    assert (answer.json or {})["identifier"] == identifier


@row("W6")
@pytest.mark.parametrize(
    "sent", [b'{"a":1', b"[1]", b'"x"', b"1", b"null", b'{"name":"\\ud800"}', b'{"name":"\\u0000"}', b"\xff"]
)
def test_broken_bodies_are_400(api: Api, sent: bytes) -> None:
    answer = api("POST", "/clients", data=sent, content_type="application/json")
    assert (answer.status_code, (answer.json or {})["errorCode"]) == (400, "invalid_body")


def test_a_body_of_two_megabytes(api: Api) -> None:
    answer = api("POST", "/clients", data=b'{"name":"' + b"x" * 2_000_000 + b'"}', content_type="application/json")
    assert (answer.status_code, (answer.json or {})["errorCode"]) == (400, "invalid_body")


def test_links_are_made_for_known_domains_only(api: Api) -> None:
    user = create(api)
    body = {"user_id": user["user_id"]}
    unknown = api("POST", "/tickets/password-change", json=body, headers={"Auth0-Custom-Domain": "evil.example.com"})
    assert unknown.status_code == 400
    known = api("POST", "/tickets/password-change", json=body, headers={"Auth0-Custom-Domain": HOST})
    assert known.status_code == 201


def test_forms_are_bodies_too(api: Api) -> None:
    answer = api(
        "POST", "/clients", data={"name": "Form", "is_first_party": "false", "callbacks[]": "https://a.example/cb"}
    )
    assert answer.status_code == 201, answer.json
    assert ((answer.json or {})["is_first_party"], (answer.json or {})["callbacks"]) == (
        False,
        ["https://a.example/cb"],
    )


def test_rate_limit_headers_and_the_limit(open_world: OpenWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world = open_world(IDP_RATE_LIMITS="on")
    now = clock.now_ms()
    monkeypatch.setattr(clock, "now_ms", lambda: now)  # however long it takes, it is one window
    api = world.caller()
    with time_machine.travel(datetime.now(UTC), tick=False):  # however long the calls take, it is one window
        answer = api.get("/clients")
        assert int(answer.headers["X-RateLimit-Remaining"]) == int(answer.headers["X-RateLimit-Limit"]) - 1
        assert int(answer.headers["X-RateLimit-Reset"]) >= clock.now()
        answers = (api.get("/nothing") for _ in range(2 * PER_WINDOW))
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert refused.json == {
            "statusCode": 429,
            "error": "Too Many Requests",
            "message": "Global limit has been reached",
            "errorCode": "too_many_requests",
        }
        assert int(refused.headers["Retry-After"]) >= 1


def test_cors_only_for_registered_origins(api: Api, world: World) -> None:
    api.post("/clients", {"name": "spa", "app_type": "spa", "web_origins": ["https://spa.example.com"]})
    for origin, allowed in (("https://spa.example.com", True), ("https://evil.example.com", False), ("null", False)):
        for method in ("OPTIONS", "GET"):
            answer = Api(world, None)(method, "/users", headers={"Origin": origin})
            assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed
            assert "Access-Control-Allow-Credentials" not in answer.headers
    assert Api(world, None)("OPTIONS", "/users", headers={"Origin": "https://spa.example.com"}).status_code == 204


def test_unexpected_failures_say_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("idp.applications.clients.service.get", explode)
    answer = api.get("/clients/x")
    assert answer.json == {"statusCode": 500, "error": "Internal Server Error", "message": "Internal error"}


def test_another_tenant_sees_nothing(api: Api, world: World) -> None:
    with world.platform.db.system_session() as session:
        tenants.create(session, "acme", "https://acme.example.com/")
    with world.platform.work("acme", orm=True) as work, work.transaction():
        keys.ensure(work)
    user = create(api)
    base = "https://acme.example.com/api/v2"
    answer = world.get(f"{base}{path(user)}", headers={"Authorization": f"Bearer {api.token}"})
    assert answer.status_code == 401
    answer = world.get("https://nobody.example.com/api/v2/users")
    assert answer.status_code == 404
    assert answer.json == {  # in this API's own words, though the tenant is looked up before its edge is reached
        "statusCode": 404,
        "error": "Not Found",
        "message": "Nothing is served under this host name.",
    }


def test_openapi_covers_what_is_built(world: World) -> None:
    answer = world.get("/api/v2/openapi.json")
    assert answer.status_code == 200
    made = answer.json or {}
    described = {(method.upper(), template) for template, item in made["paths"].items() for method in item}
    assert described == {(endpoint.method, endpoint.path) for endpoint in endpoints(api_modules())}
    assert all(operation["security"] for item in made["paths"].values() for operation in item.values())
    assert made["servers"] == [{"url": f"{ISSUER}api/v2"}]


def test_writes_leave_a_sapi_entry_without_secrets(api: Api) -> None:
    user = create(api, password="very 9 Secret phrase")
    client = api.post("/clients", {"name": "x", "client_secret": "also-very-secret"}).json or {}
    api.get("/clients")
    logs = api.get("/logs", q="type:sapi")
    assert [entry["details"]["request"]["path"] for entry in logs.json] == ["/api/v2/clients", "/api/v2/users"]
    assert logs.json[0]["details"]["response"]["statusCode"] == 201
    assert logs.json[1]["details"]["response"]["body"]["user_id"] == user["user_id"]
    text = logs.get_data(as_text=True)
    for secret in ("very 9 Secret phrase", "also-very-secret", client["client_secret"], api.token or "none"):
        assert secret not in text
