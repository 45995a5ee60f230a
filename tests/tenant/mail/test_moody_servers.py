"""Mail servers that hang up, fall silent or drip: a mail has one deadline, and only what concerns every mail stops
every mail.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from idp.foundation.queue.tasks import Outage, TryLater
from idp.tenant.mail import smtp
from idp.tenant.mail.message import Mail
from idp.tenant.mail.smtp import Smtp
from tests.counterparts.moody_smtp import Mood, MoodySmtp

GENEROUS_S = 8.0
MAIL = Mail("login@example.test", "Login", "ann@example.test", "Hello", "Hello", "<p>Hello", "<1@example.test>")
BEFORE_A_MAIL = ("CONNECT", "EHLO")
IN_A_MAIL = ("MAIL", "RCPT", "DATA", "BODY")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MoodySmtp]:
    """A server; mails get little time."""
    monkeypatch.setattr(smtp, "TOTAL_S", 0.6)
    monkeypatch.setattr(smtp, "GREETING_S", 0.6)
    made = MoodySmtp().start()
    yield made
    made.stop()


def at(place: str, mood: str) -> Mood:
    return lambda command, _recipient: mood if command == place else "take"


def deliver(server: MoodySmtp) -> float:
    begun = time.monotonic()
    try:
        Smtp.from_url(server.url, None).deliver(MAIL)
    finally:
        assert time.monotonic() - begun < GENEROUS_S
    return time.monotonic() - begun


@pytest.mark.parametrize("mood", ["hang up", "silent", "drip"])
@pytest.mark.parametrize("place", BEFORE_A_MAIL)
def test_a_server_that_takes_no_mail_at_all_is_an_outage(server: MoodySmtp, place: str, mood: str) -> None:
    server.mood = at(place, mood)
    with pytest.raises(Outage):
        deliver(server)


@pytest.mark.parametrize("mood", ["hang up", "silent", "drip"])
@pytest.mark.parametrize("place", IN_A_MAIL)
def test_what_goes_wrong_with_one_mail_concerns_that_mail(server: MoodySmtp, place: str, mood: str) -> None:
    server.mood = at(place, mood)
    with pytest.raises(TryLater):
        deliver(server)


def test_a_server_that_goes_away_in_the_middle_of_a_mail_is_an_outage(server: MoodySmtp) -> None:
    def leave(command: str, _recipient: str) -> str:
        if command != "BODY":
            return "take"
        server.mood = at("CONNECT", "hang up")
        return "hang up"

    server.mood = leave
    with pytest.raises(Outage):
        deliver(server)


@pytest.mark.parametrize("mood", ["hang up", "silent", "drip"])
def test_a_mail_that_was_taken_is_sent_however_the_server_leaves(server: MoodySmtp, mood: str) -> None:
    server.mood = at("QUIT", mood)
    deliver(server)
    assert server.taken == ["ann@example.test"]
