"""The same calls on a small crowd and on a large one, side by side."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import requests

from idp.tenant.audit.log import PER_MS, log_id
from tests.counterparts.postgres import PrivatePostgres
from tests.counterparts.product import Product, product_environment, start_product
from tests.scale.load import Figures, measure
from tests.scale.samples import APPLICATIONS
from tests.scale.workloads import Target, workloads

KEY = "a master key of the scale bench that is long enough"
PER_USER = {"sessions": 0.3, "tokens": 0.6, "logs": 1.0}
"""Rows of each kind for each user."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """``sizes`` are users, the smallest first; ``only`` are names of workloads, or parts of them."""

    store: str
    sizes: Sequence[int]
    callers: Sequence[int]
    seconds: float
    only: Sequence[str] = ()


Results = dict[str, dict[tuple[int, int], Figures]]
"""By workload, then by (users, callers)."""


def bench(plan: Plan, say: Say) -> Results:
    """Measure everything, on a private database of that kind that is gone afterwards."""
    results: Results = {}
    with tempfile.TemporaryDirectory(prefix="idp-scale-") as home, _database(plan.store, Path(home)) as (url, server):
        environment = {"DATABASE_URL": url, "IDP_SECRET_KEY": KEY, "WEB_CONCURRENCY": "2"}
        there = 0
        for users in plan.sizes:
            _fill(Path(home), environment, users - there)
            there = users
            product = start_product(Path(home), command="serve", env=environment)
            try:
                _measure(plan, product, server.program.pid if server else None, users, results, say)
            finally:
                product.stop()
    return results


def measure_there(database_url: str, secret_key: str, users: int, plan: Plan, say: Say) -> Results:
    """Measure on a database that is filled already, with ``users`` of the crowd in it."""
    results: Results = {}
    with tempfile.TemporaryDirectory(prefix="idp-scale-") as home:
        environment = {"DATABASE_URL": database_url, "IDP_SECRET_KEY": secret_key, "WEB_CONCURRENCY": "2"}
        product = start_product(Path(home), command="serve", env=environment)
        try:
            _measure(plan, product, postmaster(database_url), users, results, say)
        finally:
            product.stop()
    return results


def postmaster(database_url: str) -> int | None:
    """The process id of a Postgres of this machine."""
    if not database_url.startswith("postgres"):
        return None
    with psycopg.connect(database_url) as connection:
        (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    file = Path(folder) / "postmaster.pid"
    return int(file.read_text(encoding="utf-8").splitlines()[0]) if file.is_file() else None


def table(results: Results) -> Iterator[str]:
    """The results as rows of Markdown: p50 / p95 in ms and CPU ms per call (product + database); the last column is
    how many times the smallest crowd's p50 the largest one's is, for one caller.
    """
    columns = sorted({each for figures in results.values() for each in figures})
    heads = [f"{users:,} users, {callers} caller{'s' if callers > 1 else ''}" for users, callers in columns]
    yield f"| | {' | '.join(heads)} | ratio |"
    yield "|---" * (len(heads) + 2) + "|"
    for name, figures in results.items():
        cells = [_cell(figures[each]) if each in figures else "-" for each in columns]
        ends = [
            figures[each].p50
            for each in (columns[0], *(c for c in columns if c[1] == columns[0][1]))
            if each in figures
        ]
        ratio = f"{ends[-1] / ends[0]:.1f}" if len(ends) > 1 else "-"
        yield f"| {name} | {' | '.join(cells)} | {ratio} |"


def save(results: Results, file: Path) -> None:
    """All figures as JSON."""
    flat = [
        {"workload": name, "users": users, "callers": callers, **asdict(figures)}
        for name, rows in results.items()
        for (users, callers), figures in rows.items()
    ]
    file.write_text(json.dumps(flat, indent=1), encoding="utf-8")


def _cell(figures: Figures) -> str:
    refused = f", {figures.refused} of {figures.calls} refused" if figures.refused else ""
    return f"{figures.p50:.1f} / {figures.p95:.1f} ({figures.product:.1f} + {figures.database:.1f}{refused})"


def _measure(plan: Plan, product: Product, database: int | None, users: int, results: Results, say: Say) -> None:
    target = _target(product, users)
    for workload in workloads(target):
        if plan.only and not any(part in workload.name for part in plan.only):
            continue
        for callers in plan.callers:
            figures = measure(
                product.base_url,
                workload,
                callers=callers,
                seconds=plan.seconds,
                product=product.program.pid,
                database=database,
            )
            results.setdefault(workload.name, {})[users, callers] = figures
            say(f"{users:>9,} users, {callers} callers  {workload.name:<26} {_cell(figures)}")


def _target(product: Product, users: int) -> Target:
    management = product.management()
    (client,) = [each for each in _clients(management) if each["name"] == APPLICATIONS[0]]
    moment = datetime.now(UTC) - timedelta(days=14)
    return Target(
        base_url=product.base_url,
        token=management.token(),
        people=users,
        client_id=client["client_id"],
        client_secret=client["client_secret"],
        middle=log_id(int(moment.timestamp() * 1000) * PER_MS),
        day=moment.strftime("%Y-%m-%d"),
    )


def _clients(management: Any) -> list[dict[str, Any]]:
    answer = requests.get(
        f"{management.base_url}/api/v2/clients",
        params={"per_page": "100"},
        headers={"Authorization": f"Bearer {management.token()}"},
        timeout=20,
    )
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()
    return found


def _fill(home: Path, environment: Mapping[str, str], users: int) -> None:
    amounts = [f"--users={users}", *(f"--{kind}={int(users * each)}" for kind, each in PER_USER.items())]
    # the installation must have its address before anything is made that depends on it
    subprocess.run(
        [sys.executable, "-m", "tests.scale", "fill", *amounts],
        cwd=home,
        env=product_environment(**environment),
        check=True,
    )


@contextmanager
def _database(store: str, home: Path) -> Iterator[tuple[str, PrivatePostgres | None]]:
    if store == "sqlite":
        yield f"sqlite:///{home}/idp.db", None
        return
    server = PrivatePostgres.start(durable=True)
    try:
        yield server.create_database(), server
    finally:
        server.stop()
