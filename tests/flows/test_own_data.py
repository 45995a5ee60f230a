"""``/account``: where one signed in, and one's own data as a file (issue 11.8, spec/privacy.md)."""

from __future__ import annotations

import io
import json
import zipfile

from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import Person, World


def enter(browser: Browser, person: Person) -> None:
    browser.open("/account")
    browser.submit(username=person.email, password=person.password)
    assert browser.path == "/account"


def download(browser: Browser) -> zipfile.ZipFile:
    form = browser.shown.form_with_button("download-data")
    response = browser.request(
        "POST", form.action, form={**form.fields, **form.button("download-data")}, site="same-origin"
    )
    assert response.status_code == 200, response.get_data(as_text=True)[:500]
    assert response.headers["Content-Disposition"] == 'attachment; filename="personal-data.zip"'
    assert response.headers["Cache-Control"] == "no-store"
    return zipfile.ZipFile(io.BytesIO(response.get_data()))


def test_privacy_access_everything_of_oneself_and_nothing_of_others(
    world: World, browser: Browser, jane: Person
) -> None:
    other = world.user("other@example.com")
    enter(browser, jane)
    archive = download(browser)
    users = json.loads(archive.read("personal-data/users.json"))
    assert [each["user_id"] for each in users] == [jane.user_id]
    whole = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert other.user_id not in whole
    assert "$argon2" not in whole


def test_whoever_signed_in_long_ago_does_so_again_first(
    world: World, browser: Browser, jane: Person, clock: Clock
) -> None:
    """A stolen session takes nothing along."""
    enter(browser, jane)
    clock.forward(minutes=16)
    browser.open("/account")
    browser.submit("download-data")
    assert browser.path == "/u/login"
    browser.submit(password=jane.password, username=jane.email)
    assert browser.path == "/account"
    assert download(browser).namelist()


def test_the_form_is_this_browsers_own(world: World, browser: Browser, jane: Person) -> None:
    enter(browser, jane)
    response = browser.request("POST", f"{world.issuer}account/data", form={"csrf": "x"}, site="same-origin")
    assert response.status_code == 403
    assert browser.request("GET", f"{world.issuer}account/data").status_code == 405


def test_files_have_a_limit(world: World, browser: Browser, jane: Person) -> None:
    enter(browser, jane)
    for _ in range(5):
        browser.open("/account")
        download(browser)
    browser.open("/account")
    browser.submit("download-data")
    assert browser.status == 429
    assert "several times" in browser.shown.text


def test_sign_ins_are_listed_with_those_that_failed(world: World, browser: Browser, jane: Person) -> None:
    world.client().begin(stranger := world.browser(address="192.0.2.77"))
    stranger.submit(username=jane.email, password="wrong")
    enter(browser, jane)
    assert "Recent sign-ins" in browser.shown.text
    assert "192.0.2.77" in browser.shown.text
    assert "Failed" in browser.shown.text
