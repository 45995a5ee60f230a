"""Every way to make, change and delete a client or a client grant tells exactly one piece of news of its kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner

from idp.processes.cli import clients as clients_command
from tests.world.news import News
from tests.world.world import API, World

Way = Callable[[World], object]
ABOUT_CLIENTS = {
    "ClientCreated",
    "ClientUpdated",
    "ClientDeleted",
    "ClientGrantCreated",
    "ClientGrantUpdated",
    "ClientGrantDeleted",
}


@pytest.fixture
def news(monkeypatch: pytest.MonkeyPatch) -> News:
    return News.heard(monkeypatch)


def told(news: News) -> dict[str, int]:
    return {name: amount for name, amount in news.count().items() if name in ABOUT_CLIENTS}


def by_management(world: World) -> None:
    assert world.caller().post("/clients", {"name": "New"}).status_code == 201


def by_command(world: World) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clients_command, "command_settings", lambda: world.platform.settings)
        done = CliRunner().invoke(clients_command.clients, ["create", "New", "--type", "m2m"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("make", [by_management, by_command])
def test_making_a_client(world: World, news: News, make: Way) -> None:
    make(world)
    assert told(news) == {"ClientCreated": 1}


def test_changing_and_deleting_a_client(world: World, news: News) -> None:
    api, app = world.caller(), world.client("m2m")
    world.api()
    where = f"/clients/{app.client_id}"
    news.forget()
    assert api.patch(where, {"description": "Another"}).status_code == 200
    assert told(news) == {"ClientUpdated": 1}
    assert api.post(f"{where}/rotate-secret").status_code == 200
    assert told(news) == {"ClientUpdated": 2}
    news.forget()
    grant = api.post("/client-grants", {"client_id": app.client_id, "audience": API, "scope": ["read:things"]})
    assert grant.status_code == 201
    assert told(news) == {"ClientGrantCreated": 1}
    assert api.patch(f"/client-grants/{grant.json['id']}", {"scope": []}).status_code == 200
    assert told(news) == {"ClientGrantCreated": 1, "ClientGrantUpdated": 1}
    news.forget()
    assert api.delete(where).status_code == 204
    assert told(news) == {"ClientDeleted": 1, "ClientGrantDeleted": 1}
    assert api.delete(where).status_code == 204
    assert told(news) == {"ClientDeleted": 1, "ClientGrantDeleted": 1}


def test_a_grant_goes_alone_or_with_its_api(world: World, news: News) -> None:
    api, app = world.caller(), world.client("m2m")
    world.api()
    for path in ("/client-grants/{grant}", f"/resource-servers/{API.replace('/', '%2F')}"):
        body = {"client_id": app.client_id, "audience": API, "scope": ["read:things"]}
        grant = api.post("/client-grants", body).json["id"]
        news.forget()
        assert api.delete(path.format(grant=grant)).status_code == 204
        assert told(news) == {"ClientGrantDeleted": 1}
