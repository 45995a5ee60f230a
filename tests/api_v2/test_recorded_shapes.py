"""Answers against the shapes recorded from Auth0 itself (``recorded.tsv``): whatever both have, has one of the
recorded types.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.api_v2.test_access import refresh_token, sign_in
from tests.api_v2.test_users import create
from tests.api_v2.test_users import path as where
from tests.tenant.appearance.looks import PAGE, THEME
from tests.world.management import Api
from tests.world.templates import AUDIENCE
from tests.world.world import World

WORDS = {str: "str", bool: "bool", int: "int", float: "float", dict: "obj", list: "arr", type(None): "null"}
NUMBERS = {"int", "float"}
PROVEN: dict[str, Any] = {"email_verified": True}
"""Accounts are linked once the addresses of both are proven."""
OURS = {"[].details.response.body", "compatibility", "clients[].compatibility", "device_credentials[].device_name"}
ALWAYS = {
    ("GET", "/clients/{}"): {
        "tenant",
        "global",
        "name",
        "client_id",
        "is_first_party",
        "grant_types",
        "jwt_configuration.lifetime_in_seconds",
    },
    ("GET", "/users/{}"): {
        "user_id",
        "email",
        "email_verified",
        "name",
        "nickname",
        "picture",
        "created_at",
        "updated_at",
    },
    ("GET", "/connections/{}"): {
        "id",
        "name",
        "strategy",
        "options",
        "is_domain_connection",
        "realms",
        "enabled_clients",
    },
    ("GET", "/resource-servers/{}"): {
        "id",
        "name",
        "identifier",
        "token_lifetime",
        "token_lifetime_for_web",
        "signing_alg",
    },
    ("GET", "/logs/{}"): {
        "_id",
        "log_id",
        "date",
        "type",
        "details.request.method",
        "details.response.statusCode",
        "isMobile",
    },
    ("GET", "/keys/signing"): {
        "[].kid",
        "[].cert",
        "[].pkcs7",
        "[].current",
        "[].next",
        "[].fingerprint",
        "[].revoked",
    },
    ("GET", "/sessions/{}"): {
        "id",
        "user_id",
        "authenticated_at",
        "idle_expires_at",
        "device.last_ip",
        "authentication.methods",
    },
    ("GET", "/roles/{}"): {"id", "name", "description"},
    ("GET", "/users/{}/permissions"): {"permissions[].sources[].source_type", "permissions[].permission_name"},
    ("GET", "/roles/{}/users"): {"users[].user_id", "users[].email", "users[].picture", "users[].name", "total"},
    ("GET", "/emails/provider"): {
        "name",
        "enabled",
        "credentials.smtp_host",
        "credentials.smtp_port",
        "credentials.smtp_user",
        "default_from_address",
    },
    ("GET", "/email-templates/{}"): {"template", "body", "from", "subject", "syntax", "enabled"},
    ("GET", "/branding/themes/default"): {"themeId", "colors.primary_button", "widget.logo_height"},
    ("GET", "/tenants/settings"): {
        "session_lifetime",
        "idle_session_lifetime",
        "flags",
        "enabled_locales",
        "session_cookie.mode",
    },
}


def recorded() -> dict[tuple[str, str], dict[str, set[str]]]:
    """Field path -> types, by method and path."""
    shapes: dict[tuple[str, str], dict[str, set[str]]] = {}
    with (Path(__file__).parent / "recorded.tsv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            fields = dict(field.rsplit(":", 1) for field in row["response"].split())
            shapes[row["method"], row["path"]] = {name: set(kinds.split("|")) for name, kinds in fields.items()}
    return shapes


def flatten(value: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every (field path, type) of an answer."""
    if prefix and not prefix.endswith("[]"):
        yield prefix, WORDS[type(value)]
    if isinstance(value, dict):
        for name, item in value.items():
            yield from flatten(item, f"{prefix}.{name}" if prefix else name)
    if isinstance(value, list):
        for item in value:
            yield from flatten(item, f"{prefix}[]")


def answers(api: Api, world: World) -> Iterator[tuple[str, str, Any]]:
    """A tour of what is built."""
    metadata = {"user_metadata": {"a": "b"}, "app_metadata": {"c": 1}}
    user = create(api, "jane@example.com", given_name="J", family_name="D", blocked=True, **PROVEN, **metadata)
    other = create(api, "other@example.com", **PROVEN)
    client = (
        api.post("/clients", {"name": "Web", "app_type": "regular_web", "callbacks": ["https://a.example/"]}).json or {}
    )
    (connection,) = api.get("/connections").json
    server = {"identifier": "https://a/", "name": "A", "scopes": [{"value": "a", "description": "b"}]}
    resource_server = api.post("/resource-servers", server).json or {}
    session, family = sign_in(world, user["user_id"]), refresh_token(world, user["user_id"])
    (key, *_) = api.get("/keys/signing").json
    grant = {"client_id": client["client_id"], "audience": AUDIENCE, "scope": []}
    yield "POST", "/users", user
    yield "POST", "/clients", client
    yield "POST", "/resource-servers", resource_server
    yield "POST", "/client-grants", api.post("/client-grants", grant).json
    secondary = {"provider": "auth0", "user_id": other["user_id"].partition("|")[2]}
    yield "POST", "/users/{}/identities", api.post(f"{where(user)}/identities", secondary).json
    yield "POST", "/tickets/password-change", api.post("/tickets/password-change", {"user_id": user["user_id"]}).json
    yield "PATCH", "/prompts", api.patch("/prompts", {"identifier_first": False}).json
    yield "PATCH", "/users/{}", api.patch(where(user), {"name": "x"}).json
    yield from looks(api)
    totals = {"include_totals": "true"}
    role = api.post("/roles", {"name": "Clerk", "description": "d"}).json or {}
    given = {"permissions": [{"resource_server_identifier": "https://a/", "permission_name": "a"}]}
    api.post(f"/roles/{role['id']}/permissions", given)
    api.post(f"/roles/{role['id']}/users", {"users": [user["user_id"]]})
    yield "POST", "/roles", role
    yield "PATCH", "/roles/{}", api.patch(f"/roles/{role['id']}", {"name": "Head"}).json
    (log, *_) = api.get("/logs", q="type:sapi").json
    for template, path, query in (
        ("/users", "/users", totals),
        ("/users/{}", where(user), {}),
        ("/users-by-email", "/users-by-email", {"email": "jane@example.com"}),
        ("/clients", "/clients", totals),
        ("/clients", "/clients", {"take": 10}),
        ("/clients/{}", f"/clients/{client['client_id']}", {}),
        ("/client-grants", "/client-grants", totals),
        ("/connections", "/connections", totals),
        ("/connections/{}", f"/connections/{connection['id']}", {}),
        ("/connections/{}/clients", f"/connections/{connection['id']}/clients", {}),
        ("/resource-servers", "/resource-servers", totals),
        ("/resource-servers/{}", f"/resource-servers/{resource_server['id']}", {}),
        ("/tenants/settings", "/tenants/settings", {}),
        ("/prompts", "/prompts", {}),
        ("/keys/signing", "/keys/signing", {}),
        ("/keys/signing/{}", f"/keys/signing/{key['kid']}", {}),
        ("/logs", "/logs", {"q": "type:sapi"}),
        ("/logs/{}", f"/logs/{log['log_id']}", {}),
        ("/sessions/{}", f"/sessions/{session}", {}),
        ("/refresh-tokens/{}", f"/refresh-tokens/{family}", {}),
        ("/users/{}/refresh-tokens", f"{where(user)}/refresh-tokens", {}),
        ("/device-credentials", "/device-credentials", totals),
        ("/roles", "/roles", totals),
        ("/roles/{}", f"/roles/{role['id']}", {}),
        ("/roles/{}/permissions", f"/roles/{role['id']}/permissions", totals),
        ("/roles/{}/users", f"/roles/{role['id']}/users", totals),
        ("/users/{}/roles", f"{where(user)}/roles", totals),
        ("/users/{}/permissions", f"{where(user)}/permissions", totals),
        ("/user-blocks/{}", f"/user-blocks/{user['user_id']}", {}),
    ):
        answer = api.get(path, **query)
        assert answer.status_code == 200, (path, answer.json)
        yield "GET", template, answer.json


def looks(api: Api) -> Iterator[tuple[str, str, Any]]:
    """Appearance and mail."""
    words, pieces = {"login": {"title": "x"}}, {"login": {"form-content-start": "<p>x</p>"}}
    provider = {
        "name": "smtp",
        "credentials": {"smtp_host": "h.example", "smtp_port": 587, "smtp_user": "u", "smtp_pass": "p"},
        "default_from_address": "a@acme.example",
        "settings": {"headers": {"X-SES-Configuration-Set": "x"}},
    }
    mail = {"template": "verify_email", "body": "x", "from": "", "subject": "", "syntax": "liquid", "enabled": True}
    theme = api.post("/branding/themes", THEME).json or {}
    path = f"/branding/themes/{theme['themeId']}"
    yield "POST", "/branding/themes", theme
    yield "PATCH", "/branding/themes/{}", api.patch(path, THEME).json
    yield "PATCH", "/branding", api.patch("/branding", {"colors": {"primary": "#123456"}, "logo_url": ""}).json
    yield "PUT", "/prompts/{}/custom-text/{}", api.put("/prompts/login/custom-text/en", words).json
    yield "PUT", "/prompts/{}/partials", api.put("/prompts/login/partials", pieces).json
    yield "POST", "/emails/provider", api.post("/emails/provider", provider).json
    yield "PATCH", "/emails/provider", api.patch("/emails/provider", {"enabled": True}).json
    yield "PUT", "/email-templates/{}", api.put("/email-templates/verify_email", mail).json
    yield "PATCH", "/email-templates/{}", api.patch("/email-templates/verify_email", {"urlLifetimeInSeconds": 60}).json
    api.put("/branding/templates/universal-login", {"template": PAGE})
    for template, path in (
        ("/branding", "/branding"),
        ("/branding/templates/universal-login", "/branding/templates/universal-login"),
        ("/branding/themes/default", "/branding/themes/default"),
        ("/prompts/{}/custom-text/{}", "/prompts/login/custom-text/en"),
        ("/emails/provider", "/emails/provider"),
        ("/email-templates/{}", "/email-templates/verify_email"),
    ):
        answer = api.get(path)
        assert answer.status_code == 200, (path, answer.json)
        yield "GET", template, answer.json


def test_shapes(api: Api, world: World) -> None:
    shapes = recorded()
    wrong: list[str] = []
    for method, template, answer in answers(api, world):
        known = shapes[method, template]
        shared = 0
        for name, kind in flatten(answer):
            kinds = known.get(name)
            if kinds is None or name in OURS:
                continue
            shared += 1
            if kind not in kinds and not (kind in NUMBERS and kinds & NUMBERS) and not _nullable(template, name, kind):
                wrong.append(f"{method} {template} {name}: {kind}, recorded {'|'.join(sorted(kinds))}")
        missing = ALWAYS.get((method, template), set()) - {name for name, _ in flatten(answer)}
        wrong += [f"{method} {template} lacks {name}" for name in sorted(missing)]
        assert shared, (method, template)
    assert wrong == []


def _nullable(template: str, name: str, kind: str) -> bool:
    """Recordings saw only some of the entries there are: what is null there may be text here and the other
    way round.
    """
    if template.startswith("/logs"):
        return kind in {"null", "str"} and not name.startswith(("details", "[].details"))
    return "refresh-tokens" in template and name.rpartition(".")[2] in {"idle_expires_at", "expires_at", "session_id"}
