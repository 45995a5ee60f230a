"""Two tenants of one process: what one tenant's Management API names means nothing at the other's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from idp.applications.registration.models import Registration
from idp.foundation.apikit import Endpoint
from idp.foundation.db.base import TenantScoped
from idp.foundation.db.schema import metadata
from idp.foundation.tenancy.work import Platform
from idp.management.mount import endpoints
from idp.signin.attack_protection import throttling
from idp.tenant.audit import log
from idp.tenant.mail import deliveries
from idp.wiring import api_modules
from tests.security.rows import row
from tests.tenant.appearance.looks import THEME
from tests.world import signals
from tests.world.management import Api
from tests.world.templates import OTHER_ISSUER, TWO_TENANTS, Installed, Template
from tests.world.world import Person, World

STRANGER = "192.0.2.66"
"""An address that suspicious-IP throttling keeps out of the first tenant."""
MARK = "only-of-the-first-tenant"
CREDENTIAL = {"credential_type": "public_key", "name": MARK, "pem": "-----BEGIN PUBLIC KEY-----", "alg": "RS256"}
CONNECTION = "Username-Password-Authentication"
NAMES = {
    "screen": "login",
    "prompt": "login",
    "language": "en",
    "template_name": "verify_email",
    "name": "duo",
    "event": "login",
}
"""Parameters that are the same at every tenant."""
UNKNOWN_IS_NO_ERROR = {
    ("DELETE", "/sessions/{id}"): {202},
    ("POST", "/sessions/{id}/revoke"): {202},
    ("GET", "/users/{user_id}/sessions"): {200},
    ("DELETE", "/users/{user_id}/sessions"): {202},
    ("DELETE", "/refresh-tokens/{id}"): {204},
    ("GET", "/users/{user_id}/refresh-tokens"): {200},
    ("DELETE", "/users/{user_id}/refresh-tokens"): {202},
    ("POST", "/users/{id}/revoke-access"): {204},
    ("DELETE", "/device-credentials/{id}"): {204},
    ("DELETE", "/grants/{id}"): {204},
    ("DELETE", "/users/{id}"): {204},
    ("DELETE", "/client-grants/{id}"): {204},
    ("DELETE", "/clients/{id}"): {204},
    ("DELETE", "/resource-servers/{id}"): {204},
    ("GET", "/users/{id}/logs"): {200},
    ("DELETE", "/connections/{id}"): {202},
    ("DELETE", "/anomaly/blocks/ips/{id}"): {204},
    ("DELETE", "/invitations/{id}"): {204},
    ("DELETE", "/custom-domains/{id}"): {204},
    ("DELETE", "/initial-access-tokens/{id}"): {204},
    ("DELETE", "/token-exchange-profiles/{id}"): {204},
    ("GET", "/prompts/{prompt}/custom-text/{language}"): {200},
    ("PUT", "/prompts/{prompt}/custom-text/{language}"): {200},
    ("GET", "/prompts/{prompt}/partials"): {200},
    ("PUT", "/prompts/{prompt}/partials"): {200},
    ("GET", "/prompts/{prompt}/screen/{screen}/rendering"): {200},
    ("PATCH", "/prompts/{prompt}/screen/{screen}/rendering"): {200},
    ("PUT", "/email-templates/{template_name}"): {200},
    ("PATCH", "/email-templates/{template_name}"): {200},
    ("DELETE", "/email-templates/{template_name}"): {204},
    ("POST", "/email-templates/{template_name}/try"): {202},
    ("PUT", "/guardian/factors/{name}"): {200},
    ("DELETE", "/users/{id}/multifactor/{provider}"): {400},
}
"""Operations that answer an unknown id without an error; that they touch nothing is seen in the rows."""


@dataclass
class Estate:
    """What the first tenant owns, and the second tenant beside it."""

    first: World
    second: World
    person: Person
    ids: dict[str, str]

    def parameters(self, endpoint: Endpoint) -> dict[str, str]:
        """Ids of the first tenant for an operation's path."""
        resource = endpoint.path.split("/")[1]
        common = {
            "client_id": self.ids["clients"],
            "user_id": self.ids["users"],
            "provider": "auth0",
            "credential_id": self.ids["credentials"],
            "kid": self.ids["keys"],
            "token_id": self.ids["scim-tokens"],
            "tokenset_id": "x",
            "theme_id": self.ids["branding"],
            "authentication_method_id": self.ids["guardian"],
            **NAMES,
        }
        return {**common, "id": self.ids.get(resource, "")}


def furnish(platform: Platform) -> Installed:
    """Two tenants, of which the first owns one of each. Made once: its log-ins alone take seconds."""
    world = World(platform, TWO_TENANTS.furnish(platform))
    jane = world.user(name="Jane Doe", given_name="Jane", family_name="Doe")
    api = world.api("https://first.example.test/", name=MARK)
    app = world.client(is_first_party=False, name=MARK)
    world.grant(app.client_id, api, "read:things")
    browser = world.browser()
    app.sign_in(browser, jane, scope="openid offline_access")
    for _ in range(11):
        world.client().begin(stranger := world.browser())
        stranger.submit(username=jane.email, password="wrong")
    with world.context() as work:
        work.ip = STRANGER
        for _ in range(100):
            throttling.failed(work)
        with work.transaction():
            work.rows.add(Registration(tenant_id=world.tenant, client_id=app.client_id, kind="dcr", created_at=0))
    management = world.management()
    token = management.get(f"/users/{jane.user_id}/refresh-tokens")["tokens"][0]["id"]
    body = {"inviter": {"name": MARK}, "invitee": {"email": "invited@first.example"}, "client_id": app.client_id}
    invited = management.post("/invitations", body)
    grant = next(each for each in management.get("/client-grants") if each["client_id"] == app.client_id)
    server = next(each for each in management.get("/resource-servers") if each["identifier"] == api)
    role = management.post("/roles", {"name": MARK})
    domain = management.post("/custom-domains", {"domain": f"{MARK}.example", "type": "auth0_managed_certs"})
    granted = {"permissions": [{"resource_server_identifier": api, "permission_name": "read:things"}]}
    management("POST", f"/roles/{role['id']}/permissions", granted)
    management("POST", f"/users/{jane.user_id}/permissions", granted)
    method = management.post(f"/users/{jane.user_id}/authentication-methods", {"type": "totp", "name": MARK})
    management("POST", f"/users/{jane.user_id}/roles", {"roles": [role["id"]]})
    access = management.post("/initial-access-tokens", {"name": MARK})
    kind = {"name": MARK, "subject_token_type": "urn:first:session", "type": "custom_authentication"}
    profile = management.post("/token-exchange-profiles", {**kind, "action_id": "act_x"})
    signals.switch_on(world)
    hears = signals.receiver(world, world.client(name=MARK, grant_types=["client_credentials"]))
    with world.writing() as work:
        delivery = deliveries.new_id()
        deliveries.queued(work, delivery, deliveries.EMAIL, MARK, jane.email, jane.user_id, "out_1")
    ids = {
        "clients": app.client_id,
        "deliveries": delivery,
        "shared-signals": hears.stream(description=MARK)["stream_id"],
        "registrations": app.client_id,
        "initial-access-tokens": access["id"],
        "token-exchange-profiles": profile["id"],
        "client-grants": grant["id"],
        "connections": world.connection_id,
        "resource-servers": server["id"],
        "users": jane.user_id,
        "user-blocks": jane.user_id,
        "sessions": management.get(f"/users/{jane.user_id}/sessions")["sessions"][0]["id"],
        "refresh-tokens": token,
        "device-credentials": token,
        "grants": management.get("/grants")[0]["id"],
        "keys": management.get("/keys/signing")[0]["kid"],
        "jobs": management.post("/jobs/users-exports", {})["id"],
        "logs": management.get("/logs")[0]["log_id"],
        "roles": role["id"],
        "groups": "grp_11111111111111",
        "credentials": "cred_x",
        "scim-tokens": "tok_x",
        "anomaly": STRANGER,
        "invitations": invited["id"],
        "branding": "theme_x",
        "custom-domains": domain["custom_domain_id"],
        "guardian": method["id"],
    }
    assert (
        management("PUT", "/email-templates/verify_email", {"template": "verify_email", "subject": MARK}).status_code
        == 200
    )
    assert management("PUT", "/prompts/login/custom-text/en", {"login": {"title": MARK}}).status_code == 200
    log.batch.flush()
    return {**world.installed, "ids": ids, "jane": jane}


@pytest.fixture
def template() -> Template:
    return Template("estate", furnish)


@pytest.fixture
def estate(world: World) -> Estate:
    return Estate(world, world.second_tenant(), world.installed["jane"], world.installed["ids"])


def bodies(estate: Estate) -> dict[tuple[str, str], Any]:
    """Bodies that are valid, so that only the id can be the reason of a refusal."""
    permission = {"resource_server_identifier": f"{OTHER_ISSUER}api/v2/", "permission_name": "read:users"}
    access: dict[str, Any] = {"roles": {"roles": [estate.ids["roles"]]}, "permissions": {"permissions": [permission]}}
    return {
        ("POST", "/clients/{client_id}/credentials"): CREDENTIAL,
        ("PATCH", "/connections/{id}/clients"): [{"client_id": estate.ids["clients"], "status": False}],
        ("POST", "/users/{id}/identities"): {"provider": "auth0", "user_id": estate.ids["users"]},
        ("PATCH", "/clients/{id}"): {"name": "taken"},
        ("POST", "/clients/{id}/duplicate"): {"name": "taken"},
        ("POST", "/connections/{id}/custom-scripts/{event}/try"): {"args": []},
        ("PATCH", "/shared-signals/streams/{id}"): {"status": "paused"},
        ("PATCH", "/users/{id}"): {"blocked": True},
        ("PATCH", "/connections/{id}/scim-configuration"): {"user_id_attribute": "externalId", "mapping": []},
        ("POST", "/connections/{id}/scim-configuration/tokens"): {"scopes": ["get:users"]},
        **{(method, f"/users/{{id}}/{what}"): body for method in ("POST", "DELETE") for what, body in access.items()},
        **{(method, "/roles/{id}/permissions"): access["permissions"] for method in ("POST", "DELETE")},
        ("POST", "/roles/{id}/users"): {"users": [estate.ids["users"]]},
        **{(method, "/roles/{id}/groups"): {"groups": [estate.ids["groups"]]} for method in ("POST", "DELETE")},
        **{(method, "/groups/{id}/roles"): access["roles"] for method in ("POST", "DELETE")},
        ("PATCH", "/branding/themes/{theme_id}"): THEME,
        ("PATCH", "/token-exchange-profiles/{id}"): {"name": "taken"},
        ("PUT", "/email-templates/{template_name}"): {"template": "verify_email"},
        ("POST", "/users/{id}/impersonate"): {
            "protocol": "oauth2",
            "impersonator_id": estate.ids["users"],
            "client_id": estate.ids["clients"],
        },
        ("POST", "/email-templates/{template_name}/try"): {"to": "taken@example.com"},
        ("PUT", "/guardian/factors/{name}"): {"enabled": False},
        ("POST", "/users/{id}/risk-assessments/clear"): {"connection": CONNECTION, "assessors": ["new-device"]},
        ("POST", "/users/{id}/authentication-methods"): {"type": "totp"},
        ("PUT", "/users/{id}/authentication-methods"): [],
        ("PATCH", "/users/{id}/authentication-methods/{authentication_method_id}"): {"name": "taken"},
        ("POST", "/branding/phone/providers/{id}/try"): {"to": "+12025550123"},
        ("POST", "/branding/phone/templates/{id}/try"): {"to": "+12025550123"},
    }


NOT_MADE = {
    "/keys/custom-signing",
    "/emails/provider",
    "/branding/templates/universal-login",
    "/branding/themes/default",
}
"""What a tenant has one of, or none."""
OF_THE_LOG = {"logs", "log_positions", "log_stretches", "daily_statistics", "last_active_days"}


def rows_of(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of a tenant, but for the log of what was asked."""
    with world.platform.db.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table).where(table.c.tenant_id == world.tenant))))
            for table in metadata().sorted_tables
            if "tenant_id" in table.columns and table.name not in {*OF_THE_LOG, "counters"}
        }  # type: ignore[return-value]


def of_one_object() -> list[Endpoint]:
    return [endpoint for endpoint in endpoints(api_modules()) if "{" in endpoint.path]


def test_every_resource_with_ids_is_walked(estate: Estate) -> None:
    named = {"prompts", "email-templates"}
    assert {endpoint.path.split("/")[1] for endpoint in of_one_object()} <= set(estate.ids) | named
    for resource in (
        "clients",
        "client-grants",
        "connections",
        "resource-servers",
        "users",
        "sessions",
        "refresh-tokens",
        "logs",
        "user-blocks",
        "invitations",
        "jobs",
        "custom-domains",
        "initial-access-tokens",
        "token-exchange-profiles",
    ):
        estate.first.management().get(f"/{resource}/{quote(estate.ids[resource], safe='')}")


@row("W5")
def test_no_id_of_one_tenant_means_anything_at_the_other(estate: Estate) -> None:
    caller = estate.second.management()
    caller.patch("/tenants/settings", {"flags": {"disable_impersonation": False}})
    before = rows_of(estate.first)
    assert len(before["tenant_documents"]) == 3
    assert all(
        before[name]
        for name in (
            "clients",
            "roles",
            "user_roles",
            "users",
            "sessions",
            "authorizations",
            "user_grants",
            "login_failures",
            "network_buckets",
            "signing_keys",
        )
    )
    for endpoint in of_one_object():
        given = {name: quote(value, safe="") for name, value in estate.parameters(endpoint).items()}
        path = endpoint.path.format(**given)
        if path == "/connections/{id}/users".format(**given):
            path += f"?email={estate.person.email}"
        if "/effective-" in path:
            path += f"?role_id={estate.ids['roles']}&permission_name=read:users"
            path += f"&resource_server_identifier={OTHER_ISSUER}api/v2/"
        answer = caller(
            endpoint.method, path, bodies(estate).get((endpoint.method, endpoint.path), {} if endpoint.body else None)
        )
        expected = UNKNOWN_IS_NO_ERROR.get((endpoint.method, endpoint.path), {404})
        text = answer.get_data(as_text=True)
        assert answer.status_code in expected, f"{endpoint.method} {endpoint.path}: {answer.status_code} {text}"
        assert MARK not in text
        assert estate.person.email not in text
    assert rows_of(estate.first) == before


def test_lists_show_nothing_of_the_other_tenant(estate: Estate) -> None:
    caller = estate.second.management()
    queries = {
        "/users-by-email": f"email={estate.person.email}",
        "/refresh-tokens": f"user_id={estate.person.user_id}",
        "/device-credentials": f"user_id={estate.person.user_id}",
        "/user-blocks": f"identifier={estate.person.email}",
    }
    for endpoint in endpoints(api_modules()):
        if endpoint.method == "GET" and "{" not in endpoint.path:
            answer = caller("GET", f"{endpoint.path}?{queries.get(endpoint.path, '')}")
            text = answer.get_data(as_text=True)
            expected = 404 if endpoint.path in NOT_MADE else 200
            assert answer.status_code == expected, f"{endpoint.path}: {text}"
            assert [value for value in (MARK, estate.person.email, *estate.ids.values()) if value in text] == []


FOREIGN_BODIES: dict[str, tuple[str, str, Any]] = {
    "a client grant for its client": (
        "POST",
        "/client-grants",
        lambda e: {"client_id": e.ids["clients"], "audience": f"{OTHER_ISSUER}api/v2/", "scope": []},
    ),
    "a reset ticket for its user": ("POST", "/tickets/password-change", lambda e: {"user_id": e.ids["users"]}),
    "a reset ticket by its connection": (
        "POST",
        "/tickets/password-change",
        lambda e: {"connection_id": e.ids["connections"], "email": e.person.email},
    ),
    "a verification ticket for its user": (
        "POST",
        "/tickets/email-verification",
        lambda e: {"user_id": e.ids["users"]},
    ),
    "its account for a user": (
        "POST",
        "/users/{user}/identities",
        lambda e: {"provider": "auth0", "user_id": e.ids["users"]},
    ),
}


@pytest.mark.parametrize("name", list(FOREIGN_BODIES))
def test_an_id_in_a_body_is_looked_for_at_home(estate: Estate, name: str) -> None:
    method, path, make = FOREIGN_BODIES[name]
    user = estate.second.user("own@example.com")
    before = rows_of(estate.first), rows_of(estate.second)
    own = path.format(own=estate.second.connection_id, user=quote(user.user_id, safe=""))
    answer = estate.second.management()(method, own, make(estate))
    assert answer.status_code in {400, 404}, answer.get_data(as_text=True)
    assert (rows_of(estate.first), rows_of(estate.second)) == before


def test_a_client_of_the_other_tenant_is_none_that_a_connection_can_be_enabled_for(estate: Estate) -> None:
    before = rows_of(estate.first), rows_of(estate.second)
    entry = {"client_id": estate.ids["clients"], "status": True}
    caller = estate.second.management()
    refused = caller("PATCH", f"/connections/{estate.second.connection_id}/clients", [entry])
    assert (refused.status_code, refused.get_json()["errorCode"]) == (400, "inexistent_client")
    assert (rows_of(estate.first), rows_of(estate.second)) == before


def test_revoking_by_ids_of_the_other_tenant_revokes_nothing(estate: Estate) -> None:
    before = rows_of(estate.first)
    for body in (
        {"ids": [estate.ids["refresh-tokens"]]},
        {"user_id": estate.ids["users"]},
        {"client_id": estate.ids["clients"]},
    ):
        assert estate.second.management()("POST", "/refresh-tokens/revoke", body).status_code == 204
    estate.second.management().delete(f"/grants?user_id={quote(estate.ids['users'], safe='')}")
    estate.second.management().delete(f"/user-blocks?identifier={estate.person.email}")
    assert rows_of(estate.first) == before


def test_a_management_token_opens_its_own_tenant_only(estate: Estate) -> None:
    caller = Api(estate.second, estate.first.management().token)
    before = rows_of(estate.second)
    for endpoint in endpoints(api_modules()):
        path = endpoint.path.format(
            **{name: quote(value, safe="") for name, value in estate.parameters(endpoint).items()}
        )
        answer = caller(endpoint.method, path, json={} if endpoint.body else None)
        assert answer.status_code == 401, f"{endpoint.method} {path}: {answer.get_data(as_text=True)}"
    assert rows_of(estate.second) == before


def test_models_are_all_looked_at(estate: Estate) -> None:
    """The rows compared above are those of every model."""
    from idp.foundation.db.base import Base

    scoped = {
        mapper.class_.__tablename__ for mapper in Base.registry.mappers if issubclass(mapper.class_, TenantScoped)
    }
    assert set(rows_of(estate.first)) == scoped - OF_THE_LOG - {"counters"}


@pytest.mark.parametrize("items", ["clients", "users", "connections"])
def test_totals_count_what_is_ones_own(estate: Estate, items: str) -> None:
    for world in (estate.first, estate.second):
        found = world.caller().get(f"/{items}", include_totals="true", per_page=100).json
        assert found["total"] == len(found[items]) > 0
