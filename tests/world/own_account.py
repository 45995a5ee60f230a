"""Somebody at the API of their own account, with an application's token."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.test import TestResponse

from connectors.contract import Arrival, Identity
from idp.applications.clients import client_grants
from idp.applications.resource_servers import my_account
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.factors import code_of
from tests.world.sources import REDIRECT, StubRedirect, come_back, connect
from tests.world.world import CALLBACK, Person, World

METHODS = "/authentication-methods"


ALL = tuple(my_account.SCOPES)


@dataclass
class Me:
    """A person's application at the API."""

    world: World
    token: str

    def __call__(self, method: str, path: str, json: Any = None, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.world.send(method, f"/me/v1{path}", json=json, headers=headers, **options)

    def get(self, path: str) -> Any:
        """What stands there."""
        answer = self("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def begin(self, kind: str, **members: Any) -> dict[str, Any]:
        """The first call; answers its body, and under ``at`` the id that ``Location`` names."""
        answer = self("POST", METHODS, {"type": kind, **members})
        assert answer.status_code == 202, answer.text
        assert answer.json is not None
        return {**answer.json, "at": answer.headers["Location"].rpartition("/")[2]}

    def verify(self, begun: Mapping[str, Any], **proof: Any) -> TestResponse:
        """The second call, with the proof."""
        return self("POST", f"{METHODS}/{begun['at']}/verify", {"auth_session": begun["auth_session"], **proof})

    def types(self) -> list[str]:
        """Of the methods that the person has."""
        return [each["type"] for each in self.get(METHODS)["authentication_methods"]]


def activated(world: World) -> str:
    """The API is there."""
    audience = f"{world.issuer}me/"
    answer = world.caller().post("/resource-servers", {"identifier": audience, "allow_offline_access": True})
    assert answer.status_code == 201, answer.text
    return audience


def allow(world: World, app: Application, *scopes: str) -> None:
    """The application may ask for these of people (all of them, unless said)."""
    with world.writing() as work:
        client_grants.create(work, app.client_id, f"{world.issuer}me/", list(scopes or ALL), subject_type="user")


def sign_in(app: Application, person: Person, browser: Browser | None = None, seed: str = "", **params: str) -> Any:
    """Sign in for the API, with the app's code where one is asked for."""
    browser = browser or app.world.browser()
    wanted = {"scope": "openid offline_access " + " ".join(ALL), "audience": f"{app.world.issuer}me/", **params}
    attempt = app.begin(browser, **wanted)
    if browser.left_for is None and browser.path.endswith("/u/login"):
        browser.submit(username=person.email, password=person.password)
    if browser.left_for is None and seed:
        assert "/u/mfa" in browser.path, browser.path
        browser.submit(code=code_of(seed))
    return attempt.tokens(browser.answer)


class Giving(StubRedirect):
    """A source that gives a refresh token."""

    def finish(self, arrival: Arrival) -> Identity:
        """See :class:`StubRedirect`."""
        tokens = {"access_token": "first", "refresh_token": "of-the-source", "scope": "calendar mail"}
        return replace(super().finish(arrival), tokens=tokens)

    def refresh(self, account_id: str, tokens: Mapping[str, str]) -> Mapping[str, str]:
        """See :class:`connectors.contract.RefreshesTokens`."""
        del account_id
        return tokens


class Connecting:
    """An application that connects an account of a source that gives refresh tokens."""

    VERIFIER = "v" * 43

    def __init__(self, world: World, app: Application, person: Person) -> None:
        connection_id = connect(world, REDIRECT, app.client_id)
        world.caller().patch(f"/connections/{connection_id}", {"connected_accounts": {"active": True}})
        self.app, self.browser = app, world.browser()
        self.me = Me(world, sign_in(app, person, self.browser).access_token)

    def begin(self, **members: Any) -> TestResponse:
        """The first call."""
        hashed = base64.urlsafe_b64encode(hashlib.sha256(self.VERIFIER.encode()).digest()).rstrip(b"=").decode()
        pkce = {"code_challenge": hashed, "code_challenge_method": "S256"}
        usual = {"connection": REDIRECT.name, "redirect_uri": CALLBACK, "state": "s1", "scopes": ["calendar"], **pkce}
        return self.me("POST", "/connected-accounts/connect", {**usual, **members})

    def walk(self, begun: Mapping[str, Any], browser: Browser | None = None) -> dict[str, str]:
        """The browser's way to the source and back; answers what the application is told."""
        browser = browser or self.browser
        browser.open(f"{begun['connect_uri']}?ticket={begun['connect_params']['ticket']}")
        come_back(browser)
        assert browser.left_for is not None
        assert browser.left_for.startswith(CALLBACK)
        return dict(parse_qsl(urlsplit(browser.left_for).query))

    def complete(self, begun: Mapping[str, Any], code: str, me: Me | None = None, **members: Any) -> TestResponse:
        """The last call."""
        usual = {"auth_session": begun["auth_session"], "connect_code": code, "redirect_uri": CALLBACK}
        sent = {**usual, "code_verifier": self.VERIFIER, **members}
        return (me or self.me)("POST", "/connected-accounts/complete", sent)
