"""A store that goes away is an answer, not a crash; when it comes back, so does the service, by itself."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.counterparts.application import Application
from tests.counterparts.http_login import HttpBrowser
from tests.counterparts.postgres import PrivatePostgres, find_postgres
from tests.counterparts.product import Product
from tests.counterparts.program import free_port
from tests.counterparts.redis_server import PrivateRedis
from tests.ops.deployment import Deployment, Server

pytestmark = [pytest.mark.counterpart, pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def own_postgres() -> Iterator[PrivatePostgres]:
    """A Postgres that only this test uses, so that it may stop it."""
    if find_postgres() is None:
        pytest.skip("not run: needs Postgres (Debian package postgresql)")
    server = PrivatePostgres.start()
    yield server
    server.stop()


def eventually(condition: Callable[[], bool], what: str, seconds: float = 20) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.2)


def started(folder: Path, env: dict[str, str]) -> tuple[Deployment, Server, Product]:
    """One web server and a worker over these stores."""
    deployment = Deployment.prepare(folder, free_port(), env)
    deployment.product()
    server = deployment.serve(deployment.public_port)
    deployment.work()
    return deployment, server, deployment.product()


def signs_in(product: Product) -> None:
    """A whole login works."""
    management = product.management()
    application = Application.register(product, management, "http://localhost:9")
    user = management.create_user(connection=product.connection)
    browser = HttpBrowser()
    assert application.redeem(browser.sign_in(application, user))["id_token"]
    browser.close()


def test_database_away_and_back(own_postgres: PrivatePostgres, tmp_path: Path) -> None:
    deployment, server, product = started(tmp_path, {"DATABASE_URL": own_postgres.create_database()})
    try:
        signs_in(product)
        application = Application.register(product, product.management(), "http://localhost:9")
        token = product.management().token()
        own_postgres.go_away()

        ready = requests.get(f"{server.base_url}/readyz", timeout=30)
        assert ready.status_code == 503
        assert "Traceback" not in ready.text
        assert requests.get(f"{server.base_url}/healthz", timeout=30).status_code == 200
        refused = [
            requests.get(application.authorize_url(), timeout=30),
            application.token_response(grant_type="authorization_code", code="x", redirect_uri="http://localhost:9"),
            requests.get(f"{server.base_url}/userinfo", headers={"Authorization": f"Bearer {token}"}, timeout=30),
            requests.get(f"{server.base_url}/api/v2/users", headers={"Authorization": f"Bearer {token}"}, timeout=30),
        ]
        assert [answer.status_code for answer in refused] == [503] * 4
        assert refused[1].json()["error"]
        assert refused[3].json()["statusCode"] == 503

        own_postgres.come_back()
        eventually(server.answers, "ready again")
        signs_in(product)
        assert deployment.workers[0].process.poll() is None
    finally:
        deployment.stop()


def test_redis_away_is_slower_not_broken(tmp_path: Path) -> None:
    try:
        redis_server = PrivateRedis.start(tmp_path / "redis")
    except FileNotFoundError:
        pytest.skip("not run: needs Redis (Debian package redis-server)")
    deployment, server, product = started(tmp_path, {"REDIS_URL": redis_server.url})
    try:
        signs_in(product)
        redis_server.stop()
        signs_in(product)
        eventually(
            lambda: "degraded" in requests.get(f"{server.base_url}/readyz", timeout=10).text, "reported as degraded"
        )
        assert requests.get(f"{server.base_url}/readyz", timeout=10).status_code == 200
        assert deployment.workers[0].process.poll() is None
    finally:
        redis_server.stop()
        deployment.stop()
