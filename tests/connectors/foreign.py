"""What every foreign database is put through."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from connectors.contract import AlreadyExists, ConnectorError, InvalidCredentials
from connectors.database.custom import ExternalDatabase
from connectors.database.templates import scripts_of
from connectors.directories import Registration
from idp.directory.connections import runtime as connections
from tests.world.world import World

PASSWORD = "Correct Horse 9"
Options = dict[str, Any]


def opened(world: World, options: Options) -> ExternalDatabase:
    """The connector of a connection with these options."""
    members = {"enabledDatabaseCustomization": True, **options}
    connection_id = world.connection("own", **members)
    with world.context() as work:
        found = connections.find(work, connection_id)
        assert found is not None
        connector = connections.runtime.open(work, found)
    assert isinstance(connector, ExternalDatabase)
    return connector


def with_templates(name: str, url: str) -> Options:
    """The scripts of a set of templates, and the configuration that they need."""
    parts = urlsplit(url)
    return {
        "customScripts": scripts_of(name),
        "configuration": {
            "DATABASE_URL": url,
            "DB_HOST": str(parts.hostname),
            "DB_PORT": str(parts.port),
            "DB_USER": parts.username or "",
            "DB_PASSWORD": parts.password or "",
            "DB_NAME": parts.path.lstrip("/"),
            "SERVICE_URL": url,
            "SERVICE_USER": "gatehouse",
            "SERVICE_PASSWORD": "secret",
        },
    }


def everything(connector: ExternalDatabase) -> None:
    """Every event, as people and administrators cause them."""
    known = connector.login("ada@source.example", PASSWORD)
    assert (known.profile["email"], known.profile["name"]) == ("ada@source.example", "Ada L.")
    assert known.profile["email_verified"] is True
    assert "password" not in str(known.profile), "no hash leaves the database"
    with pytest.raises(InvalidCredentials) as wrong:
        connector.login("ada@source.example", "another")
    assert wrong.value.user_id == known.user_id
    for nobody in ("nobody@source.example", "' OR '1'='1", "%s", "ada@source.example' --"):
        with pytest.raises(InvalidCredentials) as unknown:
            connector.login(nobody, PASSWORD)
        assert unknown.value.user_id is None
        assert connector.find(nobody) is None
    found = connector.find("ada@source.example")
    assert found is not None
    assert found.user_id == known.user_id
    made = connector.register(Registration(email="new@source.example", password="First Horse 9"))
    assert made.profile["email_verified"] is False
    with pytest.raises(AlreadyExists):
        connector.register(Registration(email="new@source.example", password="First Horse 9"))
    connector.confirm_address("new@source.example")
    connector.replace_password("new@source.example", "Second Horse 9")
    assert connector.login("new@source.example", "Second Horse 9").profile["email_verified"] is True
    connector.change_address("new@source.example", "newer@source.example", verified=False)
    assert connector.login("newer@source.example", "Second Horse 9").profile["email_verified"] is False
    with pytest.raises(ConnectorError):
        connector.replace_password("nobody@source.example", "Second Horse 9")
    connector.remove(made.user_id)
    assert connector.find("newer@source.example") is None
