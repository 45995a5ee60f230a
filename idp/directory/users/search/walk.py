"""Everybody a query finds, however many: in the order of their ids, for work that goes through all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from idp.directory.users.models import User
from idp.directory.users.search.compile import condition
from idp.foundation.db.code_points import by_code_point
from idp.foundation.db.session import UnitOfWork


def ids(
    rows: UnitOfWork, query: str, *, before: int, after: str = "", limit: int, extended: bool = False
) -> Sequence[str]:
    """The next ids behind ``after`` that ``query`` finds (all without one) among those made before ``before`` (ms).

    :raises BadRequest: ``invalid_query_string`` for a query that there is not.
    """
    user_id = by_code_point(User.user_id)
    found = narrowed(rows, select(User.user_id), query, before=before, extended=extended)
    return rows.scalars(found.where(user_id > after).order_by(user_id).limit(limit)).all()


def count(rows: UnitOfWork, query: str, *, before: int, most: int, extended: bool = False) -> int:
    """How many those are; counting ends behind ``most``.

    :raises BadRequest: ``invalid_query_string`` for a query that there is not.
    """
    found = narrowed(rows, select(User.user_id), query, before=before, extended=extended).limit(most + 1)
    return int(rows.scalar(select(func.count()).select_from(found.subquery())) or 0)


def narrowed(
    rows: UnitOfWork, statement: Select[Any], query: str, *, before: int, extended: bool = False
) -> Select[Any]:
    """``statement`` about users, with the condition of a query.

    :raises BadRequest: ``invalid_query_string`` for a query that there is not.
    """
    wanted: list[ColumnElement[bool]] = [User.tenant_id == rows.tenant_id, User.created_at <= before]
    if query:
        wanted.append(condition(query, rows.tenant_id, extended=extended))
    return statement.where(*wanted)
