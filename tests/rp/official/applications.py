"""Applications, connections, sessions and tokens."""

from __future__ import annotations

from tests.rp.official.contract import Call, has, nothing


def clients() -> list[Call]:
    """Applications, their keys, and connections."""
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


def sessions() -> list[Call]:
    """Sessions, refresh tokens, devices and consent."""
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
            keep={"refresh_token": "0.id"},
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
            expect=lambda answer: len(answer) >= 2,
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
