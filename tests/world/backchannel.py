"""What applications and people do in CIBA: somebody is asked, and confirms by the link of a mail."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from idp.protocol.oauth.ciba import service
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.world import Person, World

GRANT = service.GRANT


def hint(world: World, user_id: str, **members: str) -> str:
    """Who is asked, as ``login_hint``."""
    return json.dumps({"format": "iss_sub", "iss": world.issuer, "sub": user_id, **members})


def ask(app: Application, person: Person, **params: Any) -> dict[str, Any]:
    """An application asks."""
    said = app.call("/bc-authorize", **{"scope": "openid", "login_hint": hint(app.world, person.user_id), **params})
    assert said.status_code == 200, said.text
    answer: dict[str, Any] = said.get_json()
    return answer


def redeem(app: Application, begun: dict[str, Any]) -> Any:
    """What the token endpoint answers to that request."""
    return app.token(grant_type=GRANT, auth_req_id=begun["auth_req_id"])


def error(answer: Any) -> tuple[int, str]:
    """Status and error of an answer."""
    return answer.status_code, answer.get_json()["error"]


def link(world: World, person: Person) -> str:
    """The link of the newest mail, below the tenant's URL."""
    mail = next(each for each in world.mails(person.email) if "/approve?request=" in each.text)
    found = next(word for word in mail.text.split() if "/approve?request=" in word)
    parts = urlsplit(found)
    return f"{parts.path}?{parts.query}"


def confirm(browser: Browser, path: str, person: Person | None) -> None:
    """Open the link and say yes; sign in first where somebody has to."""
    browser.open(path, site="cross-site").submit("approval-confirm")
    if person is not None:
        browser.submit(username=person.email, password=person.password)
    assert browser.path == "/approve/done", browser.shown.text
