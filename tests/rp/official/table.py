"""What the official clients are asked to do: every built T1 operation of the Management API, in an order in which each
finds what it needs.

A row says the operation, how auth0-python 6 names it (node ``auth0`` 7 spells it in camelCase), what is passed and what
the answer holds. ``$name`` stands for something that is there (:mod:`tests.rp.official.scene`) or that an earlier
answer brought (``keep``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ANYTHING = object()


@dataclass(frozen=True)
class Among:
    """A list one of whose entries has these members."""

    members: Mapping[str, Any]


def has(**members: Any) -> Among:
    """See :class:`Among`."""
    return Among(members)


@dataclass(frozen=True)
class Call:
    """One call; ``expect`` is what the answer holds at least, a check, or :data:`ANYTHING`."""

    operation: str
    method: str
    args: tuple[str, ...] = ()
    members: Any = field(default_factory=dict)
    expect: Any = ANYTHING
    keep: Mapping[str, str] = field(default_factory=dict)
    by: str = "machine"
    """Whose token: the machine's, or ``user``'s."""
    four: tuple[str, tuple[Any, ...], Mapping[str, Any]] | None = None
    """auth0-python 4's name, arguments and keywords, where they follow from no rule."""
    only: str = ""
    """The one client that has it."""


def holds(answer: Any, expected: Any) -> bool:
    """Whether ``answer`` has at least what is expected: members of objects; lists are equal in length."""
    if expected is ANYTHING:
        return True
    if isinstance(expected, Among):
        return isinstance(answer, list) and any(holds(each, expected.members) for each in answer)
    if callable(expected):
        return bool(expected(answer))
    if isinstance(expected, Mapping):
        return isinstance(answer, Mapping) and all(
            name in answer and holds(answer[name], value) for name, value in expected.items()
        )
    if isinstance(expected, list):
        return (
            isinstance(answer, list)
            and len(answer) == len(expected)
            and all(map(holds, answer, expected, strict=True))
        )
    return bool(answer == expected)


def nothing(answer: Any) -> bool:
    """An empty answer."""
    return answer in (None, "", {})


def empty(answer: Any) -> bool:
    """A list of nothing."""
    return bool(answer == [])


PERMISSIONS = [
    {"resource_server_identifier": "$audience", "permission_name": "read:a"},
    {"resource_server_identifier": "$audience", "permission_name": "read:b"},
]
FIRST, SECOND = PERMISSIONS[:1], PERMISSIONS[1:]
SMTP = {"smtp_host": "localhost", "smtp_port": 2525, "smtp_user": "mailer", "smtp_pass": "hidden-7"}
TEMPLATE = {
    "template": "welcome_email",
    "body": "<p>Hello {{ user.name }}</p>",
    "from": "mailer@example.com",
    "subject": "Welcome",
    "syntax": "liquid",
    "enabled": True,
}
PAGE = (
    "<!DOCTYPE html><html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>"
)


def _users() -> list[Call]:
    return [
        Call(
            "POST /users",
            "users.create",
            members={"connection": "$connection", "email": "$email", "password": "$password", "given_name": "Ann"},
            expect={"email": "$email", "given_name": "Ann", "email_verified": False},
            keep={"user": "user_id"},
        ),
        Call("GET /users/{id}", "users.get", ("$user",), expect={"user_id": "$user", "email": "$email"}),
        Call(
            "PATCH /users/{id}",
            "users.update",
            ("$user",),
            {"user_metadata": {"a": 1}, "app_metadata": {"plan": "pro"}},
            {"user_metadata": {"a": 1}, "app_metadata": {"plan": "pro"}},
        ),
        Call(
            "GET /users",
            "users.list",
            members={"q": "user_id:$user", "search_engine": "v3"},
            expect=[{"user_id": "$user"}],
            four=("users.list", (), {"q": "user_id:$user", "search_engine": "v3", "include_totals": False}),
        ),
        Call(
            "GET /users-by-email",
            "users.list_users_by_email",
            members={"email": "$email"},
            expect=[{"user_id": "$user"}],
            four=("users_by_email.search_users_by_email", ("$email",), {}),
        ),
        Call(
            "POST /users/{id}/identities",
            "users.identities.link",
            ("$user",),
            {"provider": "auth0", "user_id": "$other"},
            lambda answer: len(answer) == 2,
            four=("users.link_user_account", ("$user", {"provider": "auth0", "user_id": "$other"}), {}),
        ),
        Call(
            "DELETE /users/{id}/identities/{provider}/{user_id}",
            "users.identities.delete",
            ("$user", "auth0", "$other"),
            expect=lambda answer: len(answer) == 1,
            four=("users.unlink_user_account", ("$user", "auth0", "$other"), {}),
        ),
        Call(
            "GET /users/{id}/logs",
            "users.logs.list",
            ("$holder",),
            expect=has(type="s"),
            four=("users.get_log_events", ("$holder",), {}),
        ),
    ]


def _roles() -> list[Call]:
    return [
        Call(
            "POST /resource-servers",
            "resource_servers.create",
            members={
                "identifier": "$audience",
                "name": "$name",
                "scopes": [{"value": "read:a", "description": "A"}, {"value": "read:b", "description": "B"}],
            },
            expect={"identifier": "$audience"},
            keep={"api": "id"},
        ),
        Call("GET /resource-servers/{id}", "resource_servers.get", ("$api",), expect={"name": "$name"}),
        Call(
            "PATCH /resource-servers/{id}",
            "resource_servers.update",
            ("$api",),
            {"token_lifetime": 1234, "allow_offline_access": True},
            {"token_lifetime": 1234, "allow_offline_access": True},
        ),
        Call(
            "GET /resource-servers",
            "resource_servers.list",
            expect=has(id="$api"),
            four=("resource_servers.get_all", (), {}),
        ),
        Call(
            "POST /client-grants",
            "client_grants.create",
            members={"client_id": "$machine", "audience": "$audience", "scope": ["read:a"]},
            expect={"scope": ["read:a"]},
            keep={"client_grant": "id"},
        ),
        Call("GET /client-grants/{id}", "client_grants.get", ("$client_grant",), expect={"client_id": "$machine"}),
        Call(
            "PATCH /client-grants/{id}",
            "client_grants.update",
            ("$client_grant",),
            {"scope": ["read:a", "read:b"]},
            {"scope": ["read:a", "read:b"]},
        ),
        Call(
            "GET /client-grants",
            "client_grants.list",
            members={"audience": "$audience"},
            expect=[{"id": "$client_grant", "scope": ["read:a", "read:b"]}],
            four=("client_grants.all", (), {"audience": "$audience"}),
        ),
        Call("DELETE /client-grants/{id}", "client_grants.delete", ("$client_grant",), expect=nothing),
        Call(
            "POST /roles",
            "roles.create",
            members={"name": "$name", "description": "Reads"},
            expect={"name": "$name", "description": "Reads"},
            keep={"role": "id"},
        ),
        Call("GET /roles/{id}", "roles.get", ("$role",), expect={"name": "$name"}),
        Call("PATCH /roles/{id}", "roles.update", ("$role",), {"description": "Changed"}, {"description": "Changed"}),
        Call(
            "GET /roles",
            "roles.list",
            members={"name_filter": "$name"},
            expect=[{"id": "$role"}],
            four=("roles.list", (), {"name_filter": "$name", "include_totals": False}),
        ),
        Call(
            "POST /roles/{id}/permissions",
            "roles.permissions.add",
            ("$role",),
            {"permissions": PERMISSIONS},
            four=("roles.add_permissions", ("$role", PERMISSIONS), {}),
        ),
        Call(
            "DELETE /roles/{id}/permissions",
            "roles.permissions.delete",
            ("$role",),
            {"permissions": SECOND},
            four=("roles.remove_permissions", ("$role", SECOND), {}),
        ),
        Call(
            "GET /roles/{id}/permissions",
            "roles.permissions.list",
            ("$role",),
            expect=[{"permission_name": "read:a", "description": "A", "resource_server_identifier": "$audience"}],
            four=("roles.list_permissions", ("$role",), {"include_totals": False}),
        ),
        Call(
            "POST /roles/{id}/users",
            "roles.users.assign",
            ("$role",),
            {"users": ["$user"]},
            four=("roles.add_users", ("$role", ["$user"]), {}),
        ),
        Call(
            "GET /roles/{id}/users",
            "roles.users.list",
            ("$role",),
            expect=[{"user_id": "$user"}],
            four=("roles.list_users", ("$role",), {"include_totals": False}),
        ),
        Call(
            "GET /users/{id}/roles",
            "users.roles.list",
            ("$user",),
            expect=[{"id": "$role"}],
            four=("users.list_roles", ("$user",), {"include_totals": False}),
        ),
        Call(
            "POST /users/{id}/permissions",
            "users.permissions.create",
            ("$user",),
            {"permissions": SECOND},
            four=("users.add_permissions", ("$user", SECOND), {}),
        ),
        Call(
            "GET /users/{id}/permissions",
            "users.permissions.list",
            ("$user",),
            expect=lambda answer: sorted(each["permission_name"] for each in answer) == ["read:a", "read:b"],
            four=("users.list_permissions", ("$user",), {"include_totals": False}),
        ),
        Call(
            "DELETE /users/{id}/permissions",
            "users.permissions.delete",
            ("$user",),
            {"permissions": SECOND},
            four=("users.remove_permissions", ("$user", SECOND), {}),
        ),
        Call(
            "DELETE /users/{id}/roles",
            "users.roles.delete",
            ("$user",),
            {"roles": ["$role"]},
            four=("users.remove_roles", ("$user", ["$role"]), {}),
        ),
        Call(
            "POST /users/{id}/roles",
            "users.roles.assign",
            ("$user",),
            {"roles": ["$role"]},
            four=("users.add_roles", ("$user", ["$role"]), {}),
        ),
        Call("DELETE /roles/{id}", "roles.delete", ("$role",)),
        Call("DELETE /resource-servers/{id}", "resource_servers.delete", ("$api",)),
    ]


def _clients() -> list[Call]:
    return [
        Call(
            "POST /clients",
            "clients.create",
            members={"name": "$name", "app_type": "regular_web", "callbacks": ["https://app.example.com/cb"]},
            expect={"name": "$name", "callbacks": ["https://app.example.com/cb"]},
            keep={"client": "client_id", "secret": "client_secret"},
        ),
        Call("GET /clients/{id}", "clients.get", ("$client",), expect={"name": "$name"}),
        Call(
            "PATCH /clients/{id}",
            "clients.update",
            ("$client",),
            {"description": "Changed", "client_metadata": {"team": "a"}},
            {"description": "Changed", "client_metadata": {"team": "a"}},
        ),
        Call(
            "GET /clients",
            "clients.list",
            members={"is_global": False},
            expect=has(client_id="$client"),
            four=("clients.all", (), {"extra_params": {"is_global": "false"}}),
        ),
        Call(
            "POST /clients/{id}/rotate-secret",
            "clients.rotate_secret",
            ("$client",),
            expect=lambda answer: bool(answer["client_secret"]),
        ),
        Call(
            "POST /clients/{client_id}/credentials",
            "clients.credentials.create",
            ("$client",),
            {"credential_type": "public_key", "name": "first", "pem": "$pem", "alg": "RS256"},
            {"name": "first", "alg": "RS256"},
            {"credential": "id"},
            four=(
                "client_credentials.create",
                ("$client", {"credential_type": "public_key", "name": "first", "pem": "$pem", "alg": "RS256"}),
                {},
            ),
        ),
        Call(
            "GET /clients/{client_id}/credentials",
            "clients.credentials.list",
            ("$client",),
            expect=[{"id": "$credential"}],
            four=("client_credentials.all", ("$client",), {}),
        ),
        Call(
            "GET /clients/{client_id}/credentials/{credential_id}",
            "clients.credentials.get",
            ("$client", "$credential"),
            expect={"name": "first"},
            four=("client_credentials.get", ("$client", "$credential"), {}),
        ),
        Call(
            "PATCH /clients/{client_id}/credentials/{credential_id}",
            "clients.credentials.update",
            ("$client", "$credential"),
            {"expires_at": "2100-01-01T00:00:00.000Z"},
            lambda answer: str(answer["expires_at"]).startswith("2100-01-01"),
        ),
        Call(
            "DELETE /clients/{client_id}/credentials/{credential_id}",
            "clients.credentials.delete",
            ("$client", "$credential"),
            four=("client_credentials.delete", ("$client", "$credential"), {}),
        ),
        Call(
            "POST /connections",
            "connections.create",
            members={"name": "$name", "strategy": "auth0", "options": {"passwordPolicy": "good"}},
            expect={"name": "$name", "strategy": "auth0"},
            keep={"database": "id"},
        ),
        Call("GET /connections/{id}", "connections.get", ("$database",), expect={"name": "$name"}),
        Call(
            "PATCH /connections/{id}",
            "connections.update",
            ("$database",),
            {"display_name": "Customers"},
            {"display_name": "Customers"},
        ),
        Call(
            "GET /connections",
            "connections.list",
            members={"strategy": ["auth0"]},
            expect=has(id="$database"),
            four=("connections.all", (), {"strategy": "auth0"}),
        ),
        Call(
            "PATCH /connections/{id}/clients",
            "connections.clients.update",
            ("$database",),
            [{"client_id": "$client", "status": True}],
            nothing,
        ),
        Call(
            "GET /connections/{id}/clients",
            "connections.clients.get",
            ("$database",),
            expect=[{"client_id": "$client"}],
        ),
        Call("GET /clients/{id}/connections", "clients.connections.get", ("$client",), expect=has(id="$database")),
        Call("GET /connections/{id}/status", "connections.check_status", ("$database",)),
        Call(
            "DELETE /connections/{id}/users",
            "connections.users.delete_by_email",
            ("$connection_id",),
            {"email": "$doomed"},
            nothing,
            four=("connections.delete_user_by_email", ("$connection_id", "$doomed"), {}),
        ),
        Call("DELETE /connections/{id}", "connections.delete", ("$database",)),
        Call("DELETE /clients/{id}", "clients.delete", ("$client",), expect=nothing),
    ]


def _sessions() -> list[Call]:
    return [
        Call(
            "GET /users/{user_id}/sessions",
            "users.sessions.list",
            ("$holder",),
            expect=lambda answer: len(answer) == 3,
            keep={"session": "0.id", "session_2": "1.id"},
        ),
        Call("GET /sessions/{id}", "sessions.get", ("$session",), expect={"user_id": "$holder"}),
        Call(
            "PATCH /sessions/{id}",
            "sessions.update",
            ("$session",),
            {"session_metadata": {"desk": "7"}},
            {"session_metadata": {"desk": "7"}},
        ),
        Call(
            "GET /users/{user_id}/refresh-tokens",
            "users.refresh_token.list",
            ("$holder",),
            expect=lambda answer: len(answer) == 3,
        ),
        Call(
            "GET /refresh-tokens",
            "refresh_tokens.list",
            members={"user_id": "$holder"},
            expect=lambda answer: len(answer) == 3,
            keep={"refresh_token": "0.id"},
        ),
        Call("GET /refresh-tokens/{id}", "refresh_tokens.get", ("$refresh_token",), expect={"user_id": "$holder"}),
        Call(
            "PATCH /refresh-tokens/{id}",
            "refresh_tokens.update",
            ("$refresh_token",),
            {"refresh_token_metadata": {"device": "blue"}},
            {"refresh_token_metadata": {"device": "blue"}},
        ),
        Call("DELETE /refresh-tokens/{id}", "refresh_tokens.delete", ("$refresh_token",), expect=nothing),
        Call(
            "GET /device-credentials",
            "device_credentials.list",
            members={"user_id": "$holder", "type": "refresh_token"},
            expect=lambda answer: len(answer) == 2,
            keep={"device": "0.id"},
            four=("device_credentials.get", ("$holder", "$app", "refresh_token"), {}),
        ),
        Call("DELETE /device-credentials/{id}", "device_credentials.delete", ("$device",)),
        Call(
            "POST /device-credentials",
            "device_credentials.create_public_key",
            members={
                "device_name": "Phone",
                "type": "public_key",
                "value": "$device_key",
                "device_id": "phone-1",
                "client_id": "$app",
            },
            expect=lambda answer: bool(answer["id"]),
            by="user",
            four=(
                "device_credentials.create",
                (
                    {
                        "device_name": "Phone",
                        "type": "public_key",
                        "value": "$device_key",
                        "device_id": "phone-1",
                        "client_id": "$app",
                    },
                ),
                {},
            ),
        ),
        Call("POST /sessions/{id}/revoke", "sessions.revoke", ("$session",)),
        Call("DELETE /sessions/{id}", "sessions.delete", ("$session_2",)),
        Call("POST /refresh-tokens/revoke", "refresh_tokens.revoke", members={"user_id": "$holder"}),
        Call("DELETE /users/{user_id}/refresh-tokens", "users.refresh_token.delete", ("$holder",)),
        Call("DELETE /users/{user_id}/sessions", "users.sessions.delete", ("$holder",)),
        Call("POST /users/{id}/revoke-access", "users.revoke_access", ("$holder",)),
        Call(
            "GET /grants",
            "user_grants.list",
            members={"user_id": "$agreed"},
            expect=[{"user_id": "$agreed"}],
            keep={"grant": "0.id"},
            four=("grants.all", (), {"extra_params": {"user_id": "$agreed"}}),
        ),
        Call("DELETE /grants/{id}", "user_grants.delete", ("$grant",), four=("grants.delete", ("$grant",), {})),
        Call("DELETE /grants", "user_grants.delete_by_user_id", members={"user_id": "$agreed"}),
    ]


def _protection() -> list[Call]:
    levels = {"bot_detection_level": "high", "allowlist": ["192.0.2.7"]}
    shields = {"enabled": True, "shields": ["block", "admin_notification"]}
    brute = {"enabled": True, "shields": ["block"], "max_attempts": 9}
    throttled = {"enabled": True, "shields": ["block"], "allowlist": ["192.0.2.8"]}
    captcha = {"active_provider_id": "auth_challenge"}
    return [
        Call("GET /user-blocks/{id}", "user_blocks.list", ("$locked_id",), expect=lambda it: it["blocked_for"] != []),
        Call("DELETE /user-blocks/{id}", "user_blocks.delete", ("$locked_id",), expect=nothing),
        Call(
            "GET /user-blocks",
            "user_blocks.list_by_identifier",
            members={"identifier": "$locked_2"},
            expect=lambda it: it["blocked_for"] != [],
            four=("user_blocks.get_by_identifier", ("$locked_2",), {}),
        ),
        Call(
            "DELETE /user-blocks",
            "user_blocks.delete_by_identifier",
            members={"identifier": "$locked_2"},
            expect=nothing,
            four=("user_blocks.unblock_by_identifier", ({"identifier": "$locked_2"},), {}),
        ),
        Call("GET /anomaly/blocks/ips/{id}", "anomaly.blocks.check_ip", ("$locked_ip",)),
        Call("DELETE /anomaly/blocks/ips/{id}", "anomaly.blocks.unblock_ip", ("$locked_ip",), expect=nothing),
        Call(
            "PATCH /attack-protection/bot-detection",
            "attack_protection.bot_detection.update",
            members=levels,
            expect=levels,
        ),
        Call("GET /attack-protection/bot-detection", "attack_protection.bot_detection.get", expect=levels),
        Call(
            "PATCH /attack-protection/breached-password-detection",
            "attack_protection.breached_password_detection.update",
            members=shields,
            expect=shields,
            four=("attack_protection.update_breached_password_detection", (shields,), {}),
        ),
        Call(
            "GET /attack-protection/breached-password-detection",
            "attack_protection.breached_password_detection.get",
            expect=shields,
            four=("attack_protection.get_breached_password_detection", (), {}),
        ),
        Call(
            "PATCH /attack-protection/brute-force-protection",
            "attack_protection.brute_force_protection.update",
            members=brute,
            expect=brute,
            four=("attack_protection.update_brute_force_protection", (brute,), {}),
        ),
        Call(
            "GET /attack-protection/brute-force-protection",
            "attack_protection.brute_force_protection.get",
            expect=brute,
            four=("attack_protection.get_brute_force_protection", (), {}),
        ),
        Call(
            "PATCH /attack-protection/captcha",
            "attack_protection.captcha.update",
            members=captcha,
            expect=captcha,
        ),
        Call("GET /attack-protection/captcha", "attack_protection.captcha.get", expect=captcha),
        Call(
            "PATCH /attack-protection/suspicious-ip-throttling",
            "attack_protection.suspicious_ip_throttling.update",
            members=throttled,
            expect=throttled,
            four=("attack_protection.update_suspicious_ip_throttling", (throttled,), {}),
        ),
        Call(
            "GET /attack-protection/suspicious-ip-throttling",
            "attack_protection.suspicious_ip_throttling.get",
            expect=throttled,
            four=("attack_protection.get_suspicious_ip_throttling", (), {}),
        ),
        Call(
            "POST /blacklists/tokens",
            "",
            only="python-4",
            expect=nothing,
            four=("blacklists.create", ("$name", "$audience"), {}),
        ),
        Call(
            "GET /blacklists/tokens",
            "",
            only="python-4",
            expect=[{"jti": "$name", "aud": "$audience"}],
            four=("blacklists.get", (), {"aud": "$audience"}),
        ),
    ]


def _tenant() -> list[Call]:
    colors = {"colors": {"primary": "#0059d6"}}
    return [
        Call(
            "PATCH /tenants/settings",
            "tenants.settings.update",
            members={"friendly_name": "$name", "support_email": "help@example.com"},
            expect={"friendly_name": "$name"},
            four=("tenants.update", ({"friendly_name": "$name", "support_email": "help@example.com"},), {}),
        ),
        Call(
            "GET /tenants/settings",
            "tenants.settings.get",
            expect={"friendly_name": "$name", "support_email": "help@example.com"},
            four=("tenants.get", (), {}),
        ),
        Call("PATCH /branding", "branding.update", members=colors, expect=colors),
        Call("GET /branding", "branding.get", expect=colors),
        Call(
            "PUT /branding/templates/universal-login",
            "branding.templates.update_universal_login",
            members={"template": PAGE},
            four=("branding.update_template_universal_login", ({"template": PAGE},), {}),
        ),
        Call(
            "GET /branding/templates/universal-login",
            "branding.templates.get_universal_login",
            expect={"body": PAGE},
            four=("branding.get_template_universal_login", (), {}),
        ),
        Call(
            "DELETE /branding/templates/universal-login",
            "branding.templates.delete_universal_login",
            expect=nothing,
            four=("branding.delete_template_universal_login", (), {}),
        ),
        Call(
            "PATCH /prompts",
            "prompts.update_settings",
            members={"identifier_first": False},
            expect={"identifier_first": False},
            four=("prompts.update", ({"identifier_first": False},), {}),
        ),
        Call(
            "GET /prompts",
            "prompts.get_settings",
            expect={"identifier_first": False},
            four=("prompts.get", (), {}),
        ),
        Call(
            "PUT /prompts/{prompt}/custom-text/{language}",
            "prompts.custom_text.set",
            ("signup", "en"),
            {"signup": {"title": "Join us"}},
            four=("prompts.update_custom_text", ("signup", "en", {"signup": {"title": "Join us"}}), {}),
        ),
        Call(
            "GET /prompts/{prompt}/custom-text/{language}",
            "prompts.custom_text.get",
            ("signup", "en"),
            expect={"signup": {"title": "Join us"}},
            four=("prompts.get_custom_text", ("signup", "en"), {}),
        ),
        Call(
            "POST /emails/provider",
            "emails.provider.create",
            members={"name": "smtp", "credentials": SMTP, "default_from_address": "a@example.com"},
            expect={"name": "smtp"},
            four=(
                "emails.config",
                ({"name": "smtp", "credentials": SMTP, "default_from_address": "a@example.com"},),
                {},
            ),
        ),
        Call(
            "PATCH /emails/provider",
            "emails.provider.update",
            members={"enabled": False},
            expect={"enabled": False},
            four=("emails.update", ({"enabled": False},), {}),
        ),
        Call(
            "GET /emails/provider",
            "emails.provider.get",
            expect={"name": "smtp", "enabled": False},
            four=("emails.get", (), {"fields": ["name", "enabled"]}),
        ),
        Call("DELETE /emails/provider", "emails.provider.delete", expect=nothing, four=("emails.delete", (), {})),
        Call(
            "PUT /email-templates/{template_name}",
            "email_templates.set",
            ("welcome_email",),
            TEMPLATE,
            {"subject": "Welcome"},
        ),
        Call(
            "PATCH /email-templates/{template_name}",
            "email_templates.update",
            ("welcome_email",),
            {"subject": "Good day"},
            {"subject": "Good day"},
        ),
        Call(
            "GET /email-templates/{template_name}",
            "email_templates.get",
            ("welcome_email",),
            expect={"subject": "Good day", "syntax": "liquid"},
        ),
        Call(
            "GET /keys/signing", "keys.signing.list", expect=has(current=True), keep={"old_key": "0.kid"}
        ),
    ]


def _work() -> list[Call]:
    return [
        Call(
            "POST /tickets/email-verification",
            "tickets.verify_email",
            members={"user_id": "$user", "result_url": "https://app.example.com/done"},
            expect=lambda answer: answer["ticket"].startswith("https://"),
            four=(
                "tickets.create_email_verification",
                ({"user_id": "$user", "result_url": "https://app.example.com/done"},),
                {},
            ),
        ),
        Call(
            "POST /tickets/password-change",
            "tickets.change_password",
            members={"user_id": "$user", "ttl_sec": 600},
            expect=lambda answer: answer["ticket"].startswith("https://"),
            four=("tickets.create_pswd_change", ({"user_id": "$user", "ttl_sec": 600},), {}),
        ),
        Call(
            "POST /jobs/verification-email",
            "jobs.verification_email.create",
            members={"user_id": "$user"},
            expect={"type": "verification_email"},
            four=("jobs.send_verification_email", ({"user_id": "$user"},), {}),
        ),
        Call(
            "POST /jobs/users-exports",
            "jobs.users_exports.create",
            members={"format": "json", "limit": 2, "fields": [{"name": "email"}]},
            expect={"type": "users_export", "format": "json"},
            four=("jobs.export_users", ({"format": "json", "limit": 2, "fields": [{"name": "email"}]},), {}),
        ),
        Call(
            "POST /jobs/users-imports",
            "jobs.users_imports.create",
            members={"users": {"$file": "$import"}, "connection_id": "$connection_id", "external_id": "x-1"},
            expect={"type": "users_import", "external_id": "x-1"},
            keep={"job": "id"},
            four=("jobs.import_users", ("$connection_id", {"$file": "$import"}), {"external_id": "x-1"}),
        ),
        Call("GET /jobs/{id}", "jobs.get", ("$job",), expect={"id": "$job", "type": "users_import"}),
        Call(
            "GET /jobs/{id}/errors",
            "jobs.errors.get",
            ("$failed_job",),
            expect=lambda answer: answer[0]["errors"][0]["code"] == "FORMAT",
            four=("jobs.get_failed_job", ("$failed_job",), {}),
        ),
        Call(
            "GET /logs",
            "logs.list",
            members={"per_page": 5, "sort": "date:-1"},
            expect=lambda answer: len(answer) >= 5,
            keep={"log": "0.log_id"},
            four=("logs.search", (), {"per_page": 5, "sort": "date:-1", "include_totals": False}),
        ),
        Call("GET /logs/{id}", "logs.get", ("$log",), expect={"log_id": "$log"}),
        Call(
            "GET /stats/active-users",
            "stats.get_active_users_count",
            expect=lambda answer: answer >= 1,
            four=("stats.active_users", (), {}),
        ),
        Call(
            "GET /stats/daily",
            "stats.get_daily",
            members={"from": "20200101", "to": "21000101"},
            expect=lambda answer: answer[-1]["logins"] >= 1,
            four=("stats.daily_stats", ("20200101", "21000101"), {}),
        ),
        Call("DELETE /users/{id}", "users.delete", ("$user",), expect=nothing),
        Call("GET /keys/signing/{kid}", "keys.signing.get", ("$old_key",), expect={"kid": "$old_key"}),
        Call("POST /keys/signing/rotate", "keys.signing.rotate"),
        # the last of all: the token of the call is signed with the key that goes
        Call("PUT /keys/signing/{kid}/revoke", "keys.signing.revoke", ("$old_key",), expect={"kid": "$old_key"}),
    ]


CALLS: tuple[Call, ...] = tuple(
    [*_users(), *_roles(), *_clients(), *_sessions(), *_protection(), *_tenant(), *_work()]
)
"""In their order."""
REFUSALS: tuple[tuple[Call, int, str], ...] = (
    (Call("GET /users", "users.list", by="stranger", four=("users.list", (), {})), 401, ""),
    (Call("GET /users", "users.list", by="user", four=("users.list", (), {})), 403, "insufficient_scope"),
    (Call("GET /users/{id}", "users.get", ("auth0|nobody",)), 404, "inexistent_user"),
    (Call("PATCH /users/{id}", "users.update", ("$holder",), {"given_name": ""}), 400, "invalid_body"),
    (
        Call(
            "POST /users",
            "users.create",
            members={"connection": "$connection", "email": "$locked_2", "password": "$password"},
        ),
        409,
        "auth0_idp_error",
    ),
    (
        Call(
            "POST /jobs/users-imports",
            "jobs.users_imports.create",
            members={"users": {"$file": "$crowd"}, "connection_id": "$connection_id"},
            four=("jobs.import_users", ("$connection_id", {"$file": "$crowd"}), {}),
        ),
        429,
        "",
    ),
)
"""Calls that are refused, with status and ``errorCode`` where there is one; the last while two imports are running."""
UNCALLED: Mapping[str, Mapping[str, str]] = {
    "python-6": {
        "GET /blacklists/tokens": "auth0-python 6 has no blacklists",
        "POST /blacklists/tokens": "auth0-python 6 has no blacklists",
        "POST /email-templates": "every template is there: 409, see tests/tenant/mail/test_templates.py",
    },
    "node": {
        "GET /blacklists/tokens": "auth0 7 has no blacklists",
        "POST /blacklists/tokens": "auth0 7 has no blacklists",
    },
    "python-4": {},
}
"""By client: built operations that it cannot call, and why."""
