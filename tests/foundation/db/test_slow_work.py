"""Slow work refuses to begin inside a transaction: everybody who writes would wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from idp.directory.users.hasher import Argon2Hasher
from idp.foundation import egress
from idp.foundation.db.slow_work import TransactionOpen, refuse_in_transaction, transactions_open
from idp.foundation.queue.tasks import Outage
from idp.foundation.tenancy.work import Work
from idp.tenant.mail.message import Mail
from idp.tenant.mail.smtp import Smtp
from tests.counterparts.program import free_port
from tests.world.world import World

HASHER = Argon2Hasher()
KNOWN = HASHER.hash("correct horse")
MAIL = Mail("login@example.com", "Login", "jane@example.com", "Hello", "Hello", "<p>Hello", "<1@example.com>")


def call_out(work: Work) -> None:
    egress.get(work.platform.settings, f"http://127.0.0.1:{free_port()}/")


def send_mail(_work: Work) -> None:
    Smtp.from_url(f"smtp://127.0.0.1:{free_port()}", None).deliver(MAIL)


SLOW: dict[str, Callable[[Work], object]] = {
    "hash": lambda _work: HASHER.hash("correct horse"),
    "verify": lambda _work: HASHER.verify(KNOWN, "correct horse"),
    "verify nobody's": lambda _work: HASHER.verify(None, "correct horse"),
    "outbound call": call_out,
    "mail": send_mail,
}


@pytest.fixture
def work(world: World) -> Iterator[Work]:
    with world.context() as made:
        yield made


@pytest.mark.parametrize("slow", SLOW)
def test_slow_work_refuses_an_open_transaction(work: Work, slow: str) -> None:
    with work.transaction(), pytest.raises(TransactionOpen, match="inside an open transaction"):
        SLOW[slow](work)


@pytest.mark.parametrize("slow", ["outbound call", "mail"])
def test_outside_it_fails_for_its_own_reasons_only(work: Work, slow: str) -> None:
    with pytest.raises((egress.EgressError, Outage)):
        SLOW[slow](work)


def test_hashing_goes_before_and_after_a_transaction(work: Work) -> None:
    with work.transaction():
        pass
    assert transactions_open() == 0
    assert HASHER.verify(KNOWN, "correct horse")


def test_a_lazy_transaction_counts_once_it_has_begun(world: World) -> None:
    with world.platform.work(world.tenant, orm=True) as work, work.transaction(lazily=True):
        refuse_in_transaction("hashing")
        with work.transaction(), pytest.raises(TransactionOpen):
            refuse_in_transaction("hashing")


def test_a_transaction_that_failed_is_forgotten(work: Work) -> None:
    def fail() -> None:
        with work.transaction():
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    refuse_in_transaction("hashing")
