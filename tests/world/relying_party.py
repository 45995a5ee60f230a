"""What relying parties of a federation do: they send browsers with requests that they signed, and redeem codes."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from tests.world.application import Application, Attempt
from tests.world.browser import Browser
from tests.world.client_keys import ASSERTION_TYPE, assertion, key
from tests.world.federation import request_object
from tests.world.world import CALLBACK, Person


def begin(app: Application, browser: Browser, header: Any = None, *, post: bool = False, **claims: Any) -> Attempt:
    """Send the browser to us with a signed request."""
    attempt = app.attempt(scope="openid profile email offline_access")
    raw = request_object(app.world, attempt, header, **claims)
    sent = {"client_id": app.client_id, "request": raw, "response_type": "code", "scope": "openid"}
    if post:
        browser.open(f"{app.world.issuer}authorize", site="cross-site", method="POST", form=sent)
    else:
        browser.open(f"{app.world.issuer}authorize?{urlencode(sent)}", site="cross-site")
    return attempt


def refused(app: Application, browser: Browser, error: str = "invalid_trust_chain", **claims: Any) -> str:
    """The page that says no; nobody is sent anywhere, and nobody became a client."""
    begin(app, browser, **claims)
    assert browser.left_for is None, browser.left_for
    assert browser.status in {400, 429, 503}, browser.status
    text = str(browser.shown.text)
    assert error in text, text
    assert app.world.management().get("/clients?is_first_party=false") == []
    return text


def allow(browser: Browser, person: Person) -> None:
    """Sign in and agree."""
    browser.submit(username=person.email, password=person.password)
    assert browser.path == "/u/consent", browser.path
    browser.submit("consent-accept")


def redeemed(app: Application, attempt: Attempt, browser: Browser, **claims: Any) -> Any:
    """What the token endpoint answers to the code, and an assertion with these claims."""
    raw = assertion(app, key("ES256", "protocol"), **claims)
    code = {"grant_type": "authorization_code", "code": browser.answer.code, "redirect_uri": CALLBACK}
    proof = {"client_assertion": raw, "client_assertion_type": ASSERTION_TYPE}
    return app.call("/oauth/token", **code, code_verifier=attempt.verifier, **proof)
