"""``/connected-accounts``: accounts at sources whose tokens applications may have in the person's name."""

from __future__ import annotations

from http import HTTPStatus

from idp.directory.connections import runtime as connections
from idp.directory.users import source_tokens
from idp.directory.users.source_tokens import TokenSet
from idp.foundation.apikit import Api, Page, PageRequest, Paging, slice_page
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.work import Work
from idp.my_account.caller import current
from idp.my_account.schemas import (
    AccountList,
    AccountView,
    Connected,
    ConnectingView,
    ConnectionView,
    ConnectParams,
    NewAccount,
)
from idp.signin.login import connecting

api = Api("me.connected_accounts")
PREFIX = "cac_"
"""Ids of connected accounts begin with it."""


@api.get(
    "/connected-accounts/accounts",
    scopes={"read:me:connected_accounts"},
    paging=Paging("accounts", checkpoint=True, default_size=10),
    summary="Get your connected accounts",
)
def list_accounts(work: Work, query: AccountList, page: PageRequest) -> Page[AccountView]:
    """Those that the source gave tokens for, of one connection or of all."""
    held = [each for each in _held(work) if query.connection in (None, each.connection.name)]
    found = slice_page(held, page)
    return Page.of(found, [_view(each) for each in found.items])


@api.get(
    "/connected-accounts/connections",
    scopes={"read:me:connected_accounts"},
    paging=Paging("connections", checkpoint=True, default_size=10),
    summary="Get the connections that accounts can be connected of",
)
def list_connections(work: Work, page: PageRequest) -> Page[ConnectionView]:
    """Those of the application that give their tokens."""
    giving = [each for each in connections.for_client(work, current(work).client_id) if each.gives_tokens]
    found = slice_page(sorted(giving, key=lambda each: each.name), page)
    rows = [ConnectionView(name=each.name, strategy=each.strategy, scopes=[]) for each in found.items]
    return Page.of(found, rows)


@api.delete(
    "/connected-accounts/accounts/{id}", scopes={"delete:me:connected_accounts"}, summary="Disconnect an account"
)
def delete_account(work: Work, id: str) -> None:
    """Its tokens are dropped: no application gets one any more."""
    if not id.startswith(PREFIX) or not source_tokens.forget(work, current(work).person, id.removeprefix(PREFIX)):
        raise NotFound("The connected account does not exist.", "inexistent_connected_account")


@api.post(
    "/connected-accounts/connect",
    scopes={"create:me:connected_accounts"},
    status=HTTPStatus.CREATED,
    summary="Begin to connect an account",
)
def begin_connecting(work: Work, body: NewAccount) -> ConnectingView:
    """The person goes to ``connect_uri`` with the ticket, signs in at the source, and comes back to ``redirect_uri``
    with ``connect_code``.
    """
    caller = current(work)
    begun = connecting.begin(
        work,
        connecting.Asked(
            user_id=caller.person,
            client_id=caller.client_id,
            connection=body.connection,
            redirect_uri=body.redirect_uri,
            state=body.state or None,
            code_challenge=body.code_challenge or None,
            scopes=tuple(body.scopes or ()),
            login_hint=(body.authorization_params.login_hint or None) if body.authorization_params else None,
            ui_locales=(body.authorization_params.ui_locales or None) if body.authorization_params else None,
        ),
    )
    return ConnectingView(
        auth_session=begun.auth_session,
        connect_uri=begun.uri,
        connect_params=ConnectParams(ticket=begun.ticket),
        expires_in=connecting.LIFETIME_MS // 1000,
    )


@api.post(
    "/connected-accounts/complete",
    scopes={"create:me:connected_accounts"},
    status=HTTPStatus.CREATED,
    summary="Connect an account",
)
def complete_connecting(work: Work, body: Connected) -> AccountView:
    """With what the browser brought back, once."""
    caller = current(work)
    proof = connecting.Proof(
        user_id=caller.person,
        client_id=caller.client_id,
        auth_session=body.auth_session,
        redirect_uri=body.redirect_uri,
        verifier=body.code_verifier or None,
    )
    return _view(connecting.complete(work, body.connect_code, proof))


def _held(work: Work) -> list[TokenSet]:
    found = source_tokens.of_user(work, current(work).person)
    return [each for each in found if each.connection.gives_tokens and "refresh_token" in each.tokens]


def _view(held: TokenSet) -> AccountView:
    view = AccountView(
        id=f"{PREFIX}{held.id}",
        connection=held.connection.name,
        access_type="offline",
        scopes=held.tokens.get("scope", "").split(),
        created_at=clock.iso(held.moment("created_at") or held.moment("issued_at") or 0),
    )
    ends = held.moment("expires_at")
    if ends is not None:
        view.expires_at = clock.iso(ends)
    return view
