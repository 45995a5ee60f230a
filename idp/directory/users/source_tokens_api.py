"""``/users/{id}/federated-connections-tokensets`` and ``/users/{id}/connected-accounts``: what sources gave with
somebody, without the tokens themselves.
"""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from idp.directory.users import service as users
from idp.directory.users import source_tokens
from idp.directory.users.source_tokens import TokenSet
from idp.foundation.apikit import Api, Page, PageRequest, Paging, View, slice_page
from idp.foundation.kernel import clock
from idp.foundation.kernel.formats import UserId
from idp.foundation.tenancy.work import Work

api = Api("users.source_tokens")


class TokenSetView(View):
    """What a source gave with one account."""

    id: str
    connection: str
    scope: str
    expires_at: str | None
    last_used_at: str | None
    issued_at: str | UnsetType = UNSET


class ConnectedAccountView(View):
    """An account whose source can be asked while nobody is there."""

    id: str
    connection: str
    connection_id: str
    strategy: str
    access_type: str
    scopes: list[str]
    created_at: str
    expires_at: str | UnsetType = UNSET


@api.get(
    "/users/{id}/federated-connections-tokensets",
    scopes={"read:users"},
    summary="Get the token sets of a user",
)
def list_token_sets(work: Work, id: UserId) -> list[TokenSetView]:
    """Token sets of a user, one for each account."""
    return [_token_set(held) for held in source_tokens.of_user(work, users.get(work, id).user_id)]


@api.delete(
    "/users/{id}/federated-connections-tokensets/{tokenset_id}",
    scopes={"delete:users"},
    summary="Delete a token set of a user",
)
def delete_token_set(work: Work, id: UserId, tokenset_id: str) -> None:
    """Drop what a source gave. Unknown ids are no error."""
    source_tokens.forget(work, users.get(work, id).user_id, tokenset_id)


@api.get(
    "/users/{id}/connected-accounts",
    scopes={"read:users"},
    paging=Paging.by_checkpoint("connected_accounts"),
    summary="Get connected accounts of a user",
)
def list_connected_accounts(work: Work, id: UserId, page: PageRequest) -> Page[ConnectedAccountView]:
    """Accounts of a user whose connection gives tokens to applications, with a refresh token."""
    user = users.get(work, id)
    held = source_tokens.of_user(work, user.user_id)
    found = slice_page([each for each in held if each.connection.gives_tokens and each.refreshable], page)
    return Page([_account(each, user.created_at) for each in found.items], found.total, found.next)


def _token_set(held: TokenSet) -> TokenSetView:
    return TokenSetView(
        id=held.id,
        connection=held.connection.name,
        scope=held.tokens.get("scope", ""),
        expires_at=_moment(held, "expires_at") or None,
        issued_at=_moment(held, "issued_at") or UNSET,
        last_used_at=_moment(held, "last_used_at") or None,
    )


def _account(held: TokenSet, since: int) -> ConnectedAccountView:
    """``since`` (ms) stands in for accounts from before the moment was kept."""
    return ConnectedAccountView(
        id=f"cac_{held.id}",
        connection=held.connection.name,
        connection_id=held.connection.id,
        strategy=held.connection.strategy,
        access_type="offline",
        scopes=held.tokens.get("scope", "").replace(",", " ").split(),
        created_at=_moment(held, "created_at") or clock.iso(since),
    )


def _moment(held: TokenSet, name: str) -> str:
    moment = held.moment(name)
    return "" if moment is None else clock.iso(moment)
