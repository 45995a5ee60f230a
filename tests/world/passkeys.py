"""What the script of our pages does with passkeys, done by a test's browser and a software authenticator."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from werkzeug.test import TestResponse

from tests.world.authenticator import Authenticator, Passkey
from tests.world.browser import Browser
from tests.world.world import Person, World


def authenticator(world: World, **options: Any) -> Authenticator:
    """A device whose browser is on our pages."""
    parts = urlsplit(world.issuer)
    return Authenticator(f"{parts.scheme}://{parts.netloc}", **options)


def asked(browser: Browser, purpose: str, **more: str) -> TestResponse:
    """What the page's script asks for."""
    fields = browser.shown.form("passkey").fields
    form = {"csrf": fields["csrf"], "state": fields.get("state", ""), "for": purpose, **more}
    url = f"{browser.world.issuer}u/passkeys/options"
    return browser.request("POST", url, form=form, site="same-origin")


def options(browser: Browser, purpose: str = "login", **more: str) -> dict[str, Any]:
    """The options that the script is given."""
    response = asked(browser, purpose, **more)
    assert response.status_code == 200, response.get_data(as_text=True)
    return dict(response.get_json())


def show(browser: Browser, device: Authenticator, passkey: Passkey | None = None, **changed: Any) -> str:
    """Sign in with a passkey on the page that is on the screen; answers what was sent."""
    answer = device.get(options(browser), passkey, **changed)
    browser.submit("passkey", passkey=answer)
    return answer


def enrol(browser: Browser, device: Authenticator) -> None:
    """Take the offer of a passkey that is on the screen."""
    assert browser.path.startswith("/u/passkeys/"), browser.path
    browser.submit("create-passkey", passkey=device.create(options(browser, "enrol")))


def with_password(browser: Browser, person: Person, *, makes: bool = True) -> None:
    """Sign in with the password; ``makes``: the browser says that its device makes passkeys."""
    more = {"webauthn-platform-available": "true"} if makes else {}
    browser.submit("login-submit", username=person.email, password=person.password, **more)
