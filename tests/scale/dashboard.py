"""What pages of the dashboard cost with a crowd in the database: CPU here and in Postgres, and statements."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from idp.admin.desk import pages
from idp.admin.navigation import resources
from idp.foundation.kernel.actor import CLI, Actor
from idp.foundation.kernel.secrets import digest
from idp.management.limits import Limiter
from idp.tenant.members import service as members
from tests.scale.load import cpu_ms
from tests.scale.people import email, person
from tests.world.browser import Browser
from tests.world.counting import statements
from tests.world.world import World

USERS, LOGS = "/admin/users", "/admin/monitoring/logs"
TABS = (
    "",
    "metadata",
    "authentication",
    "sessions",
    "devices",
    "applications",
    "roles",
    "permissions",
    "raw",
    "history",
)
MOST_STATEMENTS = 6


@dataclass(frozen=True)
class Cost:
    """One page: CPU in ms of each of its views, the most statements of one, and the rows it answered."""

    name: str
    ours: Sequence[float]
    store: Sequence[float]
    statements: int
    status: int

    @property
    def p95(self) -> float:
        """Both together, of the slowest twentieth the quickest."""
        both = sorted(a + b for a, b in zip(self.ours, self.store, strict=True))
        return both[min(len(both) - 1, int(len(both) * 0.95))]

    def line(self) -> str:
        """As a row of Markdown."""
        ours, store = statistics.median(self.ours), statistics.median(self.store)
        return f"| {self.name} | {ours:.1f} + {store:.1f} | {self.p95:.1f} | {self.statements} |"


def administrator(world: World) -> Browser:
    """Somebody who administers, signed in."""
    pages.LIMITER = Limiter(lambda: 0.0, enforced=False)
    address = f"desk-{digest(str(time.time_ns()))[:8]}@example.com"
    owner = world.user(address)
    with world.platform.work(world.tenant, actor=Actor(channel=CLI), orm=True) as work, work.transaction():
        members.add(work, owner.user_id, ("Owner",))
    browser = world.browser()
    browser.open("/admin")
    browser.submit(username=owner.email, password=owner.password)
    if browser.path != "/admin":
        raise RuntimeError(f"nobody could sign in: {browser.path}")
    return browser


def addresses(world: World, people: int) -> Iterator[tuple[str, Callable[[int], str]]]:
    """Names of pages, and the address of each view of one by its number."""

    def of(number: int) -> int:
        return number * 7919 % people

    def listed(path: str, **query: str) -> str:
        return f"{path}?{urlencode(query)}" if query else path

    yield "users", lambda _: USERS
    yield "users, page far behind", lambda number: listed(USERS, after=_place(number))
    for sort in ("name", "-name", "email", "last_login", "-logins_count", "created_at"):
        yield f"users by {sort}", lambda _, sort=sort: listed(USERS, sort=sort)
    for name, chosen in (("blocked", "true"), ("blocked", "false"), ("email_verified", "false")):
        yield f"users, {name} {chosen}", lambda _, name=name, chosen=chosen: listed(USERS, **{name: chosen})
        yield (
            f"users, {name} {chosen} by name",
            lambda _, name=name, chosen=chosen: listed(USERS, sort="name", **{name: chosen}),
        )
    yield "users, email_verified false by -email", lambda _: listed(USERS, sort="-email", email_verified="false")
    yield "users, exact address", lambda n: listed(USERS, q=f'email:"{email(of(n))}"')
    yield "users, prefix of an address", lambda n: listed(USERS, q=f"email:{email(of(n))[:6]}*")
    yield "users, exact name", lambda n: listed(USERS, q=f'name:"{person(of(n)).given} {person(of(n)).family}"')
    yield "users, bare word", lambda n: listed(USERS, q=person(of(n)).family)
    yield "users, part of a name by name", lambda n: listed(USERS, q=f"name:*{person(of(n)).family[1:5]}*", sort="name")
    yield "users, metadata", lambda _: listed(USERS, q="user_metadata.plan:gold OR app_metadata.plan:gold")
    yield "users, none", lambda n: listed(USERS, q=f"email:nobody{n}")
    for tab in TABS:
        yield f"a user, {tab or 'details'}", lambda n, tab=tab: _user(world, of(n)) + (f"/{tab}" if tab else "")
    yield "logs", lambda _: LOGS
    for kind in ("logins", "failures", "signups", "changes", "administrators"):
        yield f"logs, {kind}", lambda _, kind=kind: listed(LOGS, kind=kind)
    yield "logs of a user", lambda n: listed(LOGS, q=f'user_id:"{_user_id(world, of(n))}"')
    yield "logs of an address", lambda n: listed(LOGS, q=f'ip:"{person(of(n)).ip}"')
    yield "logs, bare word", lambda n: listed(LOGS, q=person(of(n)).family)
    yield "logs, none", lambda n: listed(LOGS, q=f"nobody{n}")
    yield "logs, part of a name", lambda n: listed(LOGS, q=f"user_name:*{person(of(n)).family[1:5]}*")
    yield "logs, part of a name, none", lambda n: listed(LOGS, q=f"user_name:*nobody{n}*")
    yield "logs, part of a name or a word", lambda n: listed(LOGS, q=f"user_name:*nobody{n}* OR description:nobody")
    yield "an entry", lambda _: f"{LOGS}/{world_entry(world)}"
    yield "overview", lambda _: "/admin"
    yield "search, address", lambda n: listed("/admin/search", q=email(of(n)))
    yield "search, word", lambda n: listed("/admin/search", q=person(of(n)).family)
    yield "a mail", lambda _: "/admin/branding/mails/verify_email"


def whole(browser: Browser) -> Iterator[tuple[str, Callable[[int], str]]]:
    """The first page of every other resource, and each tab of the first object of its list."""

    def always(address: str) -> Callable[[int], str]:
        return lambda _: address

    for resource in resources():
        path = f"/admin/{resource.group}/{resource.name}"
        if path in (USERS, LOGS):
            continue
        yield path.removeprefix("/admin/"), always(path)
        if resource.listing is None:
            continue
        browser.open(path, site="same-origin")
        first = next(iter(re.findall(r'<a class="to" href="([^"?]+)', browser.shown.html)), "")
        if not first:
            continue
        browser.open(first, site="same-origin")
        shown = set(re.findall(r'<li><a href="([^"?]+)[^>]* id="tab-', browser.shown.html))
        for tab in sorted(shown):
            yield f"{path.removeprefix('/admin/')}, {tab.removeprefix(first).strip('/') or 'first tab'}", always(tab)


def measure(world: World, people: int, times: int, store: int | None, only: Sequence[str] = ()) -> Iterator[Cost]:
    """Every page, each ``times`` times after once; ``store`` is Postgres' process."""
    browser = administrator(world)
    for name, address in (*addresses(world, people), *whole(browser)):
        if only and not any(part in name for part in only):
            continue
        wanted = [address(number) for number in range(times + 1)]
        for _ in range(2):  # what is remembered of the configuration is read by the first
            browser.open(wanted[0], site="same-origin")
        ours, theirs, most, status = [], [], 0, 0
        for where in wanted[1:]:
            with statements(world.platform) as ran:
                before, there = time.process_time(), cpu_ms(store)
                browser.open(where, site="same-origin")
                ours.append((time.process_time() - before) * 1000)
                theirs.append(cpu_ms(store) - there)
            most, status = max(most, len(ran)), browser.status
        yield Cost(name, ours, theirs, most, status)


def _place(number: int) -> str:
    from idp.foundation.apikit import cursor

    return cursor.encode((1_700_000_000_000 + number * 86_400_000, "auth0|5"))


def _user_id(world: World, number: int) -> str:
    with world.platform.work(world.tenant, orm=True) as work:
        from sqlalchemy import select

        from idp.directory.users.models import User

        found = work.rows.scalar(select(User.user_id).where(User.email == email(number)))
    return str(found or "auth0|nobody")


def _user(world: World, number: int) -> str:
    return f"{USERS}/{quote(_user_id(world, number), safe='')}"


def world_entry(world: World) -> str:
    """The id of an entry of the log."""
    with world.platform.work(world.tenant, orm=True) as work:
        from sqlalchemy import select

        from idp.tenant.audit.models import LogEntry

        return str(work.rows.scalar(select(LogEntry.log_id).order_by(LogEntry.log_id.desc()).offset(200).limit(1)))
