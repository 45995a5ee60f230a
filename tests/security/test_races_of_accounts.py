"""Group R for what people do to their own account: the same link, answer or last way in, used at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from idp.directory.users import service as users
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.work import Work
from idp.signin.factors import enrolment as tickets
from idp.signin.factors import service as factors
from idp.signin.factors.enrolment import Ticket
from idp.signin.login import factor_steps
from idp.signin.passkeys import enrolment
from idp.signin.passkeys.enrolment import LastMethod
from idp.signin.self_service import deletion
from idp.signin.webauthn import challenges
from idp.signin.webauthn.ceremonies import Attestation
from idp.signin.webauthn.challenges import Challenge
from tests.flows.test_challenges import always, work_done
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.factors import code_of, demand, key_shown
from tests.world.fixtures import Clock, on_both_stores
from tests.world.passkeys import authenticator, options
from tests.world.racing import at_once
from tests.world.world import Person, World

pytestmark = pytest.mark.usefixtures("patient")
NEW = "jane.new@example.org"
ROUNDS = 3


def entered(world: World, person: Person) -> Browser:
    browser = world.browser()
    browser.open("/account")
    browser.submit(username=person.email, password=person.password)
    assert browser.path == "/account"
    return browser


def address(world: World, person: Person) -> str | None:
    with world.context() as work:
        return users.get(work, person.user_id).email


def opened(world: World, link: str) -> Browser:
    browser = world.browser()
    browser.open(link)
    assert browser.status == 200, browser.shown.text
    return browser


@row("M7")
@on_both_stores
def test_both_sides_confirm_at_the_same_moment(processes: Sequence[World], jane: Person) -> None:
    """Each a few times: the address changes, once, and nobody is told less than that."""
    world, old, browser = processes[0], jane.email, entered(processes[0], jane)
    for number in range(ROUNDS):
        new = f"jane{number}@example.org"
        browser.submit("change-email", new_email=new)
        links = [world.mails(each)[0].links[0] for each in (old, new)]
        pages = [opened(processes[at % 3], links[at % 2]) for at in range(6)]
        at_once([partial(page.submit, "default") for page in pages])
        assert {page.status for page in pages} <= {200, 400}
        assert sum("was changed" in page.shown.text for page in pages) == 1
        assert sum("One more confirmation" in page.shown.text for page in pages) == 1
        assert address(world, jane) == new
        assert len(world.logs("sce")) == number + 1
        old = new
        browser = world.browser()
        browser.open("/account")
        browser.submit(username=new, password=jane.password)


@row("M7")
@on_both_stores
def test_a_change_of_address_and_what_ends_it_at_the_same_moment(processes: Sequence[World], jane: Person) -> None:
    """The owner calls it off, begins another one and leaves while the mails are answered: nobody gets an error of
    ours, and what stands in the end was said by somebody.
    """
    world = processes[0]
    world.settings(account_deletion_days=14)
    for number in range(ROUNDS):
        person = world.user(f"racer{number}@example.com")
        new, other = f"new{number}@example.org", f"other{number}@example.org"
        browsers = [entered(each, person) for each in processes]
        browsers[0].submit("change-email", new_email=new)
        links = [world.mails(each)[0].links[0] for each in (person.email, new)]
        browsers[1].open("/account")
        browsers[2].open("/account/deletion")
        pages = [opened(processes[at], links[at]) for at in range(2)]
        at_once(
            [
                *(partial(page.submit, "default") for page in pages),
                partial(browsers[0].submit, "call-off-email"),
                partial(browsers[1].submit, "change-email", new_email=other),
                partial(browsers[2].submit, "delete-account"),
            ]
        )
        assert all(page.status < 500 for page in (*pages, *browsers)), [page.status for page in (*pages, *browsers)]
        changed = any("was changed" in page.shown.text for page in pages)
        assert address(world, person) == (new if changed else person.email)


@row("O3")
@on_both_stores
def test_an_account_is_kept_or_erased_and_nothing_between(
    processes: Sequence[World], jane: Person, clock: Clock
) -> None:
    world = processes[0]
    world.settings(account_deletion_days=1)
    for number in range(ROUNDS):
        person = world.user(f"leaver{number}@example.com")
        browser = entered(world, person)
        browser.open("/account/deletion")
        browser.submit("delete-account")
        link = world.mails(person.email)[0].links[0]
        page = opened(processes[1], link)
        clock.forward(days=1)
        erasers = [partial(deletion.erase_due, each.platform, world.tenant, threading.Event()) for each in processes]
        at_once([lambda page=page: page.submit("default"), *erasers])  # type: ignore[misc]
        assert page.status in {200, 400}
        with world.context() as work:
            try:
                there = users.get(work, person.user_id).deletion_due is None
            except NotFound:
                there = False
        assert there is (page.status == 200)


@row("O3")
@on_both_stores
def test_a_ticket_sets_one_factor_up(processes: Sequence[World], jane: Person) -> None:
    """Opened in three browsers, finished in all of them at once: the key of the last page counts, and ends where
    another page shows a new one.
    """
    world = processes[0]
    demand(world, policy="confidence-score")
    ticket = world.caller().post("/guardian/enrollments/ticket", {"user_id": jane.user_id}).json or {}
    pages = [opened(each, str(ticket["ticket_url"])) for each in processes]
    codes = [code_of(key_shown(page)) for page in pages]
    at_once([partial(page.submit, code=code) for page, code in zip(pages, codes, strict=True)])
    assert all(page.status < 500 for page in pages)
    with world.context() as work:
        kinds = [each.type for each in factors.of_user(work, jane.user_id)]
    assert sorted(kinds) in ([], ["recovery-code", "totp"])
    assert len(world.logs("gd_enrollment_complete")) == len(kinds) // 2


@row("O3")
@on_both_stores
def test_a_key_that_another_page_has_replaced_meanwhile_sets_nothing_up(
    processes: Sequence[World], jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    demand(processes[0], policy="confidence-score")
    ticket = processes[0].caller().post("/guardian/enrollments/ticket", {"user_id": jane.user_id}).json or {}
    page = opened(processes[0], str(ticket["ticket_url"]))
    code, read = code_of(key_shown(page)), tickets.read

    def read_late(work: Work, value: str | None) -> Ticket | None:
        monkeypatch.setattr(tickets, "read", read)
        opened(processes[1], str(ticket["ticket_url"]))
        return read(work, value)

    asked = factor_steps.answered

    def answered(*given: Any) -> Any:
        proof = asked(*given)
        monkeypatch.setattr(tickets, "read", read_late)
        return proof

    monkeypatch.setattr(factor_steps, "answered", answered)
    page.submit(code=code)
    assert (page.status, processes[0].logs("gd_enrollment_complete")) == (400, [])


@on_both_stores
def test_a_challenge_is_good_for_one_form(processes: Sequence[World], jane: Person) -> None:
    world = processes[0]
    always(world)
    app, browser = world.client(), world.browser()
    app.begin(browser)
    form = browser.shown.forms[0]
    fields = {**form.fields, "action": "default", "username": jane.email, "password": "wrong", **work_done(browser)}
    copies = [replace(browser, world=each, jar=deepcopy(browser.jar)) for each in processes for _ in range(2)]
    at_once([partial(each.open, form.action, site="same-origin", method="POST", form=fields) for each in copies])
    assert sum("don’t match" in each.shown.text for each in copies) == 1
    assert sum("Please try once more" in each.shown.text for each in copies) == len(copies) - 1


@row("O10")
@on_both_stores
def test_the_last_way_in_stays_whoever_takes_it(processes: Sequence[World]) -> None:
    """Two passkeys of somebody without a password, removed at once."""
    world = processes[0]
    for number in range(ROUNDS):
        user_id, ids = two_passkeys(world, f"keys{number}@example.com")

        def remove(process: World, passkey_id: str, user_id: str = user_id) -> bool:
            with process.context() as work:
                try:
                    enrolment.remove(work, user_id, passkey_id)
                except LastMethod:
                    return False
                return True

        answers = at_once([partial(remove, processes[at], each) for at, each in enumerate(ids)])
        assert sorted(answers) == [False, True]
        with world.context() as work:
            assert len(enrolment.of_user(work, user_id)) == 1


def two_passkeys(world: World, email: str) -> tuple[str, list[str]]:
    """Somebody who has nothing else: their id, and the ids of both."""
    app, browser, device = world.client(), world.browser(), authenticator(world)
    app.begin(browser)
    browser.follow("signup-link")
    browser.submit("passkey", email=email, passkey=device.create(options(browser, "signup", email=email)))
    (user,) = world.caller().get("/users-by-email", email=email).json or []
    user_id = str(user["user_id"])
    with world.writing() as work:
        (first,) = enrolment.of_user(work, user_id)
        key = Attestation(f"second-{email}", "", 0, "", True, True, True, ())
        made = enrolment.Made(key, Challenge(challenges.ENROL, "", first.rp_id or "", user_handle="x"))
        account = enrolment.account_of(work, user_id, None)
        assert account is not None
        enrolment.add(work, user_id, *account, made)
        return user_id, [each.id for each in enrolment.of_user(work, user_id)]
