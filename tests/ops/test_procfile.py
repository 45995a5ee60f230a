"""The Procfile starts the same service on a platform: release, web, worker, configured by the environment alone."""

import signal
from pathlib import Path

import pytest

from tests.counterparts.application import Application
from tests.counterparts.http_login import HttpBrowser
from tests.counterparts.postgres import PrivatePostgres
from tests.counterparts.product import Product, init, product_environment
from tests.counterparts.program import ROOT, free_port
from tests.counterparts.redis_server import PrivateRedis
from tests.counterparts.smtp import SmtpSink
from tests.ops import procfile
from tests.ops.deployment import SECRET_KEY

pytestmark = [pytest.mark.counterpart, pytest.mark.slow]


def test_release_web_and_worker(
    postgres: PrivatePostgres, redis_server: PrivateRedis, smtp_sink: SmtpSink, tmp_path: Path
) -> None:
    port = free_port()
    env = product_environment(
        PORT=str(port),
        IDP_PUBLIC_URL=f"http://localhost:{port}/",
        IDP_SECRET_KEY=SECRET_KEY,
        DATABASE_URL=postgres.create_database(),
        REDIS_URL=redis_server.url,
        SMTP_URL=smtp_sink.url,
        WEB_CONCURRENCY="2",
    )
    processes = procfile.run(env, tmp_path)
    try:
        assert set(processes) == {"web", "worker"}
        web = processes["web"]
        product = Product(tmp_path, port, env, web, {}, f"http://localhost:{port}")
        web.wait_until(product.answers)
        product.printed = init(cwd=ROOT, env=env)
        user = product.management().create_user(connection=product.connection)
        application = Application.register(product, product.management(), "http://localhost:9")
        browser = HttpBrowser()
        assert application.redeem(browser.sign_in(application, user))["id_token"]
        browser.http.cookies.clear()
        browser.ask_for_reset(application, user)
        browser.close()
        smtp_sink.wait_for(lambda mail: user["email"] in str(mail["to"]), seconds=30)
    finally:
        statuses = {name: program.stop(signal.SIGTERM) for name, program in processes.items()}
    assert all(status in {0, -signal.SIGTERM, 128 + signal.SIGTERM} for status in statuses.values()), statuses


def test_app_json_and_procfile_name_what_exists() -> None:
    commands = procfile.parse((ROOT / "Procfile").read_text(encoding="utf-8"))
    assert set(commands) == {"release", "web", "worker"}
