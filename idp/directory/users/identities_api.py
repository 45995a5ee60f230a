"""``/users/{id}/identities``."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from idp.directory.users import linking, render
from idp.directory.users.schemas import IdentityView, Link
from idp.foundation.apikit import Api, Query
from idp.foundation.apikit.document import list_of
from idp.foundation.tenancy.management import Call

api = Api("users")


@api.post(
    "/users/{id}/identities",
    scopes={"update:users"},
    own_scopes={"update:current_user_identities"},
    body=Link,
    returns=list_of(IdentityView),
    summary="Link a user account",
)
def link(call: Call[Query, Link]) -> list[dict[str, Any]]:
    """Join another account to this user."""
    return render.identities(call.work, linking.link(call.work, call.params["id"], call.body))


@api.delete(
    "/users/{id}/identities/{provider}/{user_id}",
    scopes={"update:users"},
    own_scopes={"update:current_user_identities"},
    status=HTTPStatus.OK,
    returns=list_of(IdentityView),
    summary="Unlink a user account",
)
def unlink(call: Call[Query, None]) -> list[dict[str, Any]]:
    """Make a linked account a user of its own again."""
    params = call.params
    return render.identities(call.work, linking.unlink(call.work, params["id"], params["provider"], params["user_id"]))
