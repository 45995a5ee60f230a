"""A person's picture and the look of pages (security.md P8, T3)."""

from __future__ import annotations

import struct
import zlib

import pytest

from idp.directory.users import initials
from idp.directory.users import service as users
from tests.world.browser import Browser
from tests.world.world import Person, World

PNG = initials.png("JD")
BOUNDARY = "x" * 24


def enter(browser: Browser, person: Person) -> Browser:
    browser.open("/account")
    browser.submit(username=person.email, password=person.password)
    return browser


def upload(browser: Browser, data: bytes) -> int:
    """Store a picture by the form."""
    form = next(form for form in browser.shown.forms if form.action.endswith("/account/picture"))
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in form.fields.items()
        if name != "picture"
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="picture"; filename="me.svg"\r\n'
    parts.append(head.encode() + b"Content-Type: image/svg+xml\r\n\r\n" + data + f"\r\n--{BOUNDARY}--\r\n".encode())
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    response = browser.request("POST", form.action, headers=kind, body=b"".join(parts), site="same-origin")
    return response.status_code


def source(browser: Browser) -> str:
    assert browser.response is not None
    return browser.response.get_data(as_text=True)


def picture(world: World, person: Person) -> str:
    with world.context() as work:
        return users.get(work, person.user_id).picture or ""


def test_a_picture_is_stored_shown_and_removed(world: World, browser: Browser, jane: Person) -> None:
    enter(browser, jane)
    assert upload(browser, PNG) == 303
    stored = picture(world, jane)
    assert stored.startswith(f"{world.issuer}pictures/")
    shown = browser.request("GET", stored)
    assert (shown.status_code, shown.mimetype) == (200, "image/png")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'"
    assert world.client().sign_in(world.browser(), jane).id_claims["picture"] == stored
    browser.open("/account").submit("remove-picture")
    assert picture(world, jane).startswith(f"{world.issuer}avatars/")
    assert browser.request("GET", stored).status_code == 404


def test_each_picture_has_an_address_of_its_own(world: World, browser: Browser, jane: Person) -> None:
    enter(browser, jane)
    upload(browser, PNG)
    first = picture(world, jane)
    browser.open("/account")
    upload(browser, initials.png("X"))
    assert picture(world, jane) != first
    assert browser.request("GET", first).status_code == 404


def _huge() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 3, 0, 0, 0))


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"GIF89a", PNG[:60], _huge()],
    ids=["nothing", "svg", "gif", "cut off", "60,000 pixels"],
)
def test_what_is_no_picture_is_refused(world: World, browser: Browser, jane: Person, data: bytes) -> None:
    before = picture(world, jane)
    assert upload(enter(browser, jane), data) == 400
    assert picture(world, jane) == before


def test_large_files_are_refused(world: World, browser: Browser, jane: Person) -> None:
    assert upload(enter(browser, jane), b"\xff\xd8\xff" + bytes(300 * 1024)) == 413
    assert upload(browser.open("/account"), b"\xff\xd8\xff" + bytes(257 * 1024)) == 400


def test_only_a_form_of_this_browser_stores_one(world: World, browser: Browser, jane: Person) -> None:
    enter(browser, jane)
    response = browser.request("POST", f"{world.issuer}account/picture", form={"csrf": "x"}, site="cross-site")
    assert response.status_code == 403


def test_the_theme_is_kept_for_the_person_and_obeyed_on_pages(world: World, browser: Browser, jane: Person) -> None:
    enter(browser, jane)
    assert "data-theme" not in source(browser)
    browser.submit("theme-dark")
    assert 'data-theme="dark"' in source(browser)
    app = world.client()
    app.begin(browser, prompt="login")
    assert 'data-theme="dark"' in source(browser), "the sign-in page of this browser"
    elsewhere = world.browser()
    elsewhere.open("/account")
    assert "data-theme" not in source(elsewhere)
    enter(elsewhere, jane)
    assert 'data-theme="dark"' in source(elsewhere), "another browser of the same person"
    elsewhere.submit("theme-system")
    assert "data-theme" not in source(elsewhere)


def test_what_is_no_theme_is_none(world: World, browser: Browser, jane: Person) -> None:
    enter(browser, jane)
    form = next(form for form in browser.shown.forms if form.action.endswith("/account/look"))
    browser.request("POST", form.action, form={**form.fields, "theme": '"><script>'}, site="same-origin")
    browser.open("/account")
    assert "data-theme" not in source(browser)
