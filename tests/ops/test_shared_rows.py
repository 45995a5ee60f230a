"""Several real processes change the same rows at the same moment, write one log, and take awkward ids: on SQLite and on
Postgres, behind the production server and behind nginx.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.counterparts.management import Management
from tests.counterparts.product import Product
from tests.counterparts.program import free_port
from tests.ops.deployment import Deployment
from tests.ops.proxy import reverse_proxy
from tests.security.lost_updates import CHANGES, PASSWORD, Answer, Call, user

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SERVERS = 2
"""``idp serve``, of two processes each."""
AWKWARD = ("a/b", "https://api.x.example", "https://api.x.example/", "100%", "a%2Fb", "a//b", "ü|ñ", "a?b=c#d", "a+b&c")


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.counterpart)])
def deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Two servers over one store."""
    url = {"DATABASE_URL": request.getfixturevalue("postgres").create_database()} if request.param != "sqlite" else {}
    running = Deployment.prepare(tmp_path_factory.mktemp("shared"), free_port(), url)
    running.product()
    running.serve(running.public_port)
    running.serve()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def product(deployment: Deployment) -> Product:
    """The deployment as one product."""
    return deployment.product()


@pytest.fixture(scope="module")
def managements(deployment: Deployment, product: Product) -> list[Management]:
    """The Management API of each server. Every caller has connections of its own, so that any process may answer."""
    access = product.management()
    token = access.token()
    made = []
    for server in deployment.servers:
        for _ in range(4):
            one = Management(server.base_url, "", "", "", access.connection_id)
            one._token, one._expires_at = token, float("inf")
            made.append(one)
    return made


@pytest.fixture
def calls(managements: list[Management]) -> list[Call]:
    def call(management: Management, method: str, path: str, body: Any) -> Answer:
        answer = management.raw(method, path.removeprefix("/"), body)
        return Answer(answer.status_code, answer.json() if answer.content else None)

    return [partial(call, each) for each in managements]


def spread(calls: Sequence[Call], wanted: Sequence[tuple[str, str, Any]]) -> list[Answer]:
    """All at the same moment, in turns over the servers."""
    start = Barrier(len(wanted))

    def run(number: int) -> Answer:
        start.wait()
        return calls[number % len(calls)](*wanted[number])

    with ThreadPoolExecutor(len(wanted)) as pool:
        return list(pool.map(run, range(len(wanted))))


@pytest.mark.parametrize("name", list(CHANGES))
def test_every_acknowledged_part_is_kept(calls: list[Call], product: Product, name: str) -> None:
    parts, kept = CHANGES[name](calls[0], product.connection)
    answers = spread(calls, [(part.method, part.path, part.body) for part in parts])
    acknowledged = {part.mark for part, answer in zip(parts, answers, strict=True) if answer.done}
    assert len(acknowledged) >= min(len(parts), 10), answers
    assert kept() == acknowledged


def test_six_rotations_leave_one_next_key(calls: list[Call]) -> None:
    before = len(calls[0]("GET", "/keys/signing", None).json)
    answers = spread(calls, [("POST", "/keys/signing/rotate", None)] * 6)
    assert [answer.status for answer in answers] == [201] * 6
    keys = calls[0]("GET", "/keys/signing", None).json
    assert len(keys) == before + 6
    assert (sum(key["next"] for key in keys), sum(key["current"] for key in keys)) == (1, 1)


def test_polling_gets_every_entry_of_every_process_once(calls: list[Call], product: Product) -> None:
    users = [user(calls[0], product.connection, f"logged{n}") for n in range(8)]
    last = calls[0]("GET", "/logs?per_page=1", None).json[0]["log_id"]
    seen: list[str] = []
    done = Event()

    def poll() -> None:
        after = last
        while True:
            finished = done.is_set()
            chunk = calls[0]("GET", f"/logs?from={after}&take=10", None).json
            seen.extend(f"{row['log_id']} {row['type']}" for row in chunk)
            after = chunk[-1]["log_id"] if chunk else after
            if finished and not chunk:
                return

    poller = Thread(target=poll)
    poller.start()
    for number in range(12):
        wanted = [("PATCH", where, {"user_metadata": {"n": number}}) for where in users]
        assert {answer.status for answer in spread(calls[1:], wanted)} == {200}
    done.set()
    poller.join(60)
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen)
    assert sum(entry.endswith(" sapi") for entry in seen) == 12 * len(users)


@pytest.mark.parametrize("way", ["granian", "nginx"])
def test_awkward_ids_are_addressed(
    way: str, deployment: Deployment, product: Product, managements: list[Management], tmp_path: Path
) -> None:
    headers = {"Authorization": f"Bearer {managements[0].token()}"}
    with reverse_proxy(tmp_path / "proxy", free_port(), [server.port for server in deployment.servers]) as proxied:
        base = proxied if way == "nginx" else deployment.servers[0].base_url
        host = {"Host": f"localhost:{deployment.public_port}"}

        def call(method: str, path: str, body: Any = None) -> requests.Response:
            return requests.request(method, f"{base}/api/v2{path}", json=body, headers={**headers, **host}, timeout=30)

        for number, text in enumerate(AWKWARD):
            if text.isascii():
                api = f"/resource-servers/{quote(text, safe='')}"
                assert call("POST", "/resource-servers", {"identifier": text}).status_code == 201
                assert call("GET", api).json()["identifier"] == text
                assert call("PATCH", api, {"name": "Renamed"}).json()["name"] == "Renamed"
                assert call("DELETE", api).status_code == 204
                assert call("GET", api).status_code == 404
            body = {
                "connection": product.connection,
                "email": f"{way}{number}@example.com",
                "password": PASSWORD,
                "user_id": text,
                "verify_email": False,
            }
            made = call("POST", "/users", body)
            assert made.status_code == 201, made.text
            where = f"/users/{quote(made.json()['user_id'], safe='')}"
            assert call("GET", where).json()["user_id"] == f"auth0|{text}"
            assert call("PATCH", where, {"blocked": True}).json()["blocked"] is True
            assert call("GET", f"{where}/logs").status_code == 200
            assert call("DELETE", where).status_code == 204
            assert call("GET", where).status_code == 404
