"""The second tenant of the welcome page: made when it is asked for, once, here alone; it follows the first."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from werkzeug.test import Client

from idp.applications.clients.models import Client as Registered
from idp.directory.connections import runtime
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.work import Platform
from idp.operations import installation
from idp.operations.installation import demonstration, samples
from idp.processes.cli.connections import connections as command
from tests.operations.dev.test_dev_pages import LOCAL, hidden_fields
from tests.world.fixtures import OpenWorld
from tests.world.templates import HOST, PLAIN_HTTP, PRODUCTION, Template
from tests.world.world import World

HERE = {**LOCAL, "HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture
def template() -> Template:
    """As it is on a developer's machine."""
    return PLAIN_HTTP


def made(platform: Platform) -> dict[str, Any]:
    """What there is of it, by what it is."""
    with platform.db.system_session() as session:
        url = session.scalars(select(Tenant.url).where(Tenant.id == demonstration.TENANT)).first()
    if url is None:
        return {}
    with platform.work(demonstration.TENANT, orm=True) as work:
        marks = [
            (row.data.get("client_metadata") or {}).get(samples.MARK) for row in work.rows.scalars(select(Registered))
        ]
    with platform.work("default", orm=True) as work:
        sample = samples.find_application(work)
        assert sample is not None
        usable = {each.name: each.document for each in runtime.for_client(work, sample.client_id)}
    return {
        "url": url,
        "clients": sorted(mark for mark in marks if mark),
        "addresses": sorted(
            str(usable[name][option])
            for name, option in (("example-social", "token_endpoint"), ("example-company", "signInEndpoint"))
        ),
    }


def test_the_button_makes_it_once(world: World) -> None:
    browser = Client(world.app)
    assert made(world.platform) == {}
    shown = browser.get("/", environ_overrides=HERE).text
    assert "set-up-sources" in shown
    for _ in range(2):
        answer = browser.post("/dev/sources", data=hidden_fields(shown), environ_overrides=HERE)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/#sources-title")
        there = made(world.platform)
        assert (there["url"], there["clients"]) == (
            "http://localhost:8000/example-company/",
            ["demonstration-oidc", "demonstration-saml"],
        )
    shown = browser.get("/", environ_overrides=HERE).text
    assert "set-up-sources" not in shown
    assert demonstration.EMAIL in shown
    assert "sourcesPerson" not in shown


def test_nobody_else_makes_it(world: World, open_world: OpenWorld) -> None:
    browser = Client(world.app)
    form = hidden_fields(browser.get("/", environ_overrides=HERE).text)
    for peer, sent, status in (
        ({"REMOTE_ADDR": "10.0.0.5"}, form, 404),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, form, 404),
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, form, 403),
        ({"HTTP_ORIGIN": "https://evil.example"}, form, 403),
        ({}, {**form, "csrf": "another"}, 403),
        ({}, {}, 400),
    ):
        assert browser.post("/dev/sources", data=sent, environ_overrides={**HERE, **peer}).status_code == status
    assert browser.get("/dev/sources", environ_overrides=HERE).status_code == 405
    assert made(world.platform) == {}
    production = Client(open_world(PRODUCTION).app)
    assert production.post("/dev/sources", environ_overrides={**LOCAL, "HTTP_HOST": HOST}).status_code == 404


def test_it_follows_the_first_and_a_start_without_it_makes_none(world: World) -> None:
    installation.install(world.platform)
    assert made(world.platform) == {}
    demonstration.ensure_here(world.platform, "default")
    moved = world.other_process(public_url="http://localhost:9000/").platform
    installation.install(moved)
    there = made(moved)
    assert there["url"] == "http://localhost:9000/example-company/"
    assert [each.partition("example-company")[0] for each in there["addresses"]] == ["http://localhost:9000/"] * 2
    moved.db.dispose()


def test_what_somebody_deleted_is_made_again(world: World) -> None:
    demonstration.ensure_here(world.platform, "default")
    before = made(world.platform)
    with world.context() as work:
        connection = runtime.named(work, demonstration.SOCIAL)
        assert connection is not None
    assert world.caller().delete(f"/connections/{connection.id}").status_code == 202
    demonstration.ensure_here(world.platform, "default")
    assert made(world.platform) == before


def test_a_command_makes_a_link_to_try_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    demonstration.ensure_here(world.platform, "default")
    settings = world.platform.settings
    monkeypatch.setattr("idp.processes.cli.connections.command_settings", lambda: settings)
    run = CliRunner().invoke
    printed = run(command, ["try", demonstration.SOCIAL])
    assert printed.exit_code == 0, printed.output
    assert printed.output.startswith("http://localhost:8000/login/try?ticket=")
    as_json = run(command, ["try", demonstration.COMPANY, "--json"])
    assert set(json.loads(as_json.stdout)) == {"url", "expires_at"}
    for name, why in (("nobody", "no connection called nobody"), ("Username-Password-Authentication", "EVENT")):
        refused = run(command, ["try", name])
        assert (refused.exit_code, why in refused.output) == (1, True), refused.output
