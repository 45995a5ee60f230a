"""``/user-blocks``: who is locked out, and letting them in again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from msgspec import Meta

from idp.directory.users.identifiers import email_key
from idp.directory.users.models import User
from idp.foundation.apikit import Api, Query
from idp.foundation.apikit.document import shown
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.management import Call
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import brute_force
from idp.signin.attack_protection.log_types import ProtectionLog
from idp.tenant.audit import log

api = Api("user-blocks")


class OfIdentifier(Query):
    """An e-mail address, username or phone number."""

    identifier: Annotated[str, Meta(min_length=1, max_length=300)]


BlocksView = shown("UserBlocks", extra={"blocked_for": list[dict[str, str]]})


@api.get(
    "/user-blocks", scopes={"read:users"}, query=OfIdentifier, returns=BlocksView, summary="Get blocks by identifier"
)
def list_by_identifier(call: Call[OfIdentifier, None]) -> dict[str, Any]:
    """The blocks of an identifier, whether an account has it or not."""
    return _blocks(call.work, [call.query.identifier])


@api.delete("/user-blocks", scopes={"update:users"}, query=OfIdentifier, summary="Unblock by identifier")
def delete_by_identifier(call: Call[OfIdentifier, None]) -> None:
    """Lift them."""
    _lift(call.work, [call.query.identifier], None)


@api.get("/user-blocks/{id}", scopes={"read:users"}, returns=BlocksView, summary="Get a user's blocks")
def list_of_user(call: Call[Query, None]) -> dict[str, Any]:
    """The blocks of every identifier of a user."""
    return _blocks(call.work, _identifiers(call.work, call.params["id"]))


@api.delete("/user-blocks/{id}", scopes={"update:users"}, summary="Unblock a user")
def delete_of_user(call: Call[Query, None]) -> None:
    """Lift them."""
    user_id = call.params["id"]
    _lift(call.work, _identifiers(call.work, user_id), user_id)


def _blocks(work: Work, identifiers: Iterable[str]) -> dict[str, Any]:
    return {"blocked_for": [block for name in identifiers for block in brute_force.blocks(work, email_key(name))]}


def _lift(work: Work, identifiers: Iterable[str], user_id: str | None) -> None:
    for identifier in identifiers:
        brute_force.clear(work, email_key(identifier))
        log.write(work, ProtectionLog.UNBLOCKED, "User block released", user_id=user_id, user_name=identifier)


def _identifiers(work: Work, user_id: str) -> list[str]:
    user = work.rows.get(User, (work.tenant_id, user_id))
    if user is None:
        raise NotFound("The user does not exist.", "inexistent_user")
    return [name for name in (user.email, user.username, user.phone_number) if name]
