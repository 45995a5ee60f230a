"""What connectors may have run for a tenant: scripts, and statements in databases of others."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.contract import AlreadyExists, ConnectorError
from connectors.directories import ScriptAnswer, ScriptError, SqlAnswer
from idp.foundation.egress import EgressError, sql
from idp.foundation.scripts import SECONDS, Script
from idp.foundation.tenancy.work import Work

_NAME = re.compile(r"(?<![:\w]):([A-Za-z_][A-Za-z0-9_]*)")


class Runner:
    """See :class:`connectors.directories.ScriptRunner`. Scripts of one connection have one ``global``."""

    def __init__(self, work: Work, connection_id: str, *, seconds: float = SECONDS) -> None:
        self._work, self._owner, self._seconds = work, f"{work.tenant_id}/{connection_id}", seconds

    def run(self, source: str, entry: str, args: Sequence[Any], configuration: Mapping[str, str]) -> ScriptAnswer:
        """See :class:`connectors.directories.ScriptRunner`."""
        from idp.foundation.scripts.surroundings import Scripts

        script = Script(source=source, entry=entry, args=args, owner=self._owner, configuration=configuration)
        outcome = Scripts(self._work.platform.settings).run(script, seconds=self._seconds)
        thrown = outcome.thrown
        return ScriptAnswer(
            outcome.value,
            ScriptError(thrown.name, thrown.message, thrown.code, thrown.user) if thrown else None,
            outcome.failed,
            outcome.detail,
            outcome.console,
        )


class Sql:
    """See :class:`connectors.directories.SqlClient`: a connection for each statement."""

    def __init__(self, work: Work) -> None:
        self._settings = work.platform.settings

    def query(self, url: str, statement: str, values: Mapping[str, Any]) -> SqlAnswer:
        """See :class:`connectors.directories.SqlClient`."""
        try:
            place = sql.place_of(url)
            written, bound = numbered(statement, values, place.kind)
            database = sql.open_database(self._settings, place)
            try:
                found = database.query(written, bound)
            finally:
                database.close()
        except sql.SqlError as error:
            if error.code in sql.TAKEN:
                raise AlreadyExists("email") from error
            raise ConnectorError("auth0_idp_error", "The database refused.", detail=str(error)) from error
        except EgressError as error:
            raise ConnectorError(
                "temporarily_unavailable", "The database does not answer.", detail=str(error)
            ) from error
        return SqlAnswer(found.rows, found.count)


def numbered(statement: str, values: Mapping[str, Any], kind: sql.Kind) -> tuple[str, list[Any]]:
    """The statement with the driver's marks in place of ``:name``, and the values in their order.

    :raises EgressError: it names a value that there is none of.
    """
    bound: list[Any] = []

    def mark(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in values:
            raise sql.SqlError(f"there is no value :{name}; there are {', '.join(sorted(values))}")
        bound.append(values[name])
        return f"${len(bound)}" if kind == "postgresql" else "?"

    written = "".join(text if inside else _NAME.sub(mark, text) for text, inside in sql.pieces(statement, kind))
    return written, bound
