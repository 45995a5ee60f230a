"""Use cases on recorded consent: what was granted, what still has to be asked, recording and forgetting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, select, update

from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.db.upsert import insert as upsert
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.events import UserGrantDeleted, UserGrantRecorded
from idp.foundation.tenancy.work import Work
from idp.signin.user_grants.models import UserGrant as G


class Consent(msgspec.Struct, frozen=True):
    """What a user granted to one client, of one API ("" for none): scopes, and single claims beside them;
    ``created_at`` in ms.
    """

    id: str
    client_id: str
    audience: str
    scope: Json[list[str]]
    claims: Json[list[str]]
    created_at: int


class Recorded(msgspec.Struct, frozen=True):
    """What is on record: scopes, and single claims beside them."""

    scope: Json[frozenset[str]]
    claims: Json[frozenset[str]]


_KEY = (
    G.tenant_id == bindparam("tenant"),
    G.user_id == bindparam("user"),
    G.client_id == bindparam("client"),
    G.audience == bindparam("audience"),
)
_RECORDED = Statement("user_grant_recorded", select(G.scope, G.claims).where(*_KEY), row=Recorded)
_LOCKED = Statement("user_grant_locked", select(G.scope, G.claims).where(*_KEY).with_for_update(), row=Recorded)
_WIDEN = Statement("user_grant_widen", update(G).where(*_KEY).values(scope=bindparam("to"), claims=bindparam("told")))
_LIST = Statement(
    "user_grant_list_of_user",
    select(G.id, G.client_id, G.audience, G.scope, G.claims, G.created_at)
    .where(G.tenant_id == bindparam("tenant"), G.user_id == bindparam("user"))
    .order_by(G.created_at),
    row=Consent,
)


def _begin() -> Any:
    made = upsert(G).values(
        tenant_id=bindparam("tenant"),
        id=bindparam("id"),
        user_id=bindparam("user"),
        client_id=bindparam("client"),
        audience=bindparam("audience"),
        scope=bindparam("nothing"),
        claims=bindparam("nothing"),
        created_at=bindparam("now"),
    )
    return made.on_conflict_do_nothing()


_BEGIN = Statement("user_grant_begin", _begin())


def granted(work: Work, user_id: str, client_id: str, audience: str | None) -> Recorded | None:
    """What is on record, or None."""
    return work.hot.one(_RECORDED, tenant=work.tenant_id, user=user_id, client=client_id, audience=audience or "")


def record(
    work: Work, user_id: str, client_id: str, audience: str | None, scope: Iterable[str], claims: Iterable[str] = ()
) -> None:
    """Record a yes to these scopes and single claims, none at all included, in the caller's transaction: what was
    granted before stays granted. The row is locked while it grows, so that of two answers none is lost.
    """
    key = {"tenant": work.tenant_id, "user": user_id, "client": client_id, "audience": audience or ""}
    with work.transaction():
        work.hot.run(_BEGIN, **key, id=ids.hex24(), nothing="[]", now=clock.now_ms())
        before = work.hot.one(_LOCKED, **key) or Recorded(frozenset(), frozenset())
        work.hot.run(_WIDEN, **key, to=_json(before.scope.union(scope)), told=_json(before.claims.union(claims)))
        work.emit(UserGrantRecorded(user_id, client_id, audience))


def _json(names: frozenset[str]) -> str:
    return msgspec.json.encode(sorted(names)).decode()


def of_user(work: Work, user_id: str) -> list[Consent]:
    """Each grant of a user, oldest first."""
    return work.hot.all(_LIST, tenant=work.tenant_id, user=user_id)


def remove_access(work: Work, user_id: str, client_id: str) -> None:
    """A person takes an application's access back: its consent and, by the news of it, every token, also where nothing
    but tokens is on record (security.md K4).
    """
    work.rows.execute(delete(G).where(G.user_id == user_id, G.client_id == client_id))
    work.emit(UserGrantDeleted(user_id, client_id))


def forget_one(work: Work, grant_id: str) -> None:
    """Forget one consent on record: who listens revokes what it gave, and nothing that other grants gave. Unknown ids
    are no error.
    """
    grant = work.rows.lock_one(G, grant_id)
    if grant is not None:
        work.rows.delete(grant)
        work.rows.flush()
        work.emit(UserGrantDeleted(grant.user_id, grant.client_id, grant.audience))


def forget_user(work: Work, user_id: str) -> None:
    """Take all of a user's consents back. Who listens revokes the tokens of each client named."""
    clients = sorted(set(work.rows.scalars(select(G.client_id).where(G.user_id == user_id))))
    work.rows.execute(delete(G).where(G.user_id == user_id))
    for client_id in clients:
        work.emit(UserGrantDeleted(user_id, client_id))


def erase_of_users(work: Work, user_ids: Sequence[str]) -> None:
    """No row mentions these users, who are gone."""
    work.rows.execute(delete(G).where(G.user_id.in_(user_ids)))


def erase_of_api(work: Work, audience: str) -> None:
    """An API is gone: what was granted of it counts for no other that is given its identifier."""
    work.rows.execute(delete(G).where(G.audience == audience))


def erase_of_client(work: Work, client_id: str) -> None:
    """A client is gone, and with it whatever it was granted."""
    work.rows.execute(delete(G).where(G.client_id == client_id))


def follow_audience(work: Work, old: str, new: str) -> None:
    """An API goes by another identifier."""
    work.rows.execute(update(G).where(G.audience == old).values(audience=new))
