"""Use cases on recorded consent: what was granted, what still has to be asked, recording and forgetting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.events import UserGrantDeleted, UserGrantRecorded
from idp.foundation.tenancy.work import Work
from idp.signin.user_grants.models import UserGrant as G


class Consent(msgspec.Struct, frozen=True):
    """What a user granted to one client, of one API ("" for none); ``created_at`` in ms."""

    id: str
    client_id: str
    audience: str
    scope: Json[list[str]]
    created_at: int


class _Scope(msgspec.Struct, frozen=True):
    scope: Json[frozenset[str]]


_KEY = (G.tenant_id == bindparam("tenant"), G.user_id == bindparam("user"), G.client_id == bindparam("client"))
_SCOPE = Statement("user_grant_scope", select(G.scope).where(*_KEY, G.audience == bindparam("audience")), row=_Scope)
_LIST = Statement(
    "user_grant_list_of_user",
    select(G.id, G.client_id, G.audience, G.scope, G.created_at)
    .where(G.tenant_id == bindparam("tenant"), G.user_id == bindparam("user"))
    .order_by(G.created_at),
    row=Consent,
)


def _upsert(dialect: Any) -> Any:
    made = dialect.insert(G).values(
        tenant_id=bindparam("tenant"),
        id=bindparam("id"),
        user_id=bindparam("user"),
        client_id=bindparam("client"),
        audience=bindparam("audience"),
        scope=bindparam("scope"),
        created_at=bindparam("now"),
    )
    return made.on_conflict_do_update(
        index_elements=[G.tenant_id, G.user_id, G.client_id, G.audience], set_={"scope": bindparam("scope")}
    )


_RECORD = {
    "sqlite": Statement("user_grant_record_sqlite", _upsert(sqlite)),
    "postgresql": Statement("user_grant_record_postgresql", _upsert(postgresql)),
}


def granted(work: Work, user_id: str, client_id: str, audience: str | None) -> frozenset[str]:
    """The scopes on record."""
    row = work.hot.one(_SCOPE, tenant=work.tenant_id, user=user_id, client=client_id, audience=audience or "")
    return row.scope if row else frozenset()


def record(work: Work, user_id: str, client_id: str, audience: str | None, scope: list[str]) -> None:
    """Record a yes: what was granted before stays granted."""
    merged = sorted(granted(work, user_id, client_id, audience) | set(scope))
    statement = _RECORD["sqlite" if work.platform.db.sqlite else "postgresql"]
    work.hot.run(
        statement,
        tenant=work.tenant_id,
        id=ids.hex24(),
        user=user_id,
        client=client_id,
        audience=audience or "",
        scope=msgspec.json.encode(merged).decode(),
        now=clock.now_ms(),
    )
    work.emit(UserGrantRecorded(user_id, client_id, audience))


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
    """Forget one consent on record. Unknown ids are no error."""
    _forget(work, G.id == grant_id)


def forget_user(work: Work, user_id: str) -> None:
    """Take all of a user's consents back."""
    _forget(work, G.user_id == user_id)


def erase_of_users(work: Work, user_ids: Sequence[str]) -> None:
    """No row mentions these users, who are gone."""
    work.rows.execute(delete(G).where(G.user_id.in_(user_ids)))


def follow_audience(work: Work, old: str, new: str) -> None:
    """An API goes by another identifier."""
    work.rows.execute(update(G).where(G.audience == old).values(audience=new))


def _forget(work: Work, which: ColumnElement[bool]) -> None:
    """Who listens revokes the tokens of each user and client named."""
    holders = sorted({(row.user_id, row.client_id) for row in work.rows.scalars(select(G).where(which))})
    work.rows.execute(delete(G).where(which))
    for user_id, client_id in holders:
        work.emit(UserGrantDeleted(user_id, client_id))
