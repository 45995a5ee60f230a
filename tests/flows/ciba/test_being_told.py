"""CIBA Core 1.0 in ping mode: an application is told that its person has decided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from tests.security.rows import row
from tests.world.application import Application
from tests.world.backchannel import GRANT, ask, confirm, error, hint, link, redeem
from tests.world.browser import Browser
from tests.world.holder import Holder
from tests.world.world import Person, World


class Ears:
    """An application's notification endpoint."""

    def __init__(self) -> None:
        self.heard: list[tuple[str | None, Any]] = []
        self.status = 204
        self.where: str | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.heard.append((self.headers["Authorization"], json.loads(body)))
                self.send_response(outer.status)
                if outer.where:
                    self.send_header("Location", outer.where)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/cb"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def ears() -> Iterator[Ears]:
    made = Ears()
    yield made
    made.close()


@pytest.fixture
def pinged(world: World, ears: Ears) -> Application:
    return world.client(
        grant_types=[GRANT],
        backchannel_token_delivery_mode="ping",
        backchannel_client_notification_endpoint=ears.url,
    )


def test_an_application_is_told(world: World, browser: Browser, jane: Person, ears: Ears, pinged: Application) -> None:
    good = {"scope": "openid", "login_hint": hint(world, jane.user_id)}
    for bad in ({}, {"client_notification_token": "a b"}, {"client_notification_token": "x" * 1_025}):
        assert error(pinged.call("/bc-authorize", **good, **bad)) == (400, "invalid_request")
    begun = ask(pinged, jane, client_notification_token="b3arer")
    confirm(browser, link(world, jane), jane)
    world.work()
    assert ears.heard == [("Bearer b3arer", {"auth_req_id": begun["auth_req_id"]})]
    assert [entry.type for entry in world.logs("ciba_notification_succeeded")] == ["ciba_notification_succeeded"]
    assert redeem(pinged, begun).status_code == 200


@row("P2")
@pytest.mark.parametrize("status", [302, 401, 403, 500])
def test_what_an_application_answers_is_not_followed(
    world: World, browser: Browser, jane: Person, ears: Ears, pinged: Application, status: int
) -> None:
    ears.status, ears.where = status, ears.url if status == 302 else None
    ask(pinged, jane, client_notification_token="b3arer")
    browser.open(link(world, jane)).submit("approval-deny")
    world.work()
    assert len(ears.heard) == 1
    assert {entry.type for entry in world.logs("ciba_notification_failed")} == {"ciba_notification_failed"}


def test_ping_needs_an_address(world: World, app: Application) -> None:
    answer = world.caller().patch(f"/clients/{app.client_id}", {"backchannel_token_delivery_mode": "ping"})
    assert answer.status_code == 400
    found = world.get("/.well-known/openid-configuration").get_json()
    assert found["backchannel_authentication_endpoint"] == f"{world.issuer}bc-authorize"
    assert found["backchannel_token_delivery_modes_supported"] == ["poll", "ping"]
    assert found["backchannel_user_code_parameter_supported"] is False


def test_who_could_get_no_token_is_not_told_to_wait(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(grant_types=[GRANT], dpop_bound_access_tokens=True)
    begun = ask(app, jane)
    assert error(redeem(app, begun)) == (400, "invalid_dpop_proof")
    holder = Holder(app)
    assert error(holder.token(grant_type=GRANT, auth_req_id=begun["auth_req_id"]))[1] in {
        "authorization_pending",
        "slow_down",
    }
    confirm(browser, link(world, jane), jane)
    assert error(redeem(app, begun)) == (400, "invalid_dpop_proof")
    assert holder.token(grant_type=GRANT, auth_req_id=begun["auth_req_id"]).get_json()["token_type"] == "DPoP"
