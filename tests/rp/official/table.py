"""What the official clients are asked to do: every built T1 operation of the Management API, in an order in which each
finds what it needs.

A row says the operation, how auth0-python 6 names it (node ``auth0`` 7 spells it in camelCase), what is passed and what
the answer holds. ``$name`` stands for something that is there (:mod:`tests.rp.official.scene`) or that an earlier
answer brought (``keep``).
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.rp.official import applications, factors, people, settings
from tests.rp.official.contract import Call

CALLS: tuple[Call, ...] = (
    *people.users(),
    *factors.guardian(),
    *factors.of_user(),
    *people.roles(),
    *applications.clients(),
    *applications.sessions(),
    *people.protection(),
    *settings.tenant(),
    *settings.work(),
)
"""In their order."""
REFUSALS: tuple[tuple[Call, int, str], ...] = (
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
    (Call("GET /users", "users.list", by="stranger", four=("users.list", (), {})), 401, ""),
    (Call("GET /users", "users.list", by="user", four=("users.list", (), {})), 403, "insufficient_scope"),
    (Call("GET /users/{id}", "users.get", ("auth0|nobody",)), 404, "inexistent_user"),
    (Call("PATCH /users/{id}", "users.update", ("$holder",), {"given_name": ""}), 400, "invalid_body"),
    (
        Call(
            "POST /users",
            "users.create",
            members={"connection": "$connection", "email": "$taken", "password": "$password"},
        ),
        409,
        "auth0_idp_error",
    ),
)
"""Calls that are refused, with status and ``errorCode`` where there is one; the first while two imports are running."""
_NEWER = (
    "DELETE /anomaly/blocks/ips/{id}",
    "DELETE /grants",
    "DELETE /refresh-tokens/{id}",
    "DELETE /sessions/{id}",
    "DELETE /users/{user_id}/refresh-tokens",
    "DELETE /users/{user_id}/sessions",
    "GET /anomaly/blocks/ips/{id}",
    "GET /attack-protection/bot-detection",
    "GET /attack-protection/captcha",
    "GET /client-grants/{id}",
    "GET /clients/{id}/connections",
    "GET /connections/{id}/clients",
    "GET /connections/{id}/status",
    "GET /guardian/policies",
    "GET /guardian/settings",
    "GET /keys/signing",
    "GET /keys/signing/{kid}",
    "GET /refresh-tokens",
    "GET /refresh-tokens/{id}",
    "GET /sessions/{id}",
    "GET /users/{user_id}/refresh-tokens",
    "GET /users/{user_id}/sessions",
    "PATCH /attack-protection/bot-detection",
    "PATCH /attack-protection/captcha",
    "PATCH /clients/{client_id}/credentials/{credential_id}",
    "PATCH /connections/{id}/clients",
    "PATCH /refresh-tokens/{id}",
    "PATCH /sessions/{id}",
    "POST /keys/signing/rotate",
    "POST /refresh-tokens/revoke",
    "PUT /guardian/policies",
    "PUT /guardian/settings",
    "POST /sessions/{id}/revoke",
    "POST /users/{id}/revoke-access",
    "PUT /email-templates/{template_name}",
    "PUT /keys/signing/{kid}/revoke",
)
_NOT_IN_GO = (
    "DELETE /connections/{id}/users",
    "DELETE /grants",
    "DELETE /users/{id}/authenticators",
    "DELETE /users/{id}/multifactor/{provider}",
    "GET /attack-protection/bot-detection",
    "GET /attack-protection/captcha",
    "GET /client-grants/{id}",
    "GET /clients/{id}/connections",
    "GET /connections/{id}/clients",
    "GET /connections/{id}/status",
    "GET /guardian/settings",
    "GET /refresh-tokens",
    "GET /users/{id}/logs",
    "PATCH /attack-protection/bot-detection",
    "PATCH /attack-protection/captcha",
    "PATCH /connections/{id}/clients",
    "PATCH /refresh-tokens/{id}",
    "PATCH /sessions/{id}",
    "POST /refresh-tokens/revoke",
    "POST /users/{id}/revoke-access",
    "PUT /guardian/settings",
)
_NOT_IN_GO_2 = (
    "GET /blacklists/tokens",
    "GET /client-grants/{id}",
    "GET /guardian/settings",
    "GET /refresh-tokens",
    "PATCH /refresh-tokens/{id}",
    "POST /blacklists/tokens",
    "POST /refresh-tokens/revoke",
    "PUT /guardian/settings",
)
UNCALLED: Mapping[str, Mapping[str, str]] = {
    "python-6": {
        "GET /blacklists/tokens": "auth0-python 6 has no blacklists",
        "POST /blacklists/tokens": "auth0-python 6 has no blacklists",
    },
    "node": {
        "GET /blacklists/tokens": "auth0 7 has no blacklists",
        "POST /blacklists/tokens": "auth0 7 has no blacklists",
    },
    "python-4": dict.fromkeys(_NEWER, "auth0-python 4 has no call for it"),
    "go-2": dict.fromkeys(_NOT_IN_GO_2, "go-auth0 2.1 has no call for it"),
    "go": dict.fromkeys(_NOT_IN_GO, "go-auth0 1.17 has no call for it"),
}
"""By client: built operations that it cannot call, and why."""
