"""What the tests of the dashboard share: the administrator's browser, with everything in its forms filled in."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from lxml import html
from sqlalchemy import event

from idp.admin.desk import pages
from idp.foundation.db.hot import HotConnection
from idp.management.limits import Limiter
from tests.world.browser import Browser
from tests.world.page import parse
from tests.world.world import World


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every world's administrator is the same person to the process, which counts their requests together."""
    monkeypatch.setattr(pages, "LIMITER", Limiter(lambda: 0.0, enforced=False))


def enter(world: World, browser: Browser, address: str = "/admin") -> Browser:
    """Sign in as the installation's administrator, and arrive at ``address``."""
    browser.open(address)
    assert browser.path.startswith("/u/login")
    admin = world.installed["admin"]
    return browser.submit(username=admin["email"], password=admin["password"])


class Desk:
    """A browser on the dashboard, and what its page says."""

    def __init__(self, world: World, browser: Browser) -> None:
        self.world, self.browser = world, browser

    def open(self, address: str) -> Desk:
        """Go there."""
        self.browser.open(address, site="same-origin")
        return self

    def sign_out(self) -> None:
        """The session is gone, and nobody said so to the page."""
        jar = self.browser.jar
        jar.kept = {key: cookie for key, cookie in jar.kept.items() if "auth0" not in key[1]}

    @property
    def html(self) -> str:
        return self.browser.shown.html

    @property
    def status(self) -> int:
        return self.browser.status

    @property
    def url(self) -> str:
        return self.browser.shown.url.removeprefix(self.world.issuer.rstrip("/"))

    @property
    def text(self) -> str:
        return self.browser.shown.text

    @property
    def tree(self) -> Any:
        return html.fromstring(self.html)

    def one(self, id_: str) -> Any:
        """The element with that id."""
        (found,) = self.tree.xpath("//*[@id=$id]", id=id_)
        return found

    def has(self, id_: str) -> bool:
        return bool(self.tree.xpath("//*[@id=$id]", id=id_))

    def say(self, id_: str) -> str:
        """The words of the element with that id."""
        return " ".join(self.one(id_).text_content().split())

    def rows(self) -> list[str]:
        """The names of a list's objects, in its order."""
        return [" ".join(each.text_content().split()) for each in self.tree.xpath("//tr//a[@class='to']")]

    def follow(self, id_: str) -> Desk:
        """Follow the link with that id."""
        return self.open(str(self.one(id_).get("href")))

    def fields(self, button: str) -> dict[str, str]:
        """What the form of that button would send as it is."""
        form = next(each for each in self.tree.forms if each.xpath(".//button[@id=$id]", id=button))
        return {name: str(value) for name, value in form.form_values()}

    def press(self, button: str, /, without: tuple[str, ...] = (), site: str = "same-origin", **typed: str) -> Desk:
        """Send the form of that button with these inputs changed (a dot is two underscores), or left out."""
        form = next(each for each in self.tree.forms if each.xpath(".//button[@id=$id]", id=button))
        values = {name: str(value) for name, value in form.form_values()}
        values |= {name.replace("__", "."): value for name, value in typed.items()}
        filled = {name: value for name, value in values.items() if name not in without}
        self.browser.open(form.action or self.url, site=site, method="POST", form=filled)
        return self

    def upload(self, button: str, field: str, content: bytes, **typed: str) -> int:
        """Send the form of that button with a file in ``field``, as a browser does, and go where it leads; the status
        of its answer.
        """
        form = next(each for each in self.tree.forms if each.xpath(".//button[@id=$id]", id=button))
        assert form.get("enctype") == "multipart/form-data"
        values = {name: str(value) for name, value in form.form_values()} | typed
        boundary, body = "a-boundary-of-the-tests", io.BytesIO()
        for name, value in values.items():
            if name != field:
                body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="a file"\r\n\r\n'
        body.write(head.encode() + content + f"\r\n--{boundary}--\r\n".encode())
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        address = self.world.issuer.rstrip("/") + (form.action or self.url)
        answer = self.browser.request("POST", address, site="same-origin", headers=kind, body=body.getvalue())
        if answer.status_code == 303:
            self.open(answer.headers["Location"])
        else:
            self.browser.page = parse(address, answer.get_data(as_text=True))
        return int(answer.status_code)


@pytest.fixture
def desk(world: World, browser: Browser) -> Desk:
    """The administrator's browser, on the first page."""
    enter(world, browser)
    assert (browser.status, browser.path) == (200, "/admin")
    return Desk(world, browser)


@contextmanager
def asked(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the database is asked meanwhile, by compiled statements and by the ORM."""
    said: list[str] = []
    execute: Callable[..., Any] = HotConnection._execute

    def note(self: HotConnection, statement: Any, values: dict[str, Any]) -> Any:
        said.append(statement.name)
        return execute(self, statement, values)

    def take(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    with monkeypatch.context() as patch:
        patch.setattr(HotConnection, "_execute", note)
        engines = {id(each): each for each in (world.platform.db.engine, world.platform.db.hot_engine)}.values()
        for engine in engines:
            event.listen(engine, "before_cursor_execute", take)
        try:
            yield said
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", take)
