"""The counterparts themselves work, so that a failure elsewhere is the product's."""

import smtplib
import socket
from email.message import EmailMessage

import psycopg
import pytest
import redis
from playwright.sync_api import Browser

from tests.conftest import NetworkBlocked
from tests.counterparts.browser import watched_page
from tests.counterparts.redis_server import PrivateRedis
from tests.counterparts.smtp import SmtpSink

pytestmark = pytest.mark.counterpart


def test_postgres_gives_each_test_a_database(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_redis_starts_empty(redis_url: str, redis_server: PrivateRedis) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set("a", "b")
        redis_server.flush()
        assert client.dbsize() == 0


def test_smtp_keeps_messages(smtp_sink: SmtpSink) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", "Hello"
    message.set_content("text")
    host, port = smtp_sink.url.removeprefix("smtp://").split(":")
    with smtplib.SMTP(host, int(port)) as server:
        server.send_message(message)
    assert smtp_sink.wait_for(lambda mail: mail["subject"] == "Hello").get_content().split() == ["text"]


def _break_policy(browser: Browser) -> None:
    policy = {"Content-Security-Policy": "script-src 'none'", "Content-Type": "text/html"}
    with watched_page(browser) as page:
        page.route("http://localhost/", lambda route: route.fulfill(body="<script>1</script>", headers=policy))
        page.goto("http://localhost/")


def test_browser_reports_violated_policies(chromium: Browser) -> None:
    with pytest.raises(AssertionError, match="policy violated"):
        _break_policy(chromium)


def test_only_loopback_can_be_reached() -> None:
    with socket.socket() as outside, pytest.raises(NetworkBlocked):
        outside.connect(("192.0.2.1", 80))
