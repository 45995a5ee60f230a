"""A tenant on a temporary SQLite database, and callers of its Management API."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.app import create_app
from idp.applications.clients import client_grants
from idp.applications.clients import service as clients
from idp.applications.resource_servers import service as resource_servers
from idp.directory.connections import service as connections
from idp.foundation.db.schema import metadata
from idp.foundation.kernel import clock, ids
from idp.foundation.settings import Settings
from idp.foundation.tenancy.work import Platform, Work
from idp.management.operations import management_scopes
from idp.tenant.keys import service as keys
from idp.tenant.keys import signer
from idp.tenant.settings import service as tenants

TENANT = "default"
ISSUER = "http://localhost/"
AUDIENCE = f"{ISSUER}api/v2/"
CONNECTION = "Username-Password-Authentication"


@dataclass
class Api:
    """One caller: a token with ``scopes`` and the verbs."""

    world: World
    token: str | None

    def __call__(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return self.world.http.open(f"/api/v2{path}", method=method, headers=headers, **options)

    def get(self, path: str, **query: Any) -> TestResponse:
        return self("GET", path, query_string={name.rstrip("_"): value for name, value in query.items()})

    def post(self, path: str, json: Any = None) -> TestResponse:
        return self("POST", path, json=json)

    def patch(self, path: str, json: Any) -> TestResponse:
        return self("PATCH", path, json=json)

    def put(self, path: str, json: Any = None) -> TestResponse:
        return self("PUT", path, json=json)

    def delete(self, path: str, json: Any = None, **query: Any) -> TestResponse:
        return self("DELETE", path, json=json, query_string=query)


PASSWORD = "correct horse 9 Battery"


@dataclass
class World:
    """The process under test."""

    platform: Platform
    http: FlaskClient
    machine: str

    @contextmanager
    def context(self, tenant: str = TENANT) -> Iterator[Work]:
        with self.platform.db.hot() as hot:
            config = self.platform.configurations.fresh(tenant, hot)
            yield Work(self.platform, config, hot, ip="203.0.113.9", user_agent="tests")

    def token(self, **claims: Any) -> str:
        typ = claims.pop("typ", "at+jwt")
        moment = clock.now()
        base = {
            "iss": ISSUER,
            "sub": f"{self.machine}@clients",
            "aud": AUDIENCE,
            "azp": self.machine,
            "client_id": self.machine,
            "iat": moment,
            "exp": moment + 3600,
            "scope": " ".join(management_scopes()),
            "jti": ids.token(),
        }
        with self.context() as work:
            return signer.sign(work, {**base, **claims}, typ=typ)

    def caller(self, *scopes: str, **claims: Any) -> Api:
        if scopes:
            claims["scope"] = " ".join(scopes)
        return Api(self, self.token(**claims))

    def user(self, user_id: str, *scopes: str) -> Api:
        return self.caller(*scopes, sub=user_id)


MACHINE = "m" * 32


def open_world(folder: Path, *, rate_limits: str = "off", database_url: str | None = None) -> World:
    """A fresh tenant: on SQLite a copy of one made once, since keys take their time."""
    if database_url is None:
        shutil.copy(template(), folder / "idp.db")
    platform = Platform.open(settings(database_url or f"sqlite:///{folder}/idp.db", rate_limits))
    if database_url is not None:
        furnish(platform)
    return World(platform, create_app(platform).test_client(), MACHINE)


@cache
def template() -> Path:
    """A SQLite file with a furnished tenant; lives as long as the process."""
    folder = tempfile.TemporaryDirectory(prefix="gatehouse-tests-")
    atexit.register(folder.cleanup)
    file = Path(folder.name) / "idp.db"
    platform = Platform.open(settings(f"sqlite:///{file}", "off"))
    furnish(platform)
    with platform.db.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    platform.db.dispose()
    return file


def settings(database_url: str, rate_limits: str) -> Settings:
    """Of a process under test."""
    environment = {
        "DATABASE_URL": database_url,
        "IDP_PUBLIC_URL": ISSUER,
        "IDP_SECRET_KEY": "k" * 32,
        "IDP_RATE_LIMITS": rate_limits,
    }
    return Settings.from_env(environment)


def furnish(platform: Platform) -> None:
    """Tables, a tenant, its keys, the Management API, a machine that may do everything, a database connection."""
    metadata().create_all(platform.db.engine)
    with platform.db.system_session() as session:
        tenants.create(session, TENANT, ISSUER, is_default=True)
    with platform.work(TENANT, orm=True) as work, work.transaction():
        keys.ensure(work)
        api = {
            "identifier": AUDIENCE,
            "name": "Management API",
            "scopes": [{"value": scope} for scope in management_scopes()],
        }
        resource_servers.create(work, api, is_system=True)
        clients.ensure_global(work)
        machine = {"name": "Machine", "app_type": "non_interactive"}
        clients.create(work, machine, client_id=MACHINE)
        database = {
            "name": CONNECTION,
            "strategy": "auth0",
            "enabled_clients": [MACHINE],
            "options": {"passwordPolicy": "low"},
        }
        connections.create(work, database)
        client_grants.create(work, MACHINE, AUDIENCE, list(management_scopes()))
