"""Changes that keep what others changed: one row for each read-modify-write that the Management API offers.

Whoever drives them (:class:`Caller`) sends the parts of one change at the same moment to several processes; every part
that was acknowledged must be there afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PARTS = 12
PASSWORD = "a long Passphrase 4"
FLAGS = (
    "allow_changing_enable_sso",
    "allow_legacy_delegation_grant_types",
    "allow_legacy_ro_grant_types",
    "allow_legacy_tokeninfo_endpoint",
    "change_pwd_flow_v1",
    "custom_domains_provisioning",
    "dashboard_insights_view",
    "dashboard_log_streams_next",
    "disable_fields_map_fix",
    "disable_impersonation",
    "enable_adfs_waad_email_verification",
    "enable_legacy_profile",
)
API_MEMBERS: dict[str, Any] = {
    "name": "Another name",
    "token_lifetime": 1234,
    "token_lifetime_for_web": 123,
    "allow_offline_access": True,
    "skip_consent_for_verifiable_first_party_clients": False,
    "enforce_policies": True,
    "token_dialect": "access_token",
    "scopes": [{"value": "read:all"}],
}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    json: Any

    @property
    def done(self) -> bool:
        """It was acknowledged."""
        return 200 <= self.status < 300


Call = Callable[[str, str, Any], Answer]
"""method, path below ``/api/v2``, body."""


@dataclass(frozen=True)
class Part:
    """One request; ``mark`` is what it leaves behind."""

    mark: str
    method: str
    path: str
    body: Any


class Change(Protocol):
    """Prepares a thing to change; answers the parts and how to read the marks that are there."""

    def __call__(self, call: Call, connection: str) -> tuple[list[Part], Callable[[], set[str]]]: ...


def made(call: Call, path: str, body: Any) -> Any:
    """Something new."""
    answer = call("POST", path, body)
    assert answer.done, (path, answer)
    return answer.json


def of(call: Call, path: str) -> Any:
    """What is there."""
    answer = call("GET", path, None)
    assert answer.done, (path, answer)
    return answer.json


def user(call: Call, connection: str, name: str, **members: Any) -> str:
    """A new user; answers the path."""
    body = {"connection": connection, "email": f"{name}@example.com", "password": PASSWORD, "email_verified": True}
    return f"/users/{quote(made(call, '/users', {**body, **members})['user_id'], safe='')}"


def metadata(kind: str) -> Change:
    """Merges of a user's metadata."""

    def change(call: Call, connection: str) -> tuple[list[Part], Callable[[], set[str]]]:
        where = user(call, connection, f"merging-{kind.replace('_', '-')}")
        parts = [Part(f"k{n}", "PATCH", where, {kind: {f"k{n}": n}}) for n in range(PARTS)]
        return parts, lambda: set(of(call, where).get(kind, {}))

    return change


def removal(call: Call, connection: str) -> tuple[list[Part], Callable[[], set[str]]]:
    """Keys of ``app_metadata`` are taken away; the marks are those that are gone."""
    names = [f"k{n}" for n in range(PARTS)]
    where = user(call, connection, "removing", app_metadata=dict.fromkeys(names, 1))
    parts = [Part(name, "PATCH", where, {"app_metadata": {name: None}}) for name in names]
    return parts, lambda: set(names) - set(of(call, where).get("app_metadata", {}))


def profile(call: Call, connection: str) -> tuple[list[Part], Callable[[], set[str]]]:
    """Different members of a user."""
    where = user(call, connection, "profile")
    members = {
        "name": "N",
        "nickname": "M",
        "given_name": "G",
        "family_name": "F",
        "picture": "https://a.example/p.png",
        "user_metadata": {"a": 1},
        "app_metadata": {"b": 2},
    }
    parts = [Part(name, "PATCH", where, {name: value}) for name, value in members.items()]
    return parts, lambda: {name for name, value in members.items() if of(call, where).get(name) == value}


def client_members(member: str, names: list[str], value: Any) -> Change:
    """Keys of one object of a client."""

    def change(call: Call, connection: str) -> tuple[list[Part], Callable[[], set[str]]]:
        del connection
        where = f"/clients/{made(call, '/clients', {'name': 'merging'})['client_id']}"
        parts = [Part(name, "PATCH", where, {member: {name: value}}) for name in names]
        return parts, lambda: {n for n in names if (of(call, where).get(member) or {}).get(n) == value}

    return change


def client_settings(call: Call, connection: str) -> tuple[list[Part], Callable[[], set[str]]]:
    """Different members of a client."""
    del connection
    where = f"/clients/{made(call, '/clients', {'name': 'before'})['client_id']}"
    members = {
        "name": "after",
        "description": "d",
        "logo_uri": "https://a.example/l.png",
        "callbacks": ["https://a.example/cb"],
        "allowed_logout_urls": ["https://a.example/out"],
        "web_origins": ["https://a.example"],
        "client_aliases": ["alias"],
        "sso_disabled": True,
    }
    parts = [Part(name, "PATCH", where, {name: value}) for name, value in members.items()]
    return parts, lambda: {name for name, value in members.items() if of(call, where).get(name) == value}


def credentials(call: Call, connection: str) -> tuple[list[Part], Callable[[], set[str]]]:
    """Keys of a client, of which it may have ten: no more are taken, and none that was taken is lost."""
    del connection
    where = f"/clients/{made(call, '/clients', {'name': 'keys'})['client_id']}/credentials"
    pem = (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    body = {"credential_type": "public_key", "pem": pem.decode()}
    parts = [Part(f"n{n}", "POST", where, {**body, "name": f"n{n}"}) for n in range(PARTS)]
    return parts, lambda: {entry["name"] for entry in of(call, where)}


def connection_clients(call: Call, connection: str) -> tuple[list[Part], Callable[[], set[str]]]:
    """Clients are let in one by one."""
    del connection
    found = made(call, "/connections", {"name": "merging-clients", "strategy": "auth0"})["id"]
    ids = [made(call, "/clients", {"name": f"c{n}"})["client_id"] for n in range(PARTS)]
    off = [{"client_id": client, "status": False} for client in ids]
    assert call("PATCH", f"/connections/{found}/clients", off).done
    parts = [
        Part(client, "PATCH", f"/connections/{found}/clients", [{"client_id": client, "status": True}])
        for client in ids
    ]
    return parts, lambda: {row["client_id"] for row in of(call, f"/connections/{found}/clients")["clients"]}


def connection_metadata(call: Call, connection: str) -> tuple[list[Part], Callable[[], set[str]]]:
    """Keys of a connection's metadata."""
    del connection
    where = f"/connections/{made(call, '/connections', {'name': 'merging-metadata', 'strategy': 'auth0'})['id']}"
    parts = [Part(f"k{n}", "PATCH", where, {"metadata": {f"k{n}": "1"}}) for n in range(PARTS)]
    return parts, lambda: set(of(call, where).get("metadata") or {})


def resource_server(call: Call, connection: str) -> tuple[list[Part], Callable[[], set[str]]]:
    """Different members of an API."""
    del connection
    where = f"/resource-servers/{made(call, '/resource-servers', {'identifier': 'urn:merging'})['id']}"
    parts = [Part(name, "PATCH", where, {name: value}) for name, value in API_MEMBERS.items()]
    return parts, lambda: {name for name, value in API_MEMBERS.items() if of(call, where).get(name) == value}


def flags(call: Call, connection: str) -> tuple[list[Part], Callable[[], set[str]]]:
    """Flags of the tenant."""
    del connection
    where = "/tenants/settings"
    before = of(call, where)["flags"]
    parts = [Part(name, "PATCH", where, {"flags": {name: not before.get(name)}}) for name in FLAGS]
    return parts, lambda: {name for name in FLAGS if of(call, where)["flags"].get(name) is not before.get(name)}


def tenant_settings(call: Call, connection: str) -> tuple[list[Part], Callable[[], set[str]]]:
    """Different settings of the tenant, and of its pages."""
    del connection
    settings = {"friendly_name": "F", "support_email": "s@example.com", "sandbox_version": "18", "session_lifetime": 99}
    prompts = {"identifier_first": True, "webauthn_platform_first_factor": True}
    parts = [Part(name, "PATCH", "/tenants/settings", {name: value}) for name, value in settings.items()]
    parts += [Part(name, "PATCH", "/prompts", {name: value}) for name, value in prompts.items()]

    def kept() -> set[str]:
        found = {**of(call, "/tenants/settings"), **of(call, "/prompts")}
        return {name for name, value in {**settings, **prompts}.items() if found.get(name) == value}

    return parts, kept


def linking(call: Call, connection: str) -> tuple[list[Part], Callable[[], set[str]]]:
    """Several accounts are linked to one."""
    where = user(call, connection, "main")
    ids = [user(call, connection, f"second{n}", user_id=f"second{n}").rpartition("%7C")[2] for n in range(6)]
    parts = [Part(name, "POST", f"{where}/identities", {"provider": "auth0", "user_id": name}) for name in ids]
    return parts, lambda: {each["user_id"] for each in of(call, where)["identities"][1:]}


def roles(call: Call, connection: str) -> tuple[list[Part], Callable[[], set[str]]]:
    """Roles of one user, and the same user for one role."""
    where = user(call, connection, "with-roles")
    ids = [made(call, "/roles", {"name": f"r{n}"})["id"] for n in range(PARTS)]
    parts = [Part(role, "POST", f"{where}/roles", {"roles": [role]}) for role in ids[::2]]
    user_id = of(call, where)["user_id"]
    parts += [Part(role, "POST", f"/roles/{role}/users", {"users": [user_id]}) for role in ids[1::2]]
    return parts, lambda: {each["id"] for each in of(call, f"{where}/roles")}


def permissions(call: Call, connection: str) -> tuple[list[Part], Callable[[], set[str]]]:
    """Permissions of one role, twice each: the same one at the same moment is one."""
    del connection
    scopes = [f"p{n}" for n in range(PARTS)]
    made(call, "/resource-servers", {"identifier": "urn:permissions", "scopes": [{"value": each} for each in scopes]})
    where = f"/roles/{made(call, '/roles', {'name': 'with-permissions'})['id']}/permissions"
    named = {
        each: {"permissions": [{"resource_server_identifier": "urn:permissions", "permission_name": each}]}
        for each in scopes
    }
    parts = [Part(each, "POST", where, body) for each, body in named.items() for _ in range(2)]
    return parts, lambda: {each["permission_name"] for each in of(call, where)}


CHANGES: dict[str, Change] = {
    "user_metadata": metadata("user_metadata"),
    "app_metadata": metadata("app_metadata"),
    "keys of app_metadata removed": removal,
    "members of a user": profile,
    "client_metadata": client_members("client_metadata", [f"k{n}" for n in range(10)], "1"),
    "compatibility of a client": client_members(
        "compatibility",
        ["plain_pkce", "public_clients_without_pkce", "callback_wildcards", "logout_url_wildcards", "updated_at_iso"],
        True,
    ),
    "members of a client": client_settings,
    "credentials of a client": credentials,
    "clients of a connection": connection_clients,
    "metadata of a connection": connection_metadata,
    "members of an API": resource_server,
    "flags": flags,
    "settings of the tenant": tenant_settings,
    "linked accounts": linking,
    "roles of a user": roles,
    "permissions of a role": permissions,
}
