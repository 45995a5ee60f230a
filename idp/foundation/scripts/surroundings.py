"""The calls that scripts make to elsewhere: HTTP and SQL, through the guard of every outbound call."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from idp.foundation import egress
from idp.foundation.db.slow_work import slow_work
from idp.foundation.egress import mongo, sql
from idp.foundation.egress.guard import EgressError
from idp.foundation.scripts import SECONDS, Outcome, Script
from idp.foundation.scripts.pool import Pool, pool
from idp.foundation.settings import Settings

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
MOST_DATABASES = 4
"""Connections that one run has open at a time."""
MOST_HEADERS = 64
BODY_BYTES = 1_000_000
HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_HOPS = frozenset({"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"})


class Surroundings:
    """Of one run; ``close`` ends what it left open."""

    def __init__(self, settings: Settings, seconds: float) -> None:
        self._settings = settings
        self._ends = time.monotonic() + seconds
        self._databases: dict[int, sql.Database | mongo.Mongo] = {}
        self._last = 0
        self._calls: Mapping[str, Callable[[Any], Any]] = {
            "http": self._http,
            "sql.open": self._open,
            "sql.query": self._query,
            "sql.close": self._close,
            "mongo.open": self._open_mongo,
            "mongo.command": self._command,
        }

    def answer(self, name: str, request: Any) -> Any:
        """See :data:`idp.foundation.scripts.pool.Answer`."""
        made = self._calls.get(name)
        if made is None:
            raise ValueError("there is no such call")
        try:
            return made(request)
        except (EgressError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(str(error)[:500] or "a call that is none") from error

    def close(self) -> None:
        """End every connection that is left."""
        for each in self._databases.values():
            each.close()
        self._databases.clear()

    def _left(self) -> float:
        return max(0.1, self._ends - time.monotonic())

    def _http(self, request: Any) -> dict[str, Any]:
        method, url = str(request["method"]), str(request["url"])
        if method not in METHODS:
            raise ValueError(f"the method {method[:20]} is not called")
        headers = {str(name): str(value) for name, value in dict(request.get("headers") or {}).items()}
        if len(headers) > MOST_HEADERS:
            raise ValueError("too many headers")
        for name, value in headers.items():
            if not HEADER.fullmatch(name) or name.lower() in _HOPS or not value.isprintable() or not value.isascii():
                raise ValueError(f"the header {name[:60]!r} cannot be sent")
        body = base64.b64decode(str(request["body"])) if request.get("body") is not None else None
        if body is not None and len(body) > BODY_BYTES:
            raise ValueError("the body is too large")
        found = egress.call(self._settings, method, url, headers=headers, body=body, seconds=self._left())
        return {
            "status": found.status,
            "headers": dict(found.headers),
            "body": base64.b64encode(found.body).decode(),
        }

    def _open(self, request: Any) -> int:
        self._check_room()
        seconds = min(sql.TOTAL_S, self._left())
        return self._kept(sql.open_database(self._settings, _place(request), seconds=seconds))

    def _open_mongo(self, request: Any) -> int:
        self._check_room()
        seconds = min(mongo.TOTAL_S, self._left())
        return self._kept(mongo.open_database(self._settings, mongo.place_of(str(request["url"])), seconds=seconds))

    def _check_room(self) -> None:
        if len(self._databases) >= MOST_DATABASES:
            raise ValueError("too many connections in one run")

    def _kept(self, database: sql.Database | mongo.Mongo) -> int:
        self._last += 1
        self._databases[self._last] = database
        return self._last

    def _command(self, request: Any) -> dict[str, Any]:
        """What the server answers, or its refusal, which has a number that scripts ask for."""
        database = self._databases.get(int(request["id"]))
        if database is None or not isinstance(database, mongo.Mongo):
            raise ValueError("the connection is closed")
        try:
            return {"said": database.command(str(request["database"]), str(request["command"]))}
        except mongo.MongoError as error:
            return {"refused": {"message": str(error), "code": error.code}}

    def _query(self, request: Any) -> dict[str, Any]:
        database = self._databases.get(int(request["id"]))
        if database is None or isinstance(database, mongo.Mongo):
            raise ValueError("the connection is closed")
        values = [
            base64.b64decode(v["bytes"]) if isinstance(v, dict) and "bytes" in v else v for v in request["values"]
        ]
        found = database.query(str(request["text"]), values)
        rows = [{name: _sent(value) for name, value in row.items()} for row in found.rows]
        fields = [{"name": name} for name in found.fields]
        return {"rows": rows, "fields": fields, "rowCount": found.count, "insertId": found.last_id}

    def _close(self, request: Any) -> None:
        database = self._databases.pop(int(request), None)
        if database is not None:
            database.close()


def _sent(value: Any) -> Any:
    return {"$bytes": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _place(request: Any) -> sql.Place:
    kind = request["kind"]
    if request.get("connectionString"):
        found = sql.place_of(str(request["connectionString"]))
        if found.kind != kind:
            raise ValueError("that is the URL of another kind of database")
        return found
    return sql.Place(
        kind=kind,
        host=str(request.get("host") or "localhost"),
        port=int(request.get("port") or sql.PORTS[kind]),
        user=str(request.get("user") or ""),
        password=str(request.get("password") or ""),
        database=str(request.get("database") or ""),
        tls=request.get("ssl"),
        verify=bool(request.get("verify", True)),
    )


class Scripts:
    """:class:`idp.foundation.scripts.ScriptRuntime` over the pool of this process."""

    def __init__(self, settings: Settings, workers: Pool = pool) -> None:
        self._settings, self._pool = settings, workers

    def run(self, script: Script, *, seconds: float = SECONDS) -> Outcome:
        """See :class:`idp.foundation.scripts.ScriptRuntime`. Refuses to begin inside a transaction."""
        around = Surroundings(self._settings, seconds)
        with slow_work("a script"):
            try:
                return self._pool.run(script, around.answer, seconds)
            finally:
                around.close()
