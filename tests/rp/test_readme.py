"""Every snippet of the README that points an application at the product, run as it stands there: only ports are
others, and where Vite would put a variable in, the test does.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from flask import Flask, send_from_directory
from playwright.sync_api import Browser, Page
from werkzeug.wrappers import Response

from tests.counterparts.browser import launched
from tests.counterparts.fixtures import not_run
from tests.counterparts.local_site import local_site
from tests.counterparts.node import NODE_FOLDER
from tests.counterparts.product import Product
from tests.counterparts.program import ROOT, Program, accepts, free_port
from tests.tools.built import built

pytestmark = [pytest.mark.counterpart, pytest.mark.e2e]
SignIn = Callable[[dict[str, Any]], None]
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PORT = re.compile(r"--callback http://localhost:(\d+)")


@dataclass(frozen=True)
class Section:
    """One heading of the README with its snippets, in their order: (language, text)."""

    snippets: tuple[tuple[str, str], ...]

    def of(self, language: str) -> list[str]:
        """The snippets in that language."""
        return [text for kind, text in self.snippets if kind == language]


@cache
def readme() -> dict[str, Section]:
    """Sections by heading."""
    parts = re.split(r"^#{2,3} (.+)$", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {
        title: Section(tuple((found[1], found[2]) for found in _FENCE.finditer(text)))
        for title, text in zip(parts[1::2], parts[2::2], strict=True)
    }


REGISTER = "Point an application at it"
EXPRESS = "express-openid-connect"
FLASK = "Flask, with Authlib"
SPA = "auth0-spa-js, and the React, Vue and Angular SDKs on top of it"
PROXY = "oauth2-proxy"
GRAFANA = "Grafana"
TLS = "SDKs and tools that insist on https"
RUN = {REGISTER, EXPRESS, FLASK, SPA, PROXY, GRAFANA, TLS}
ELSEWHERE = {"Start"}
"""``make run`` and ``make test`` are what every other test stands on."""


def test_every_snippet_is_run_here() -> None:
    with_snippets = {title for title, section in readme().items() if section.snippets}
    assert with_snippets == RUN | ELSEWHERE


class Folder:
    """A folder beside the product's database, as a reader of the README sits in one."""

    def __init__(self, product: Product, path: Path) -> None:
        self.product, self.path, self.port = product, path, free_port()
        self.running: list[Program] = []
        (path / "node_modules").symlink_to(NODE_FOLDER / "node_modules")
        (path / ".venv").symlink_to(ROOT / ".venv")
        (path / "var").symlink_to(product.folder / "var")
        self.env = {
            name: value for name, value in product.env.items() if name != "PORT" and not name.startswith("PYTHON")
        }
        self.env |= {"PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}

    @property
    def site(self) -> str:
        """Where the application is."""
        return f"http://localhost:{self.port}"

    def on_our_port(self, text: str, register: str) -> str:
        """``text`` with the port that the test has instead of the README's."""
        found = _PORT.search(register)
        assert found is not None
        return text.replace(f"localhost:{found[1]}", f"localhost:{self.port}")

    def register(self, section: str = REGISTER) -> None:
        """Run the snippet that registers the application; its ``.env`` is in the folder then."""
        text = next(each for each in readme()[section].of("sh") if "clients create" in each)
        self.shell(self.on_our_port(text, text))

    def shell(self, text: str) -> str:
        """Run a snippet to its end; answers what it printed."""
        done = subprocess.run(
            ["sh", "-ec", text], cwd=self.path, env=self.env, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def settings(self) -> dict[str, str]:
        """The ``.env``."""
        lines = (self.path / ".env").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def start(self, text: str) -> None:
        """Run a command that stays, until it listens."""
        program = Program.start(["sh", "-ec", text], log_path=self.path / "log", env=self.env, cwd=self.path)
        self.running.append(program)
        program.wait_until(lambda: accepts(self.port), what="listen")


@pytest.fixture
def folder(product: Product, tmp_path: Path) -> Iterator[Folder]:
    """A fresh folder; what is started in it ends with the test."""
    made = Folder(product, tmp_path)
    yield made
    for program in made.running:
        program.stop()
        print(program.log)


def greeted(page: Page, user: dict[str, Any]) -> None:
    """The application shows whom it knows."""
    page.wait_for_function("name => document.body.innerText.startsWith(`Hello ${name}`)", arg=user["name"])


def test_registering(folder: Folder) -> None:
    folder.register()
    settings = folder.settings()
    assert settings["OIDC_ISSUER"] == folder.product.issuer
    assert len(settings["SECRET"]) >= 32
    shown = json.loads(folder.shell('.venv/bin/idp clients show "My app" --json'))
    assert shown["allowed_logout_urls"] == [folder.site, f"{folder.site}/"]
    client = f".venv/bin/idp clients update {settings['CLIENT_ID']}"
    folder.shell(f"{client} --callback {folder.site}/other --logout {folder.site}/bye --name 'Another app'")
    shown = json.loads(folder.shell(f".venv/bin/idp clients show {settings['CLIENT_ID']} --json"))
    assert (shown["name"], shown["callbacks"]) == ("Another app", [f"{folder.site}/other"])
    assert shown["allowed_logout_urls"] == [f"{folder.site}/bye", folder.site, f"{folder.site}/"]
    folder.product.management().delete(f"clients/{settings['CLIENT_ID']}")


def removed(folder: Folder) -> None:
    """Names of the README are used once in the shared product."""
    folder.product.management().delete(f"clients/{folder.settings()['CLIENT_ID']}")


def test_express(node: str, page: Page, folder: Folder, user: dict[str, Any], sign_in: SignIn) -> None:
    folder.register()
    (switched_on,) = readme()[EXPRESS].of("sh")
    folder.shell(switched_on)
    (script,) = readme()[EXPRESS].of("js")
    (folder.path / "app.mjs").write_text(script, encoding="utf-8")
    folder.start(f"exec {node} --env-file=.env app.mjs")
    page.goto(f"{folder.site}/")
    sign_in(user)
    page.wait_for_url(f"{folder.site}/")
    greeted(page, user)
    page.goto(f"{folder.site}/logout")
    page.wait_for_url(f"{folder.product.base_url}/u/login*")
    removed(folder)


def test_flask(page: Page, folder: Folder, user: dict[str, Any], sign_in: SignIn) -> None:
    folder.register()
    (script,) = readme()[FLASK].of("python")
    (folder.path / "app.py").write_text(script, encoding="utf-8")
    command = re.search(r"Start it with `(set -a; .*flask.*)`", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert command is not None
    folder.start(command[1].replace("flask --app", "exec flask --app"))
    page.goto(f"{folder.site}/")
    sign_in(user)
    page.wait_for_url(f"{folder.site}/")
    greeted(page, user)
    removed(folder)


def test_a_page_of_its_own(node: str, page: Page, folder: Folder, user: dict[str, Any], sign_in: SignIn) -> None:
    del node  # what it installs is served
    folder.register(SPA)
    settings = folder.settings()
    (script,) = readme()[SPA].of("js")
    for name in ("VITE_AUTH0_DOMAIN", "VITE_AUTH0_CLIENT_ID"):
        script = script.replace(f"import.meta.env.{name}", json.dumps(settings[name]))  # as Vite does
    library = NODE_FOLDER / "node_modules" / "@auth0" / "auth0-spa-js" / "dist"
    names = '{"imports": {"@auth0/auth0-spa-js": "/auth0-spa-js.production.esm.js"}}'
    html = f'<!doctype html><script type="importmap">{names}</script><body><script type="module">{script}</script>'
    app = Flask(__name__)

    @app.get("/")
    def index() -> Response:
        return Response(html, content_type="text/html")

    @app.get("/auth0-spa-js.production.esm.js")
    def module() -> Response:
        return send_from_directory(library, "auth0-spa-js.production.esm.js")

    with local_site(app, port=folder.port) as site:
        page.goto(f"{site}/")
        sign_in(user)
        page.wait_for_url(f"{site}/")
        greeted(page, user)
    removed(folder)


def test_oauth2_proxy(page: Page, folder: Folder, user: dict[str, Any], sign_in: SignIn) -> None:
    folder.env["PATH"] = f"{built('oauth2-proxy').parent}:{folder.env['PATH']}"
    folder.register(PROXY)
    text = readme()[PROXY].of("sh")[1]
    folder.start(text.replace("oauth2-proxy --provider", "exec oauth2-proxy --provider"))
    page.goto(f"{folder.site}/oauth2/start")
    sign_in(user)
    page.wait_for_url(f"{folder.site}/")
    assert "Authenticated" in page.locator("body").inner_text()
    removed(folder)


def test_grafanas_settings(page: Page, folder: Folder, user: dict[str, Any], sign_in: SignIn) -> None:
    """Grafana itself can't be installed here: an OAuth client that knows nothing but its settings stands in."""
    folder.register(GRAFANA)
    printed = folder.shell(f"{readme()[GRAFANA].of('sh')[1]}\nenv")
    env = dict(line.split("=", 1) for line in printed.splitlines() if line.startswith("GF_"))
    oauth = {name.removeprefix("GF_AUTH_GENERIC_OAUTH_"): value for name, value in env.items()}
    back = f"{env['GF_SERVER_ROOT_URL']}login/generic_oauth"
    verifier = "a" * 43
    query = {
        "client_id": oauth["CLIENT_ID"],
        "response_type": "code",
        "redirect_uri": back,
        "scope": oauth["SCOPES"],
        "state": "s",
        "code_challenge": "ZtNPunH49FD35FWYhT5Tv8I7vRKQJ8uxMaL0_9eHjNA",
        "code_challenge_method": "S256",
    }
    app = Flask(__name__)
    app.add_url_rule("/login/generic_oauth", "callback", lambda: "back")
    app.add_url_rule("/", "home", lambda: "signed out")
    with local_site(app, port=folder.port) as site:
        page.goto(f"{oauth['AUTH_URL']}?{urlencode(query)}")
        sign_in(user)
        page.wait_for_url(f"{back}*")
        form = {
            "grant_type": "authorization_code",
            "client_id": oauth["CLIENT_ID"],
            "client_secret": oauth["CLIENT_SECRET"],
            "redirect_uri": back,
            "code": parse_qs(urlsplit(page.url).query)["code"][0],
            "code_verifier": verifier,
        }
        tokens = requests.post(oauth["TOKEN_URL"], data=form, timeout=20).json()
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        profile = requests.get(oauth["API_URL"], headers=bearer, timeout=20).json()
        assert (profile["email"], profile["name"]) == (user["email"], user["name"])
        page.goto(env["GF_AUTH_SIGNOUT_REDIRECT_URL"])
        page.wait_for_url(f"{site}/")
    removed(folder)


def test_a_browser_trusts_the_local_authority(tls_product: Product, chromium: Browser, tmp_path: Path) -> None:
    if shutil.which("certutil") is None:
        not_run("certutil (Debian package libnss3-tools)")
    (command,) = readme()[TLS].of("sh")
    env = {**os.environ, "HOME": str(tmp_path)}
    (tmp_path / ".pki" / "nssdb").mkdir(parents=True)
    database = f"sql:{tmp_path / '.pki' / 'nssdb'}"
    subprocess.run(["certutil", "-d", database, "-N", "--empty-password"], env=env, check=True)
    subprocess.run(["sh", "-ec", command], cwd=tls_product.folder, env=env, check=True)
    browser = launched(chromium.browser_type, whole=True, HOME=str(tmp_path))
    page = browser.new_page()
    assert page.goto(tls_product.issuer) is not None, "no warning stands in between"
    browser.close()
