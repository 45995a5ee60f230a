"""An installed product inside the test's own process: its services to prepare things, its WSGI application for what is
tested.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import delete, select, update
from werkzeug.test import Client as WerkzeugClient
from werkzeug.test import TestResponse

from idp.app import create_app
from idp.applications.clients import client_grants, stored
from idp.applications.clients import service as clients
from idp.applications.resource_servers import service as apis
from idp.directory.connections import runtime as connections_now
from idp.directory.connections import service as connections
from idp.directory.connections.models import ConnectionClient
from idp.directory.users import service as users
from idp.directory.users.hasher import hasher
from idp.directory.users.models import User
from idp.directory.users.service import NewUser
from idp.foundation.kernel import clock, ids
from idp.foundation.settings import Settings
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.work import Platform, Work
from idp.management.operations import management_scopes
from idp.operations import installation
from idp.tenant.audit import log
from idp.tenant.audit.models import LogEntry
from idp.tenant.keys import service as keys
from idp.tenant.keys import signer
from idp.tenant.mail import mailbox
from idp.tenant.mail.mailbox import KeptMail
from idp.tenant.settings import service as tenants
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.management import Api, Management
from tests.world.outbox import work_off
from tests.world.templates import OTHER_TENANT, TENANT, Databases, Template, settings_for

PASSWORD = "correct horse 9 Battery"
API = "https://api.example.test/"
CALLBACK = "https://app.example.test/callback"
KINDS: dict[str, dict[str, Any]] = {
    "web": {"app_type": "regular_web", "token_endpoint_auth_method": "client_secret_post"},
    "spa": {"app_type": "spa", "web_origins": ["https://app.example.test"]},
    "native": {"app_type": "native"},
    "m2m": {"app_type": "non_interactive"},
}


EDGE = os.environ.get("GATEHOUSE_TEST_EDGE", "thin")
"""``flask``: the thin edge is left out, and Flask answers everything."""


@cache
def hashed(password: str) -> str:
    """Hashing is slow on purpose; the same password is hashed once."""
    return hasher.hash(password)


@dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    user_id: str
    email: str
    password: str
    account_id: str


@dataclass(repr=False)
class World:
    """One tenant of one process."""

    platform: Platform
    installed: dict[str, Any]
    tenant: str = TENANT
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        self.app = create_app(self.platform, thin=EDGE != "flask")

    @classmethod
    def copy(cls, databases: Databases, template: Template, store: str, folder: Path, **environment: str) -> World:
        """A process on a copy of the template's database; ``environment`` are its settings."""
        url, installed = databases.copy(template, store, folder)
        return cls(Platform.open(settings_for(url, folder, **{**dict(template.environment), **environment})), installed)

    @classmethod
    def furnished(cls, url: str, template: Template, folder: Path, **environment: str) -> World:
        """A process on an empty database of a kind that no template is of, furnished now."""
        platform = Platform.open(settings_for(url, folder, **{**dict(template.environment), **environment}))
        return cls(platform, template.furnish(platform))

    @classmethod
    def installed_at(cls, settings: Settings) -> World:
        """A process with those settings, on what ``idp init`` left; what is missing of that is made."""
        platform = Platform.open(settings)
        return cls(platform, installation.install(platform, move=settings.public_url_given))

    # ---- what is there
    @property
    def issuer(self) -> str:
        """The tenant's issuer, with its trailing slash."""
        return str(self.installed["issuer"])

    @property
    def connection_id(self) -> str:
        """The default database connection."""
        return str(self.installed["connection"]["id"])

    @property
    def machine(self) -> str:
        """The client that may call the Management API."""
        return str(self.installed["management"]["client_id"])

    @contextmanager
    def context(self) -> Iterator[Work]:
        """A piece of work of this tenant."""
        with self.platform.db.hot() as hot:
            config = self.platform.configurations.fresh(self.tenant, hot)
            yield Work(self.platform, config, hot, ip="203.0.113.9", user_agent="tests")

    @contextmanager
    def writing(self) -> Iterator[Work]:
        """One transaction of this tenant, as the Management API works."""
        with self.platform.work(self.tenant, orm=True) as work, work.transaction():
            yield work

    def behind(self, *, thin: bool) -> Flask:
        """The application of this process behind the thin edge, or behind Flask alone."""
        return create_app(self.platform, thin=thin)

    def other_process(self, **settings: Any) -> World:
        """Another process on the same database, with other ``settings`` if given: nothing remembered."""
        return World(Platform.open(replace(self.platform.settings, **settings)), self.installed, self.tenant)

    def other_tenant(self, name: str, url: str) -> World:
        """A further tenant of the same process."""
        made = World(self.platform, installation.create_tenant(self.platform, name, url), name)
        made.app = self.app
        return made

    def second_tenant(self) -> World:
        """The further tenant that ``TWO_TENANTS`` brings."""
        made = World(self.platform, self.installed["other"], OTHER_TENANT)
        made.app = self.app
        return made

    def close(self) -> None:
        """Give the database back."""
        log.batch.close()
        self.platform.db.dispose()

    # ---- making things
    def client(self, kind: str = "web", **members: Any) -> Application:
        """A client of that kind, allowed to use the default connection and no other."""
        document = {"name": f"The {kind} app", "callbacks": [CALLBACK], **KINDS[kind], **members}
        with self.writing() as work:
            row = clients.create(work, document)
            mine = ConnectionClient.client_id == row.client_id
            present = set(work.rows.scalars(select(ConnectionClient.connection_id).where(mine)))
            if present - {self.connection_id}:
                work.rows.execute(
                    delete(ConnectionClient).where(mine, ConnectionClient.connection_id != self.connection_id)
                )
            if self.connection_id not in present:
                connections.switch_clients(work, connections.get(work, self.connection_id), [(row.client_id, True)])
            secret = stored.secret(work, row.client_id, row.secret_sealed)
        method = row.data.get("token_endpoint_auth_method", "client_secret_post")
        callback = (row.data.get("callbacks") or [CALLBACK])[0]
        return Application(self, row.client_id, None if method == "none" else secret, callback, method)

    def change_client(self, client_id: str, **changes: Any) -> None:
        """As the Management API's PATCH does."""
        with self.writing() as work:
            clients.update(work, clients.get(work, client_id), changes)

    def delete_client(self, client_id: str) -> None:
        """Remove it."""
        with self.writing() as work:
            clients.delete(work, client_id)

    def api(
        self, identifier: str = API, scopes: Sequence[str] = ("read:things", "write:things"), **members: Any
    ) -> str:
        """A resource server; answers its identifier."""
        document = {
            "identifier": identifier,
            "name": "Things",
            "scopes": [{"value": scope, "description": f"To {scope.replace(':', ' ')}"} for scope in scopes],
            "allow_offline_access": True,
            **members,
        }
        with self.writing() as work:
            apis.create(work, document)
        return identifier

    def change_api(self, identifier: str, **changes: Any) -> None:
        """As the Management API's PATCH does."""
        with self.writing() as work:
            apis.update(work, apis.get(work, identifier), changes)

    def grant(self, client_id: str, audience: str, *scopes: str) -> None:
        """A client grant."""
        with self.writing() as work:
            client_grants.create(work, client_id, audience, list(scopes))

    def connection(self, name: str, enabled: Sequence[str] = (), **options: Any) -> str:
        """A further database connection; answers its id."""
        members = {"name": name, "strategy": "auth0", "options": options, "enabled_clients": list(enabled)}
        with self.writing() as work:
            return str(connections.create(work, members).id)

    def connection_options(self, **options: Any) -> None:
        """Change options of the default connection."""
        with self.writing() as work:
            row = connections.get(work, self.connection_id)
            connections.update(work, row, {"options": {**row.options, **options}})

    def enable_connection(self, connection_id: str, *client_ids: str) -> None:
        """Say which clients may use it."""
        with self.writing() as work:
            connections.set_clients(work, connections.get(work, connection_id), client_ids)
            work.configuration_changed()

    def user(
        self,
        email: str = "jane@example.com",
        password: str = PASSWORD,
        *,
        username: str | None = None,
        connection_id: str | None = None,
        verified: bool = True,
        **profile: Any,
    ) -> Person:
        """Somebody with an account in a database connection."""
        attributes = {"email": email, "username": username, "email_verified": verified, **profile}
        password_hash = hashed(password)
        with self.context() as work, work.hot.transaction():
            store = connections_now.find(work, connection_id or self.connection_id)
            assert store is not None
            new = NewUser(connection=store, attributes=attributes, prepared_password=password_hash)
            added = users.add(work, new)
        return Person(added.user_id, email, password, added.account_id)

    def change_user(self, user_id: str, **columns: Any) -> None:
        """Write columns of the user's row, without anybody being told."""
        with self.writing() as work:
            work.rows.execute(update(User).where(User.user_id == user_id).values(**columns))

    # ---- the tenant's own settings
    def _change(self, column: str, members: dict[str, Any]) -> None:
        with self.writing() as work:
            row = work.rows.scalars(select(Tenant).where(Tenant.id == self.tenant)).one()
            tenants.change(work, column, {**getattr(row, column), **members})

    def settings(self, **members: Any) -> None:
        """Tenant settings."""
        self._change("settings", members)

    def prompts(self, **members: Any) -> None:
        """Prompts settings."""
        self._change("prompts", members)

    def brute_force(self, **members: Any) -> None:
        """Brute-force protection."""
        self._change("attack_protection", {"brute-force-protection": members})

    def protection(self, part: str, **members: Any) -> dict[str, Any]:
        """Change a part of attack protection as the Management API does; answers it whole."""
        answer = self.caller("update:attack_protection").patch(f"/attack-protection/{part}", members)
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})

    def keys(self, alg: str) -> None:
        """Keys of one more algorithm."""
        with self.writing() as work:
            keys.ensure(work, alg)

    def rotate_keys(self) -> None:
        """next becomes current."""
        with self.writing() as work:
            keys.rotate(work)

    # ---- driving it
    def browser(self, **options: Any) -> Browser:
        """A fresh browser profile."""
        return Browser(self, **options)

    def management(self) -> Management:
        """The Management API, with the installed machine's token."""
        return Management(self, self.installed["management"])

    def token(self, *, typ: str = "at+jwt", **claims: Any) -> str:
        """An access token for the Management API, signed here: every claim can be chosen, every scope is in it."""
        moment = clock.now()
        base = {
            "iss": self.issuer,
            "sub": f"{self.machine}@clients",
            "aud": str(self.installed["management"]["audience"]),
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
        """A machine that calls the Management API with ``scopes``, without any with all of them."""
        if scopes:
            claims["scope"] = " ".join(scopes)
        return Api(self, self.token(**claims))

    def caller_for(self, user_id: str, *scopes: str) -> Api:
        """A person who calls the Management API with ``scopes``."""
        return self.caller(*scopes, sub=user_id)

    def send(
        self,
        method: str,
        url: str,
        *,
        data: Any = None,
        json: Any = None,
        headers: dict[str, str] | None = None,
        address: str = "198.51.100.7",
    ) -> TestResponse:
        """One HTTP request at the application, as a server would hand it over."""
        parts = urlsplit(url)
        client = WerkzeugClient(self.app, use_cookies=False)
        base = f"{parts.scheme}://{parts.netloc}" if parts.netloc else self.issuer.rstrip("/")
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        more: dict[str, Any] = {"json": json} if json is not None else {"data": data}
        return client.open(
            target, method=method, base_url=base, headers=headers, environ_base={"REMOTE_ADDR": address}, **more
        )

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET."""
        return self.send("GET", path, **options)

    def post(self, path: str, data: Any = None, **options: Any) -> TestResponse:
        """POST a form."""
        return self.send("POST", path, data=data, **options)

    # ---- looking inside
    def logs(self, *kinds: str) -> list[LogEntry]:
        """Log entries, oldest first."""
        log.batch.flush()
        with self.platform.db.reading(self.tenant) as session:
            rows = session.scalars(select(LogEntry).order_by(LogEntry.log_id)).all()
        return [row for row in rows if not kinds or row.type in kinds]

    def work(self) -> int:
        """Do what the outbox holds, as the worker does; answers how many tasks were done."""
        return work_off(self.platform)

    def mails(self, to: str | None = None) -> list[KeptMail]:
        """Delivered mails, newest first."""
        self.work()
        with self.platform.db.hot() as hot:
            return [mail for mail in mailbox.newest(hot, self.tenant) if to in (None, mail.to)]
