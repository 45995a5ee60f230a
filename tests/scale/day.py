"""A day of sign-ins, as people and applications have them, and what is left of it: the clock is moved, everything else
is the product's own (pages, endpoints, purges).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import text

from idp.foundation.db.schema import metadata
from idp.foundation.kernel import clock
from idp.processes import purges
from idp.tenant.audit import log
from tests.world.application import Application, Tokens
from tests.world.browser import Browser
from tests.world.world import Person, World

HOUR_S = 3_600
DAY_S = 24 * HOUR_S
SCOPE = "openid profile email offline_access"
LATER: Mapping[str, int] = {"3 hours": 3 * HOUR_S, "2 days": 2 * DAY_S, "8 days": 8 * DAY_S, "65 days": 65 * DAY_S}
"""When it is looked at what is left, in seconds after the day."""
STAYS = frozenset(
    {"users", "identities", "database_accounts", "user_activity", "user_counts", "log_positions", "token_keys"}
)
"""Tables that have what the day's people are, and not what they did."""
EXPIRING = {
    "rotation_type": "rotating",
    "expiration_type": "expiring",
    "token_lifetime": 30 * DAY_S,
    "idle_token_lifetime": 15 * DAY_S,
    "leeway": 0,
}
"""Refresh tokens that end."""
Say = Callable[[str], None]


class Moves(Protocol):
    """Moves the time of this process."""

    def move_to(self, moment: float) -> None:
        """To so many seconds since the epoch."""


@dataclass
class Day:
    """A day in which ``sign_ins`` of ``people`` happen, evenly."""

    world: World
    moves: Moves
    sign_ins: int
    people: int
    begun: int = field(default_factory=clock.now)
    app: Application = field(init=False)
    persons: list[Person] = field(init=False)
    there: dict[int, tuple[Browser, Tokens]] = field(default_factory=dict)
    """Each person's browser and last tokens."""

    def __post_init__(self) -> None:
        self.app = self.world.client(grant_types=["authorization_code", "refresh_token"], refresh_token=EXPIRING)
        self.persons = [self.world.user(f"day-{number}@example.com") for number in range(self.people)]

    def live(self, say: Say = lambda _line: None) -> None:
        """All of them, with a purge each hour, as a worker would have made six."""
        hour = 0
        for number in range(self.sign_ins):
            at = number * DAY_S // self.sign_ins
            self.moves.move_to(self.begun + at)
            if at // HOUR_S > hour:
                hour = at // HOUR_S
                purge(self.world)
                say(f"{hour:>2} h, {number:,} sign-ins")
            self._sign_in(number)

    def _sign_in(self, number: int) -> None:
        """One in four has no session and writes the password, and one of these mistypes it first; one in four comes
        back for a refresh token, one in ten leaves the page as it is, one in fifty signs out.
        """
        whose = number * 7 % self.people
        person, known = self.persons[whose], self.there.get(whose)
        if known is None or number % 4 == 0:
            browser = self.world.browser(address=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")
            if number % 16 == 0:
                self.app.begin(browser)
                browser.submit(username=person.email, password=f"not {person.password}")
            tokens = self.app.sign_in(browser, person, scope=SCOPE)
        else:
            browser = known[0]
            attempt = self.app.begin(browser, scope=SCOPE, prompt="none")
            tokens = attempt.tokens(browser.answer)
        if number % 4 == 1:
            tokens = tokens.refreshed()
        if number % 10 == 3:
            self.app.begin(self.world.browser(address=browser.address))
        self.there[whose] = browser, tokens
        if number % 50 == 49:
            browser.open(f"/oidc/logout?client_id={self.app.client_id}&id_token_hint={tokens.id_token}")
            del self.there[whose]

    def left(self) -> Iterator[tuple[str, dict[str, int]]]:
        """What is left after each of :data:`LATER`: rows by table."""
        for name, seconds in LATER.items():
            self.moves.move_to(self.begun + DAY_S + seconds)
            purge(self.world)
            yield name, rows(self.world)


def purge(world: World) -> None:
    """What the worker deletes by now."""
    log.batch.flush()
    world.work()
    stop = threading.Event()
    purges.purge(world.platform.db, stop)
    names = purges.tenants(world.platform)
    purges.retain(world.platform, names, stop)
    purges.keep_up(world.platform, names, stop)


def rows(world: World) -> dict[str, int]:
    """How many rows each table has."""
    log.batch.flush()
    with world.platform.db.engine.connect() as connection:
        return {
            table.name: int(connection.execute(text(f'SELECT count(*) FROM "{table.name}"')).scalar_one())
            for table in metadata().sorted_tables
        }


def grown(before: Mapping[str, int], now: Mapping[str, int]) -> dict[str, int]:
    """Tables with more rows than before, and how many more; without people themselves."""
    return {name: now[name] - before[name] for name in now if now[name] > before[name] and name not in STAYS}
