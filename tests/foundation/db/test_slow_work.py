"""Slow work refuses to begin inside a transaction: everybody who writes would wait for it. And while it is under way
no connection to the store is held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from sqlalchemy.pool import QueuePool

from idp.directory.users.hasher import Argon2Hasher
from idp.directory.users.models import User
from idp.foundation import egress
from idp.foundation.db.slow_work import TransactionOpen, slow_work, transactions_open
from idp.foundation.kernel.place import Slow, of_this_thread
from idp.foundation.queue.tasks import Outage
from idp.foundation.tenancy.work import Work
from idp.tenant.mail.message import Mail
from idp.tenant.mail.smtp import Smtp
from tests.counterparts.program import free_port
from tests.world.fixtures import on_both_stores
from tests.world.world import Person, World

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
        with slow_work("hashing"):
            pass
        with work.transaction(), pytest.raises(TransactionOpen), slow_work("hashing"):
            pytest.fail("it began")


def test_a_transaction_that_failed_is_forgotten(work: Work) -> None:
    def fail() -> None:
        with work.transaction():
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    with slow_work("hashing"):
        pass


# ---- nothing is held meanwhile
NEW_PASSWORD = "another horse 7 Battery"


def set_by_administrator(world: World, jane: Person) -> None:
    path = f"/users/{quote(jane.user_id, safe='')}"
    assert world.caller().patch(path, {"password": NEW_PASSWORD}).status_code == 200


def made_by_administrator(world: World, _jane: Person) -> None:
    body = {"connection": world.installed["connection"]["name"], "email": "new@example.com", "password": NEW_PASSWORD}
    assert world.caller().post("/users", body).status_code == 201


def sign_in(world: World, jane: Person) -> None:
    world.client().sign_in(world.browser(), jane)


def sign_up(world: World, _jane: Person) -> None:
    browser = world.browser()
    world.client().begin(browser, screen_hint="signup")
    browser.submit(email="new@example.com", password=NEW_PASSWORD)
    assert browser.left_for is not None


def reset(world: World, jane: Person) -> None:
    link = world.management().post("/tickets/password-change", {"user_id": jane.user_id})["ticket"]
    assert world.browser().open(link).submit(password=NEW_PASSWORD).status == 200


def change_own(world: World, jane: Person) -> None:
    browser = world.browser()
    world.client().sign_in(browser, jane)
    browser.open("/account")
    form = browser.shown.form("current_password")
    browser.send_form(form, current_password=jane.password, password=NEW_PASSWORD)
    assert browser.status == 200


CALLERS = [set_by_administrator, made_by_administrator, sign_in, sign_up, reset, change_own]


@pytest.fixture
def held(world: World, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many connections were out of their pools whenever slow work was about to begin."""
    db = world.platform.db
    pool = db.engine.pool
    seen: list[int] = []

    @contextmanager
    def away(_kind: Slow) -> Iterator[None]:
        assert isinstance(pool, QueuePool)
        seen.append(pool.checkedout() - db.pool_slots.idle + db.slots.in_use)
        yield

    monkeypatch.setattr(of_this_thread, "away", away)
    return seen


@on_both_stores
@pytest.mark.parametrize("call", CALLERS, ids=lambda call: str(call.__name__))
def test_no_connection_is_held_while_a_password_is_hashed(
    world: World, jane: Person, held: list[int], call: Callable[[World, Person], None]
) -> None:
    world.connection_options(password_history={"enable": True, "size": 3})
    call(world, jane)
    assert held
    assert set(held) == {0}


@on_both_stores
@pytest.mark.parametrize("orm", [True, False])
def test_rows_that_were_read_stay_what_they_are(world: World, jane: Person, held: list[int], *, orm: bool) -> None:
    """They belong to their session, which takes a connection again when it needs one."""
    with world.platform.work(world.tenant, orm=orm) as work:
        rows = work.rows
        user = rows.get_one(User, (world.tenant, jane.user_id))
        for _ in range(2):
            with slow_work("something"):
                pass
            rows.refresh(user)
            assert user.email == jane.email
        with work.transaction():
            rows.lock(user).name = "another"
        with slow_work("something"):
            pass
        assert rows.get_one(User, (world.tenant, jane.user_id)).name == "another"
    assert held == [0, 0, 0]


def test_what_is_changed_before_the_transaction_is_a_defect(world: World, jane: Person) -> None:
    """It could not be written, and nobody would say so."""
    with world.platform.work(world.tenant, orm=True) as work:
        work.rows.get_one(User, (world.tenant, jane.user_id)).name = "another"
        with pytest.raises(RuntimeError, match="before the transaction"), slow_work("something"):
            pytest.fail("it began")
