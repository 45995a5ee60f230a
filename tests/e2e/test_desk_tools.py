"""Simulator, preview and quick start in a real browser (spec/dashboard.md, lines 1, 37 and 39)."""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.counterparts.browser import watched_page
from tests.counterparts.management import PASSWORD, Management
from tests.counterparts.product import Product
from tests.e2e.pages import LoginPage

pytestmark = pytest.mark.e2e
APPS, LOOK = "/admin/applications/apps", "/admin/branding/look"


def test_line_1_the_tools_are_accessible(
    desk: Page, product: Product, management: Management, user: dict[str, Any]
) -> None:
    body = {"name": "Orchard Books", "app_type": "regular_web", "callbacks": ["https://shop.example.com/cb"]}
    app = management.call("POST", "clients", body)["client_id"]
    for number, language in enumerate(("en", "de", "ar")):
        desk.emulate_media(color_scheme="dark" if number % 2 else "light")
        desk.goto(f"{product.base_url}/admin/tools/simulator?client_id={app}&language={language}")
        desk.locator("#field-user-id").fill(user["email"])
        desk.locator("#simulator-run").click()
        expect(desk.locator("#simulator-id_token")).to_be_visible(timeout=20_000)
        found = Axe().run(desk)
        assert found.violations_count == 0, found.generate_report()
        for address in (f"{LOOK}?screen=consent&lang=en&theme=dark", f"{APPS}/{app}"):
            desk.goto(f"{product.base_url}{address}{'&' if '?' in address else '?'}language={language}")
            found = Axe().run(desk)
            assert found.violations_count == 0, (address, found.generate_report())
        for width in (320, 1440):
            desk.set_viewport_size({"width": width, "height": 800})
            wider = desk.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wider <= 0, width


def test_line_39_the_frame_reads_nothing_and_wears_what_is_typed(desk: Page, product: Product) -> None:
    desk.goto(f"{product.base_url}{LOOK}?language=en")
    frame = desk.frame_locator("#preview iframe")
    expect(frame.locator("h1")).to_have_text("Sign in")
    assert desk.evaluate("document.querySelector('#preview iframe').contentDocument") is None, "another origin"
    desk.locator("#preview-screen").select_option("consent")
    expect(frame.locator("#consent-accept")).to_be_visible()
    assert "screen=consent" in desk.url
    desk.locator("#field-colors-primary").fill("#7a1fa2")
    desk.locator("#field-colors-primary").dispatch_event("change")
    expect(desk.locator("#preview iframe")).to_have_attribute("src", re.compile("primary=%237a1fa2"))
    desk.locator("#preview-screen").select_option("login")
    expect(frame.locator("h1")).to_have_text("Sign in")
    desk.locator("#field-colors-primary").fill("#7a1fa3")
    desk.locator("#field-colors-primary").dispatch_event("change")
    expect(frame.locator(".button.first")).to_have_css("background-color", "rgb(122, 31, 163)")


def test_line_39_words_and_pieces_show_in_the_frame_before_they_are_saved(desk: Page, product: Product) -> None:
    asked: list[str] = []
    desk.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    desk.goto(f"{product.base_url}/admin/branding/texts/login.en?language=en")
    frame = desk.frame_locator("iframe.preview")
    expect(frame.locator("h1")).to_have_text("Sign in")
    desk.locator("#field-login-title").fill("Come <in>")
    desk.locator("#field-login-title").blur()
    expect(frame.locator("h1")).to_have_text("Come <in>")
    assert desk.evaluate("document.querySelector('iframe.preview').contentDocument") is None, "another origin"
    expect(desk.locator("[data-changed]")).to_have_text("Unsaved changes")
    desk.locator("#nav-partials").click()
    desk.wait_for_url("**/admin/branding/partials")
    assert asked == ["beforeunload"], "what was shown is not saved"
    desk.goto(f"{product.base_url}/admin/branding/partials/login?language=en")
    expect(frame.locator("h1")).to_have_text("Sign in")
    desk.locator("#field-login-form-content-start").fill("<p id='mine'>Books by post</p>")
    desk.locator("#show-login").click()
    expect(frame.locator("#mine")).to_have_text("Books by post")
    desk.locator("#field-login-form-content-start").fill("<script>alert(1)</script>")
    desk.locator("#show-login").click()
    expect(frame.locator("body")).to_contain_text("can't be used here")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Started:
    """A sample that runs with the values of its quick start."""

    client_id: str
    root: str
    """Where it answers."""
    said: Path
    """What it prints."""


@contextmanager
def sample(desk: Page, product: Product, management: Management, app_type: str, folder: Path) -> Iterator[Started]:
    """Make an application at the dashboard, and do what its quick start says."""
    desk.goto(f"{product.base_url}{APPS}/new?language=en")
    desk.locator("#field-name").fill(f"Sample {app_type}")
    desk.locator(f"input[name=app_type][value={app_type}]").check()
    desk.locator("#apps-save").click()
    desk.wait_for_url(re.compile(f"{APPS}/(?!new)"))
    told = desk.locator("#once-client_secret")
    secret = str(told.text_content()) if told.count() else ""
    client_id = desk.url.partition(f"{APPS}/")[2].partition("/")[0].partition("?")[0]
    callback = f"http://localhost:{free_port()}/callback"
    management.patch(f"clients/{client_id}", {"callbacks": [callback]})
    desk.goto(f"{product.base_url}{APPS}/{client_id}?language=en")
    expect(desk.locator("#apps-badge")).to_contain_text("Waiting")
    dotenv = str(desk.locator("#apps-env").text_content())
    dotenv = dotenv.replace("OIDC_CLIENT_SECRET=\n", f"OIDC_CLIENT_SECRET={secret}\n")
    (folder / ".env").write_text(dotenv, "utf-8")
    (folder / "app.py").write_text(str(desk.locator("#apps-sample").text_content()), "utf-8")
    environment = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "NO_PROXY": "*"}
    environment |= {"AUTHLIB_INSECURE_TRANSPORT": "1", "BROWSER": "true"}
    run = str(desk.locator("#apps-run").text_content()).replace("python app.py", "exec python app.py")
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(["sh", "-c", run], cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield Started(client_id, callback.removesuffix("callback"), folder / "log")
    finally:
        process.terminate()
        process.wait(10)


def visited(desk: Page) -> AbstractContextManager[Page]:
    """A page of somebody else's browser."""
    return watched_page(desk.context.browser)  # type: ignore[arg-type]


def test_line_37_the_env_runs_the_sample_and_the_badge_turns_green(
    desk: Page, product: Product, management: Management, user: dict[str, Any], tmp_path: Path
) -> None:
    with sample(desk, product, management, "regular_web", tmp_path) as app, visited(desk) as visitor:
        _reachable(app.root)
        visitor.goto(app.root)
        LoginPage(visitor).sign_in(user["email"], PASSWORD)
        expect(visitor.locator("body")).to_contain_text(user["email"])
    expect(desk.locator("#apps-badge .good")).to_be_visible(timeout=15_000)


def test_line_37_the_env_of_an_api_runs_its_sample(
    desk: Page, product: Product, management: Management, tmp_path: Path
) -> None:
    identifier = f"https://{secrets.token_hex(4)}.example.com/"
    api = management.call(
        "POST", "resource-servers", {"name": "Harbour", "identifier": identifier, "scopes": [{"value": "read:a"}]}
    )
    client = management.create_client(app_type="non_interactive", callbacks=[], grant_types=["client_credentials"])
    management.post("client-grants", {"client_id": client["client_id"], "audience": identifier, "scope": ["read:a"]})
    desk.goto(f"{product.base_url}/admin/applications/apis/{api['id']}/quickstart?language=en")
    expect(desk.locator("#apis-badge")).to_contain_text("Waiting")
    port = free_port()
    dotenv = str(desk.locator("#apis-env").text_content()).replace("PORT=5001", f"PORT={port}")
    (tmp_path / ".env").write_text(dotenv, "utf-8")
    (tmp_path / "api.py").write_text(str(desk.locator("#apis-sample").text_content()), "utf-8")
    environment = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "NO_PROXY": "*"}
    run = str(desk.locator("#apis-run").text_content()).replace("python api.py", "exec python api.py")
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(["sh", "-c", run], cwd=tmp_path, env=environment, stdout=log, stderr=log)
    try:
        there = f"http://localhost:{port}/"
        _reachable(there)
        asked = {"grant_type": "client_credentials", "audience": identifier, "client_id": client["client_id"]}
        asked["client_secret"] = client["client_secret"]
        told = requests.post(f"{product.base_url}/oauth/token", data=asked, timeout=20)
        assert told.status_code == 200, told.text
        token = told.json()["access_token"]
        answer = requests.get(there, headers={"Authorization": f"Bearer {token}"}, timeout=20)
        assert (answer.status_code, answer.json()["scope"]) == (200, "read:a")
        for other in (token[:-3] + "AAA", management.token(), "nonsense", ""):
            refused = requests.get(there, headers={"Authorization": f"Bearer {other}"}, timeout=20)
            assert refused.status_code == 401, other
    finally:
        process.terminate()
        process.wait(10)
    expect(desk.locator("#apis-badge .good")).to_be_visible(timeout=15_000)


def test_line_37_the_sample_of_a_single_page_runs_in_the_browser_alone(
    desk: Page, product: Product, management: Management, user: dict[str, Any], tmp_path: Path
) -> None:
    with sample(desk, product, management, "spa", tmp_path) as app, visited(desk) as visitor:
        _reachable(app.root)
        visitor.goto(app.root)
        visitor.locator("#sign-in").click()
        LoginPage(visitor).sign_in(user["email"], PASSWORD)
        expect(visitor.locator("#claims")).to_contain_text(user["email"])
        assert "code=" not in visitor.url
    expect(desk.locator("#apps-badge .good")).to_be_visible(timeout=15_000)


def test_line_37_the_sample_of_a_native_application_waits_on_the_loopback(
    desk: Page, product: Product, management: Management, user: dict[str, Any], tmp_path: Path
) -> None:
    with sample(desk, product, management, "native", tmp_path) as app, visited(desk) as visitor:
        address = _printed(app.said, 1)[0]
        visitor.goto(address)
        LoginPage(visitor).sign_in(user["email"], PASSWORD)
        expect(visitor.locator("body")).to_contain_text("You can close this window.")
        assert user["email"] in "".join(_printed(app.said, 3))
    expect(desk.locator("#apps-badge .good")).to_be_visible(timeout=15_000)


def _printed(file: Path, lines: int) -> list[str]:
    """What a program has printed once it is that many lines."""
    for _ in range(300):
        said = file.read_text("utf-8").splitlines()
        if len(said) >= lines:
            return said
        time.sleep(0.1)
    raise AssertionError(file.read_text("utf-8"))


def _reachable(url: str) -> None:
    """Wait until something listens there."""
    for _ in range(300):
        try:
            requests.get(url, timeout=2, proxies={"http": ""})
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"nothing listens at {url}")
