"""A directory that provisions a connection, as it speaks over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from connectors.registry import STRATEGIES
from idp.directory.connections import service as connections
from idp.directory.provisioning.service import SCOPES
from idp.directory.users.models import User
from idp.tenant.audit.models import LogEntry
from tests.world.sources import PASSWORDS
from tests.world.world import World

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@dataclass
class Directory:
    """One connection's directory with a token of its own."""

    world: World
    connection_id: str
    token: str

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """One request."""
        return Client(self.world.app).open(
            f"{self.world.issuer}scim/v2/connections/{self.connection_id}{path}",
            method=method,
            base_url=self.world.issuer,
            data=None if body is None else body if isinstance(body, bytes) else json.dumps(body),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/scim+json",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
        )

    def jane(self, **more: Any) -> dict[str, Any]:
        """Jane, made."""
        answer = self("POST", "/Users", document(**more))
        assert answer.status_code == 201, answer.json
        return dict(answer.json or {})

    def patch(self, path: str, *operations: dict[str, Any], **headers: str) -> TestResponse:
        """A PATCH."""
        return self("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)}, **headers)

    def found(self, query: str) -> list[str]:
        """The names of the users that a filter finds."""
        answer = self("GET", f"/Users?{query}")
        assert answer.status_code == 200, answer.json
        return [each["userName"] for each in (answer.json or {}).get("Resources", [])]


def document(**more: Any) -> dict[str, Any]:
    """Jane, as a directory sends her."""
    return {
        "schemas": [USER, ENTERPRISE],
        "externalId": "jane-1",
        "userName": "jane",
        "displayName": "Jane Smith",
        "name": {"givenName": "Jane", "familyName": "Smith"},
        "emails": [{"value": "jane@acme.example.com", "primary": True, "type": "work"}],
        "active": True,
        ENTERPRISE: {"department": "Sales"},
        **more,
    }


@pytest.fixture
def strategies(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that takes passwords, to sign in at."""
    monkeypatch.setitem(STRATEGIES, PASSWORDS.name, PASSWORDS)


Provision = Callable[..., Directory]


@pytest.fixture
def provision(strategies: None) -> Provision:
    """Makes a connection with a directory: ``provision(world, "acme")``."""

    def made(world: World, name: str = "acme", scopes: Any = None, **configuration: Any) -> Directory:
        with world.writing() as work:
            connection_id = str(connections.create(work, {"name": name, "strategy": PASSWORDS.name}).id)
        caller = world.caller()
        answer = caller.post(f"/connections/{connection_id}/scim-configuration", configuration)
        assert answer.status_code == 201, answer.json
        wanted = {"scopes": sorted(SCOPES) if scopes is None else scopes}
        token = caller.post(f"/connections/{connection_id}/scim-configuration/tokens", wanted).json or {}
        return Directory(world, connection_id, str(token["token"]))

    return made


@pytest.fixture
def directory(world: World, provision: Provision) -> Directory:
    """One of a connection called ``acme``."""
    return provision(world)


def people(world: World) -> list[User]:
    """Users of the source."""
    with world.context() as work:
        statement = select(User).where(User.user_id.startswith("stub-directory|"))
        return list(work.rows.scalars(statement.order_by(User.user_id)))


def logged(world: World, type_: str) -> list[dict[str, Any]]:
    """Log entries of that type."""
    with world.context() as work:
        return [row.data for row in work.rows.scalars(select(LogEntry).where(LogEntry.type == type_))]
