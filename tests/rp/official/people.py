"""People, what they may do, and how they are protected."""

from __future__ import annotations

from tests.rp.official.contract import Call, has, nothing

PERMISSIONS = [
    {"resource_server_identifier": "$audience", "permission_name": "read:a"},
    {"resource_server_identifier": "$audience", "permission_name": "read:b"},
]
FIRST, SECOND = PERMISSIONS[:1], PERMISSIONS[1:]


def users() -> list[Call]:
    """Users and their accounts."""
    return [
        Call(
            "POST /users",
            "users.create",
            members={
                "connection": "$connection",
                "email": "$email",
                "password": "$password",
                "given_name": "Ann",
                "email_verified": True,
            },
            expect={"email": "$email", "given_name": "Ann", "email_verified": True},
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


def roles() -> list[Call]:
    """APIs, grants, roles and permissions."""
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
            members={"client_id": "$app", "audience": "$audience", "scope": ["read:a"]},
            expect={"scope": ["read:a"]},
            keep={"client_grant": "id"},
        ),
        Call("GET /client-grants/{id}", "client_grants.get", ("$client_grant",), expect={"client_id": "$app"}),
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


def protection() -> list[Call]:
    """Blocks and the settings of attack protection."""
    levels = {"bot_detection_level": "high", "allowlist": ["192.0.2.7"]}
    shields = {"enabled": True, "shields": ["block", "admin_notification"]}
    brute = {"enabled": True, "shields": ["block"], "max_attempts": 9}
    throttled = {"enabled": True, "shields": ["block"], "allowlist": ["192.0.2.8"]}
    captcha = {"active_provider_id": "auth_challenge"}
    return [
        Call(
            "GET /user-blocks/{id}",
            "user_blocks.list",
            ("$locked_id",),
            expect=lambda it: it["blocked_for"] != [],
            four=("user_blocks.get", ("$locked_id",), {}),
        ),
        Call(
            "DELETE /user-blocks/{id}",
            "user_blocks.delete",
            ("$locked_id",),
            expect=nothing,
            four=("user_blocks.unblock", ("$locked_id",), {}),
        ),
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
            four=("user_blocks.unblock_by_identifier", ("$locked_2",), {}),
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
        Call(
            "POST /blacklists/tokens",
            "",
            members={"jti": "$name", "aud": "$audience"},
            only="go",
            expect=nothing,
        ),
        Call(
            "GET /blacklists/tokens",
            "",
            members={"aud": "$audience"},
            only="go",
            expect=[{"jti": "$name", "aud": "$audience"}],
        ),
    ]
