"""Sixteen people sign in through a source that accepts connections and never answers: everybody else is answered
meanwhile (security.md CO10). Counted, not timed.
"""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import requests

from idp.directory.connections.availability import MOST_WAITING
from tests.counterparts.application import Application
from tests.counterparts.management import Management
from tests.counterparts.product import Product
from tests.security.rows import row

pytestmark = [pytest.mark.counterpart]
STUCK, OTHERS = 16, 24


@dataclass
class Silence:
    """Takes connections and says nothing on them until it ends."""

    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    taken: list[socket.socket] = field(default_factory=list)
    full: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        """Until :meth:`end`."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.taken.append(connection)
            if len(self.taken) >= MOST_WAITING:
                self.full.set()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def end(self) -> None:
        """Hang up on everybody; twice is no error."""
        if self.listener.fileno() < 0:
            return
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for each in self.taken:
            each.close()


@pytest.fixture
def silence() -> Iterator[Silence]:
    made = Silence()
    thread = threading.Thread(target=made.listen)
    thread.start()
    yield made
    made.end()
    thread.join(20)


@row("CO10")
def test_who_waits_for_a_silent_source_keeps_nobody_else(
    product: Product, management: Management, silence: Silence
) -> None:
    application = Application.register(product, management, "http://localhost:9")
    options = {
        "client_id": "us",
        "client_secret": "s3cret",
        "type": "back_channel",
        "issuer": silence.url,
        "authorization_endpoint": f"{silence.url}/authorize",
        "token_endpoint": f"{silence.url}/token",
        "jwks_uri": f"{silence.url}/jwks",
        "pushed_authorization_request_endpoint": f"{silence.url}/par",
        "enable_pushed_authorization_requests": True,  # so that it is asked before anybody leaves
    }
    body = {"name": "silent", "strategy": "oidc", "options": options}
    enabled = {"enabled_clients": [application.client["client_id"]]}
    made = management.call("POST", "connections", {**body, **enabled})
    answers: list[int] = []

    def sign_in() -> None:
        answers.append(requests.get(application.authorize_url(connection="silent"), timeout=60).status_code)

    people = [threading.Thread(target=sign_in) for _ in range(STUCK)]
    for each in people:
        each.start()
    assert silence.full.wait(60), "eight are waiting"
    for number in range(OTHERS):
        page = ("healthz", ".well-known/openid-configuration", "account", "api/v2/clients")[number % 4]
        answer = requests.get(f"{product.base_url}/{page}", headers=_bearer(management, page), timeout=60)
        assert answer.status_code == 200, page
    assert len(silence.taken) <= STUCK
    silence.end()
    for each in people:
        each.join(60)
    assert answers == [503] * STUCK
    management.call("DELETE", f"connections/{made['id']}")


def _bearer(management: Management, page: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {management.token()}"} if page.startswith("api") else {}
