"""Databases that worlds start from. Each is furnished once in a session, since keys and migrations take their time, and
copied for every test: a file on SQLite, ``CREATE DATABASE ... TEMPLATE`` on Postgres.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from idp.applications.clients import client_grants, stored
from idp.applications.clients import service as clients
from idp.applications.resource_servers import service as apis
from idp.directory.connections import service as connections
from idp.foundation.db import migrate
from idp.foundation.settings import Settings
from idp.foundation.tenancy.work import Platform
from idp.management.operations import management_scopes
from idp.operations import installation
from idp.operations.installation.tenant import DEFAULT_TENANT, MANAGEMENT_API
from idp.tenant.keys import service as keys
from idp.tenant.settings import service as tenants
from tests.counterparts.pgbouncer import PrivatePgBouncer
from tests.counterparts.postgres import PrivatePostgres

TENANT = DEFAULT_TENANT
ISSUER = "https://id.example.test/"
HOST = "id.example.test"
AUDIENCE = f"{ISSUER}api/v2/"
OTHER_TENANT = "acme"
OTHER_ISSUER = "https://acme.example.test/"
SECRET_KEY = "a master key of the tests that is long enough"
CONNECTION = "Username-Password-Authentication"

Installed = dict[str, Any]
"""What ``idp init`` says: ``issuer``, ``management``, ``connection``; :data:`TWO_TENANTS` has the second tenant's under
``other``.
"""


def settings_for(database_url: str, var: Path, **environment: str) -> Settings:
    """Settings of a tenant under TLS in development; ``var`` takes what development keeps in files."""
    base = {"DATABASE_URL": database_url, "IDP_PUBLIC_URL": ISSUER, "IDP_SECRET_KEY": SECRET_KEY}
    return replace(Settings.from_env({**base, **environment}), var=var)


@dataclass(frozen=True)
class Template:
    """A way to furnish an empty database. ``environment`` are settings of the process that does it."""

    name: str
    furnish: Callable[[Platform], Installed]
    environment: tuple[tuple[str, str], ...] = ()


def _two_tenants(platform: Platform) -> Installed:
    installed = installation.install(platform)
    return {**installed, "other": installation.create_tenant(platform, OTHER_TENANT, OTHER_ISSUER)}


def _bare(platform: Platform) -> Installed:
    migrate.upgrade(platform.settings.database_url)
    issuer = platform.settings.public_url
    with platform.db.system_session() as session:
        tenants.create(session, TENANT, issuer, is_default=True)
    with platform.work(TENANT, orm=True) as work, work.transaction():
        keys.ensure(work)
        scopes = [{"value": scope} for scope in management_scopes()]
        audience = f"{issuer}api/v2/"
        apis.create(work, {"identifier": audience, "name": MANAGEMENT_API, "scopes": scopes}, is_system=True)
        clients.ensure_global(work)
        machine = clients.create(work, {"name": "Machine", "app_type": "non_interactive"})
        options = {"passwordPolicy": "low"}
        members = {"name": CONNECTION, "strategy": "auth0", "enabled_clients": [machine.client_id], "options": options}
        connection = connections.create(work, members)
        client_grants.create(work, machine.client_id, audience, list(management_scopes()))
        secret = stored.secret(work, machine.client_id, machine.secret_sealed)
        return {
            "issuer": issuer,
            "management": {"client_id": machine.client_id, "client_secret": secret, "audience": audience},
            "connection": {"id": connection.id, "name": CONNECTION},
        }


INSTALLED = Template("installed", installation.install)
"""As ``idp init`` leaves it: administrator and development samples included."""
TWO_TENANTS = Template("two-tenants", _two_tenants)
"""The same with a second tenant."""
BARE = Template("bare", _bare)
"""A tenant with one machine that may do everything and a database connection without demands: what a test counts, it
made itself.
"""
EMPTY = Template("empty", lambda _platform: {"issuer": ISSUER})
"""Nothing, not even tables."""
PLAIN_HTTP = Template("plain-http", installation.install, (("IDP_PUBLIC_URL", "http://localhost:8000/"),))
"""As ``idp init`` leaves it on a developer's machine."""
BELOW = "https://id.example.test/auth/"
BELOW_A_PATH = Template("below-a-path", installation.install, (("IDP_PUBLIC_URL", BELOW),))
"""As ``idp init`` leaves it, at an address with a path."""


def _two_below_paths(platform: Platform) -> Installed:
    installed = installation.install(platform)
    return {
        **installed,
        "other": installation.create_tenant(platform, OTHER_TENANT, "https://id.example.test/acme/eu/"),
    }


TWO_BELOW_PATHS = Template("two-below-paths", _two_below_paths, (("IDP_PUBLIC_URL", BELOW),))
"""Two tenants of one host, below different paths."""
PRODUCTION = Template("production", installation.install, (("IDP_ENV", "production"),))
"""As ``idp init`` leaves it where nothing is made for developers."""


class Databases:
    """The furnished databases of one session, and copies of them."""

    def __init__(
        self, folder: Path, postgres: Callable[[], PrivatePostgres], pgbouncer: Callable[[], PrivatePgBouncer]
    ) -> None:
        self._folder = folder
        self._postgres = postgres
        self._pgbouncer = pgbouncer
        self._furnished: dict[tuple[str, str], tuple[str, Installed]] = {}
        self._numbers = count(1)

    def copy(self, template: Template, store: str, folder: Path) -> tuple[str, Installed]:
        """A database of its own, ``sqlite`` below ``folder``, ``postgresql``, or ``pgbouncer``: that through a pooler;
        answers its URL and what is in it.
        """
        kind = "sqlite" if store == "sqlite" else "postgresql"
        if (template.name, kind) not in self._furnished:
            self._furnished[template.name, kind] = self._furnish(template, kind)
        origin, installed = self._furnished[template.name, kind]
        for kept in (self._folder / template.name).glob("*.json"):  # passwords that development keeps
            shutil.copy(kept, folder)
        if store == "sqlite":
            shutil.copy(origin, folder / "idp.db")
            return f"sqlite:///{folder / 'idp.db'}", installed
        name = f"copy_{os.getpid()}_{next(self._numbers)}"
        url = self._postgres().copy_database(origin, name)
        return self._pgbouncer().url(name) if store == "pgbouncer" else url, installed

    def drop(self, url: str) -> None:
        """A copy is done with; a file goes with its folder."""
        if url.startswith("postgres"):
            self._postgres().drop_database(url.partition("?")[0].rpartition("/")[2])

    def _furnish(self, template: Template, store: str) -> tuple[str, Installed]:
        folder = self._folder / template.name
        folder.mkdir(exist_ok=True)
        file = folder / "idp.db"
        url = f"sqlite:///{file}" if store == "sqlite" else self._postgres().create_database()
        platform = Platform.open(settings_for(url, folder, **dict(template.environment)))
        file.touch()
        try:
            installed = template.furnish(platform)
        finally:
            platform.db.dispose()
        return str(file) if store == "sqlite" else url.rpartition("/")[2], installed
