"""Second factors as people and their apps use them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from idp.foundation.kernel import clock
from idp.signin.factors import otp, service
from idp.signin.factors import settings_service as settings

if TYPE_CHECKING:
    from tests.world.browser import Browser
    from tests.world.world import Person, World

CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)")


def demand(world: World, *factors: str, policy: str = "all-applications") -> None:
    """Switch these factors on, and have everybody asked (or as ``policy`` says)."""
    with world.writing() as work:
        for name in factors or ("otp",):
            settings.switch(work, name, enabled=True)
        settings.set_policies(work, [policy] if policy else [])


def code_of(seed: str, *, steps: int = 0) -> str:
    """What an app shows now, or so many steps later."""
    key = otp.key_of(seed.replace(" ", ""))
    assert key is not None
    return otp.code(key, clock.now_ms() // 1000 // otp.STEP_S + steps)


def enrol(world: World, person: Person, seed: str | None = None) -> str:
    """Give somebody an app; answers its seed."""
    made = seed or otp.new_seed()
    with world.writing() as work:
        service.add(work, person.user_id, [service.New(type="totp", seed=made)])
    return made


def key_shown(browser: Browser) -> str:
    """The key on the page that sets an app up."""
    if browser.path.endswith("-qr"):
        browser.follow("otp-key")
    return browser.shown.texts["otp-secret"]


def sent_code(world: World, to: str) -> str:
    """The newest code that was sent there."""
    found = CODE.search(world.mails(to)[0].text)
    assert found, world.mails(to)[0].text
    return found[1]
