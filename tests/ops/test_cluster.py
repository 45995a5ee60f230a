"""Two web servers and a worker over Postgres and Redis, behind a proxy: one service, whoever dies."""

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.counterparts.application import Application, unpack
from tests.counterparts.http_login import HttpBrowser
from tests.counterparts.postgres import PrivatePostgres
from tests.counterparts.product import Product
from tests.counterparts.program import free_port
from tests.counterparts.redis_server import PrivateRedis
from tests.counterparts.smtp import SmtpSink
from tests.ops.deployment import Deployment, alive
from tests.ops.processes import children
from tests.ops.proxy import reverse_proxy
from tests.ops.writers import Writers

pytestmark = [pytest.mark.counterpart, pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def mails() -> Iterator[SmtpSink]:
    """Where the deployment's mail goes."""
    sink = SmtpSink()
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture(scope="module")
def deployment(
    postgres: PrivatePostgres,
    redis_server: PrivateRedis,
    mails: SmtpSink,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Deployment]:
    """Two ``idp serve`` with two processes each, one ``idp worker``, one public address."""
    folder, public, ports = tmp_path_factory.mktemp("cluster"), free_port(), [free_port(), free_port()]
    env = {
        "DATABASE_URL": postgres.create_database(),
        "REDIS_URL": redis_server.url,
        "SMTP_URL": mails.url,
        "IDP_TRUSTED_PROXIES": "1",
    }
    running = Deployment.prepare(folder, public, env)
    with reverse_proxy(folder / "proxy", public, ports):
        running.product()
        try:
            for port in ports:
                running.serve(port)
            running.work()
            yield running
        finally:
            running.stop()
            print(running.logs()[-20_000:])


@pytest.fixture
def product(deployment: Deployment) -> Product:  # type: ignore[override]
    """The deployment behind its public address, whole again if an earlier test killed a part of it."""
    for server in list(deployment.servers):
        if server.program.process.poll() is not None:
            deployment.servers.remove(server)
            deployment.serve(server.port)
    if all(worker.process.poll() is not None for worker in deployment.workers):
        deployment.work()
    return deployment.product()


@pytest.fixture
def application(product: Product) -> Application:
    """An application that keeps its people signed in."""
    return Application.register(product, product.management(), "http://localhost:9")


@pytest.fixture
def user(product: Product) -> dict[str, Any]:
    """A user of this test."""
    return product.management().create_user(connection=product.connection)


@pytest.fixture
def browser() -> Iterator[HttpBrowser]:
    """One person's browser."""
    opened = HttpBrowser()
    yield opened
    opened.close()


def test_servers_share_sessions_and_tokens(
    deployment: Deployment, application: Application, user: dict[str, Any], browser: HttpBrowser
) -> None:
    tokens = application.redeem(browser.sign_in(application, user, scope="openid offline_access"))
    for server in deployment.servers:
        assert "code" in unpack(browser.silent(application, server.base_url))
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert requests.get(f"{server.base_url}/userinfo", headers=headers, timeout=20).status_code == 200
    assert application.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])["access_token"]


def test_the_issuer_is_the_public_address_on_every_server(deployment: Deployment, product: Product) -> None:
    for server in deployment.servers:
        document = requests.get(f"{server.base_url}/.well-known/openid-configuration", timeout=20).json()
        assert document["issuer"] == product.issuer == f"http://localhost:{deployment.public_port}/"


def test_the_worker_sends_mail(
    application: Application, user: dict[str, Any], browser: HttpBrowser, mails: SmtpSink
) -> None:
    browser.ask_for_reset(application, user)
    mails.wait_for(lambda mail: user["email"] in str(mail["to"]))


def test_mail_waits_for_a_killed_worker(
    deployment: Deployment, application: Application, user: dict[str, Any], browser: HttpBrowser, mails: SmtpSink
) -> None:
    for worker in deployment.workers:
        worker.kill()
    browser.ask_for_reset(application, user)
    deployment.work()
    mails.wait_for(lambda mail: user["email"] in str(mail["to"]), seconds=60)
    time.sleep(1)
    assert len([mail for mail in mails.messages if user["email"] in str(mail["to"])]) == 1


def test_killing_a_server_loses_nothing(
    deployment: Deployment, product: Product, application: Application, user: dict[str, Any], browser: HttpBrowser
) -> None:
    tokens = application.redeem(browser.sign_in(application, user, scope="openid offline_access"))
    with Writers(product) as writers:
        writers.wait_for(20)
        deployment.servers[0].program.kill()
        writers.wait_for(len(writers.acknowledged) + 20)
    assert not [refusal for refusal in writers.refused if refusal.startswith(("4", "500"))]
    assert writers.lost() == []
    assert "code" in unpack(browser.silent(application))
    assert application.userinfo(tokens).status_code == 200
    assert application.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])["access_token"]


def test_a_killed_process_is_replaced_and_loses_nothing(
    deployment: Deployment, product: Product, application: Application, user: dict[str, Any], browser: HttpBrowser
) -> None:
    tokens = application.redeem(browser.sign_in(application, user, scope="openid offline_access"))
    server = deployment.servers[0]
    before = children(server.program.pid)
    assert len(before) >= 2, "WEB_CONCURRENCY=2 means two processes under one parent"
    with Writers(product) as writers:
        writers.wait_for(20)
        victim = before[-1]
        os.kill(victim, signal.SIGKILL)
        writers.wait_for(len(writers.acknowledged) + 20)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            now = [pid for pid in children(server.program.pid) if alive(pid)]
            if len(now) >= len(before) and victim not in now:
                break
            time.sleep(0.1)
        else:
            raise AssertionError(f"process {victim} was not replaced; before {before}, now {now}")
    assert not [refusal for refusal in writers.refused if refusal.startswith(("4", "500"))]
    assert writers.lost() == []
    assert server.answers()
    assert "code" in unpack(browser.silent(application))
    assert application.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])["access_token"]
