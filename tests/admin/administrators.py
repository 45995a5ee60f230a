"""Fixtures of the dashboard's tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from idp.foundation.kernel.actor import CLI, Actor
from idp.tenant.members import service as members
from tests.world.browser import Browser
from tests.world.world import Person, World

Hire = Callable[..., Person]


@pytest.fixture
def hire(world: World) -> Hire:
    """Makes somebody an administrator with these roles."""

    def hire(email: str, *roles: str, client_ids: tuple[str, ...] = ()) -> Person:
        person = world.user(email)
        with world.platform.work(world.tenant, actor=Actor(channel=CLI), orm=True) as work, work.transaction():
            members.add(work, person.user_id, roles or ("Owner",), client_ids)
        return person

    return hire


@pytest.fixture
def owner(hire: Hire) -> Person:
    """An Owner."""
    return hire("olga@example.com", "Owner")


def enter(browser: Browser, person: Person, path: str = "/admin") -> Browser:
    """Sign in on the way to a page of the dashboard."""
    browser.open(path)
    if browser.path.startswith("/u/login"):
        browser.submit(username=person.email, password=person.password)
    return browser
