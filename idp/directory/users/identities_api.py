"""``/users/{id}/identities``."""

from __future__ import annotations

from http import HTTPStatus

from idp.directory.users import render
from idp.directory.users import service as users
from idp.directory.users.schemas import IdentityView, Link
from idp.foundation.apikit import Api, changes
from idp.foundation.kernel.formats import UserId
from idp.foundation.tenancy.work import Work

api = Api("users")


@api.post(
    "/users/{id}/identities",
    scopes={"update:users"},
    own_scopes={"update:current_user_identities"},
    summary="Link a user account",
)
def link(work: Work, id: UserId, body: Link) -> list[IdentityView]:
    """Join another account to this user."""
    return render.identity_views(work, users.link(work, id, changes(body)))


@api.delete(
    "/users/{id}/identities/{provider}/{user_id}",
    scopes={"update:users"},
    own_scopes={"update:current_user_identities"},
    status=HTTPStatus.OK,
    summary="Unlink a user account",
)
def unlink(work: Work, id: UserId, provider: str, user_id: str) -> list[IdentityView]:
    """Make a linked account a user of its own again."""
    return render.identity_views(work, users.unlink(work, id, provider, user_id))
