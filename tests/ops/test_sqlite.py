"""SQLite as a first-class store: several processes write at once, none is turned away, and a crash loses nothing."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.counterparts.application import Application
from tests.counterparts.http_login import HttpBrowser
from tests.counterparts.product import Product
from tests.counterparts.program import free_port
from tests.ops.deployment import Deployment
from tests.ops.writers import Writers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """Two ``idp serve`` of two processes each, and a worker, all on one SQLite file."""
    running = Deployment.prepare(tmp_path, free_port(), {})
    running.product()
    running.serve(running.public_port)
    running.serve()
    running.work()
    yield running
    running.stop()


def _refresh_often(application: Application, refresh_token: str, failures: list[str]) -> None:
    for _ in range(10):
        answer = application.token_response(grant_type="refresh_token", refresh_token=refresh_token)
        if answer.status_code != 200:
            failures.append(answer.text)
            return
        refresh_token = answer.json().get("refresh_token", refresh_token)


def test_many_writers_are_never_locked_out(deployment: Deployment) -> None:
    product: Product = deployment.product()
    application = Application.register(product, product.management(), "http://localhost:9")
    user = product.management().create_user(connection=product.connection)
    failures: list[str] = []
    refreshers = []
    for _ in range(4):
        browser = HttpBrowser()
        tokens = application.redeem(browser.sign_in(application, user, scope="openid offline_access"))
        browser.close()
        arguments = (application, tokens["refresh_token"], failures)
        refreshers.append(threading.Thread(target=_refresh_often, args=arguments, daemon=True))
    with Writers(product, count=6) as writers:
        for thread in refreshers:
            thread.start()
        writers.wait_for(60)
        for thread in refreshers:
            thread.join(60)
    assert (failures, writers.refused) == ([], [])
    assert writers.lost() == []
    assert "database is locked" not in deployment.logs()


def test_acknowledged_writes_survive_a_crash_of_everything(deployment: Deployment) -> None:
    product = deployment.product()
    application = Application.register(product, product.management(), "http://localhost:9")
    user = product.management().create_user(connection=product.connection)
    browser = HttpBrowser()
    tokens = application.redeem(browser.sign_in(application, user, scope="openid offline_access"))
    with Writers(product) as writers:
        writers.wait_for(20)
        for program in [*(server.program for server in deployment.servers), *deployment.workers]:
            program.kill()
    deployment.servers.clear()
    deployment.workers.clear()
    deployment.serve(deployment.public_port)
    assert writers.lost() == []
    assert "code=" in browser.silent(application)
    assert application.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])["access_token"]
    browser.close()
