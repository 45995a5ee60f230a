"""Accounts at sources that people connected without signing in by them: applications may have their tokens
(spec/my-account.md, "Endpoints").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, select

from idp.directory.users import source_tokens
from idp.directory.users.models import ConnectedAccount, User
from idp.directory.users.source_tokens import TokenSet
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import BadRequest, Conflict, NotFound
from idp.foundation.tenancy.work import Work

MOST = 50
"""Accounts that one person connects."""
DUPLICATE = "This account is connected already."


def add(work: Work, user_id: str, connection_id: str, account_id: str, tokens: Mapping[str, str]) -> TokenSet:
    """Keep it, in the caller's transaction; answers it as it is held.

    :raises Conflict: it is connected already, or the person signs in by it and its tokens are there.
    :raises BadRequest: they have too many.
    :raises NotFound: there is no such user any more, or no such connection.
    """
    if work.rows.lock_one(User, user_id) is None:  # of two at once one is the second
        raise NotFound("The user does not exist.", "inexistent_user")
    held = source_tokens.of_user(work, user_id)
    key = (connection_id, account_id)
    if any((each.connection.id, each.account_id) == key for each in held if _lasting(each)):
        raise Conflict(DUPLICATE, "duplicate_connected_account")
    mine = select(func.count()).where(ConnectedAccount.user_id == user_id)
    if (work.rows.scalar(mine) or 0) >= MOST:
        raise BadRequest(f"No more than {MOST} accounts can be connected.", "too_many_connected_accounts")
    work.rows.add(
        ConnectedAccount(
            connection_id=connection_id,
            account_id=account_id,
            user_id=user_id,
            tokens_sealed=source_tokens.sealed_of_connected(
                work, user_id, connection_id, account_id, source_tokens.kept(tokens, {})
            ),
            created_at=clock.now_ms(),
        )
    )
    work.rows.flush()
    found = source_tokens.of_user(work, user_id)
    made = next((each for each in reversed(found) if (each.connection.id, each.account_id) == key), None)
    if made is None:
        raise NotFound("The connection does not exist any more.", "inexistent_connection")
    return made


def _lasting(held: TokenSet) -> bool:
    return "refresh_token" in held.tokens


def forget(work: Work, user_ids: Sequence[str]) -> None:
    """Those of these users go, in the caller's transaction."""
    work.rows.execute(delete(ConnectedAccount).where(ConnectedAccount.user_id.in_(user_ids)))


def forget_connection(work: Work, connection_id: str) -> None:
    """Those of that connection go."""
    work.rows.execute(delete(ConnectedAccount).where(ConnectedAccount.connection_id == connection_id))
