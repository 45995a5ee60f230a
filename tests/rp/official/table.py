"""What the official clients are asked to do: every built T1 operation of the Management API, in an order in which each
finds what it needs.

A row says the operation, how auth0-python 6 names it (node ``auth0`` 7 spells it in camelCase), what is passed and what
the answer holds. ``$name`` stands for something that is there (:mod:`tests.rp.official.scene`) or that an earlier
answer brought (``keep``).
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.rp.official import applications, people, settings
from tests.rp.official.contract import Call

CALLS: tuple[Call, ...] = tuple(
    [
        *people.users(),
        *people.roles(),
        *applications.clients(),
        *applications.sessions(),
        *people.protection(),
        *settings.tenant(),
        *settings.work(),
    ]
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
