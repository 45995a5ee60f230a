"""What the product itself writes when somebody signs in, once: patterns of the rows that are written many times.

Nothing here says what a session, a token or a log entry looks like. Somebody signs up and in through the pages, comes
back silently, refreshes a token, mistypes the password; whatever rows that leaves are the patterns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, Text, select, type_coerce

from idp.applications.clients import stored
from idp.applications.clients.models import Client
from idp.directory.connections import service as connections
from idp.foundation.db.base import JSONText
from idp.foundation.kernel import clock
from idp.protocol.tokens.models import Authorization, Token
from idp.signin.sessions.models import Session, SessionClient
from idp.tenant.audit import log
from idp.tenant.audit.models import LogEntry
from tests.scale.pattern import Pattern
from tests.scale.people import CONNECTIONS, CORPORATE
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.world import CALLBACK, PASSWORD, World

ADDRESS = "198.51.100.77"
APPLICATIONS = tuple(f"Scale {number}" for number in range(1, 6))
SCOPE = "openid profile email offline_access"
WEIGHTS: Mapping[str, int] = {"seacft": 34, "ssa": 20, "s": 17, "sertft": 16, "fp": 6, "seccft": 4, "ss": 2, "sapi": 1}
"""Of a hundred log entries, how many are of each type."""
FAMILY = (Authorization.__table__, Token.__table__)
PER_SIGN_IN = (Session.__table__, SessionClient.__table__, *FAMILY)


@dataclass(frozen=True)
class Samples:
    """The patterns. ``sign_in`` are the rows of one sign-in, ``silent`` those of a further family of its session,
    ``logs`` one entry of each type of :data:`WEIGHTS`; ``clients`` are ids of applications. ``moment`` is when all of
    this happened (ms).
    """

    sign_in: tuple[Pattern, ...]
    silent: tuple[Pattern, ...]
    logs: Mapping[str, Pattern]
    clients: tuple[str, ...]
    moment: int


def take(world: World) -> Samples:
    """Have the product write everything once."""
    clients = [_application(world, name) for name in APPLICATIONS]
    app, moment, browser = clients[0], clock.now_ms(), world.browser(address=ADDRESS)
    email = f"sample.{moment}@example.com"
    tokens = _signed_up(app, browser, email)
    user_id = str(tokens.id_claims["sub"])
    known = {
        "user_id": user_id,
        "account_id": user_id.partition("|")[2],
        "local": email.partition("@")[0],
        "session_id": str(tokens.id_claims["sid"]),
        "email": email,
        "ip": ADDRESS,
        "client_id": app.client_id,
    }
    sign_in = tuple(_patterns(world, known, PER_SIGN_IN))
    tokens.refreshed()
    before = {row[_key(table)] for table in FAMILY for row in _rows(world, table, known)}
    silent = app.attempt(scope=SCOPE, prompt="none")
    silent.tokens(browser.open(silent.url, site="cross-site").answer)
    further = tuple(_patterns(world, known, FAMILY, but=before))
    logs = _entries(world, app, known, moment)
    return Samples(sign_in, further, logs, tuple(each.client_id for each in clients), moment)


OPTIONS = {
    CORPORATE: {
        "client_id": "crowd",
        "client_secret": "nobody asks there",
        "issuer": "https://idp.corporate.example/",
        "authorization_endpoint": "https://idp.corporate.example/authorize",
        "token_endpoint": "https://idp.corporate.example/token",
        "jwks_uri": "https://idp.corporate.example/keys",
    }
}
"""What connections of the crowd cannot be made without."""


def connection_ids(world: World) -> dict[str, str]:
    """Ids of the connections that the crowd comes by beside the installed one; those that are missing are made."""
    found = {}
    for source, (name, strategy) in CONNECTIONS.items():
        with world.writing() as work:
            row = connections.by_name(work, name)
            found[source] = (
                row.id
                if row
                else connections.create(
                    work, {"name": name, "strategy": strategy, "options": OPTIONS.get(source, {})}
                ).id
            )
    return found


def _application(world: World, name: str) -> Application:
    with world.writing() as work:
        row = work.rows.scalars(select(Client).where(Client.name == name)).first()
        secret = stored.secret(work, row.client_id, row.secret_sealed) if row else None
    if row is None:
        return world.client(name=name)
    return Application(world, row.client_id, secret, CALLBACK, "client_secret_post")


def _signed_up(app: Application, browser: Browser, email: str) -> Any:
    attempt = app.begin(browser, scope=SCOPE)
    browser.follow("signup-link")
    browser.submit(email=email, password=PASSWORD)
    return attempt.tokens(browser.answer)


def _rows(world: World, table: Table, known: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows about the sample's person, as they are stored: documents are text."""
    about = table.c.user_id == known["user_id"] if "user_id" in table.c else table.c.session_id == known["session_id"]
    return _stored(world, table, about)


def _stored(world: World, table: Table, *where: Any) -> list[dict[str, Any]]:
    columns = [
        type_coerce(column, Text).label(column.name) if isinstance(column.type, JSONText) else column
        for column in table.columns
    ]
    with world.platform.db.engine.connect() as connection:
        found = connection.execute(select(*columns).where(table.c.tenant_id == world.tenant, *where)).mappings()
        return [dict(row) for row in found]


def _key(table: Table) -> str:
    return next(column.name for column in table.primary_key if column.name != "tenant_id")


def _patterns(
    world: World, known: Mapping[str, str], tables: Collection[Table], but: Collection[str] = ()
) -> Iterator[Pattern]:
    """Patterns of the person's rows in ``tables``, ``but`` those with these keys, families before their tokens."""
    names = dict(known)
    for table in tables:
        for row in _rows(world, table, known):
            if row[_key(table)] in but:
                continue
            if table is Authorization.__table__:
                names["family_id"] = row["id"]
            yield Pattern.of(table, row, names)


def _entries(world: World, app: Application, known: Mapping[str, str], moment: int) -> dict[str, Pattern]:
    """One log entry of each type, all but those of the machine about the sample's person."""
    newcomer = world.browser(address=ADDRESS)
    app.begin(newcomer)
    newcomer.submit(username=known["email"], password=f"not {PASSWORD}")
    changed = world.caller().patch(f"/users/{known['user_id']}", json={"app_metadata": {"plan": "free"}})
    assert changed.status_code == 200, changed.get_data(as_text=True)
    world.management()
    log.batch.flush()
    table = LogEntry.__table__
    found = {row["type"]: row for row in _stored(world, table, table.c.date >= moment) if row["type"] in WEIGHTS}
    assert found.keys() == WEIGHTS.keys(), sorted(WEIGHTS.keys() - found.keys())
    return {kind: Pattern.of(table, row, known) for kind, row in found.items()}
