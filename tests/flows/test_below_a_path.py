"""A tenant at ``https://id.example.test/auth/``: every address, cookie, page and mail is below its path
(decision 0108).
"""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from urllib.parse import urljoin, urlsplit

import pytest
from structlog.testing import capture_logs

from idp.foundation.kernel.errors import StoreUnavailable
from idp.tenant.settings import service as tenants
from tests.world.browser import Browser
from tests.world.fixtures import OpenWorld
from tests.world.templates import BELOW_A_PATH, HOST, PLAIN_HTTP, TWO_BELOW_PATHS, Template
from tests.world.world import Person, World

ROOT = "/auth"
ADDRESSES = re.compile(r"""(?:href|src|action)="([^"]*)\"""")


@pytest.fixture
def template() -> Template:
    """The tenant is below a path."""
    return BELOW_A_PATH


class Watching(Browser):
    """A browser that holds everything it is shown against the tenant's path."""

    def request(self, method: str, url: str, **options: object) -> object:  # type: ignore[override]
        response = super().request(method, url, **options)  # type: ignore[arg-type]
        issuer = self.world.issuer
        assert url.startswith(issuer), url
        for header in response.headers.getlist("Set-Cookie"):
            for name, morsel in SimpleCookie(header).items():
                assert morsel["path"].startswith(urlsplit(issuer).path), header
                assert name.startswith("__Secure-"), header
        if response.mimetype == "text/html":
            for found in ADDRESSES.findall(response.get_data(as_text=True)):
                address = urljoin(url, found.replace("&amp;", "&"))
                if urlsplit(address).netloc == urlsplit(issuer).netloc:
                    assert address.startswith(issuer), found
        return response


def watching(world: World) -> Browser:
    return Watching(world)


def test_everything_discovery_names_is_below_the_path(world: World) -> None:
    assert world.issuer == f"https://{HOST}{ROOT}/"
    document = world.get("/.well-known/openid-configuration").get_json()
    assert document["issuer"] == world.issuer
    named = {name: value for name, value in document.items() if isinstance(value, str) and value.startswith("http")}
    assert [name for name, value in named.items() if not value.startswith(world.issuer)] == []
    keys = world.get(document["jwks_uri"])
    assert keys.status_code == 200
    assert keys.get_json()["keys"]


@pytest.mark.parametrize("name", ["oauth-authorization-server", "openid-configuration"])
@pytest.mark.parametrize(
    "where", ["{root}/.well-known/{name}", "/.well-known/{name}{root}", "/.well-known/{name}{root}/"]
)
def test_metadata_is_found_both_ways(world: World, name: str, where: str) -> None:
    """Behind the issuer, and with its path inserted (RFC 8414 3.1)."""
    url = f"https://{HOST}{where.format(root=ROOT, name=name)}"
    assert world.get(url).get_json()["issuer"] == world.issuer


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/authorize",
        "/u/login",
        "/account",
        "/oauth/token",
        "/api/v2/clients",
        "/static/gate.css",
        "/.well-known/openid-configuration",
        "/.well-known/jwks.json",
        "/.well-known/jwks.json/auth",
        "/.well-known/oauth-authorization-server/other",
        "/.well-known/oauth-authorization-server/auth/more",
        "/authx/account",
        "/AUTH/account",
        "/AUTH",
        "//auth",
        "/auth/auth/account",
        "//auth/account",
        "/auth/../account",
        "/auth\\account",
        "/auth/\x00/account",
    ],
)
def test_nothing_is_served_beside_the_path(world: World, path: str) -> None:
    assert world.get(f"https://{HOST}{path}").status_code == 404


@pytest.mark.parametrize(("query", "method"), [("", "GET"), ("?a=%2F&b=//evil.example", "GET"), ("", "POST")])
def test_without_its_last_slash_it_leads_to_the_tenant(world: World, query: str, method: str) -> None:
    answer = world.send(method, f"https://{HOST}{ROOT}{query}")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"{ROOT}/{query}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.data == b""


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/auth/healthz", "/auth/readyz"])
def test_health_is_asked_with_and_without_it(world: World, path: str) -> None:
    assert world.get(f"https://{HOST}{path}").status_code == 200


def test_the_code_flow_and_the_account(world: World, jane: Person) -> None:
    app, browser = world.client(allowed_logout_urls=["https://app.example.test/bye"]), watching(world)
    tokens = app.sign_in(browser, jane, scope="openid profile email offline_access")
    assert tokens.id_claims["iss"] == world.issuer
    assert tokens.userinfo().get_json()["email"] == jane.email
    assert tokens.refreshed().userinfo().status_code == 200
    browser.open("/account")
    assert jane.email in browser.shown.text
    browser.send_form(browser.shown.form("name"), name="Jane Doe II")
    assert browser.path == f"{ROOT}/account"
    assert "Jane Doe II" in browser.shown.html
    browser.open(f"/oidc/logout?client_id={app.client_id}&post_logout_redirect_uri=https://app.example.test/bye")
    browser.submit("logout-confirm")
    assert browser.left_for == "https://app.example.test/bye"
    browser.open("/account")
    assert browser.path == f"{ROOT}/u/login"


def test_every_page_of_a_login_and_its_languages(world: World) -> None:
    app, browser = world.client(), watching(world)
    app.begin(browser)
    for link in ("signup-link", "login-link", "forgot-password-link", "login-link"):
        browser.follow(link)
        assert browser.status == 200
    german = next(link for link in browser.shown.links.values() if "language=de" in link)
    browser.open(german)
    assert (browser.status, browser.shown.lang, browser.path) == (200, "de", f"{ROOT}/u/login")
    browser.open("/.well-known/change-password")
    assert browser.status == 200


def test_links_of_mails(world: World, jane: Person) -> None:
    app, browser = world.client(), watching(world)
    app.begin(browser)
    browser.follow("forgot-password-link").submit(username=jane.email)
    (link,) = world.mails(jane.email)[0].links
    assert link.startswith(f"{world.issuer}u/reset-verify?")
    browser.open(link).submit(password="another horse 7 Battery")
    assert browser.status == 200


def test_the_management_api(world: World) -> None:
    api = world.caller()
    assert world.installed["management"]["audience"] == f"{world.issuer}api/v2/"
    assert api.get("/clients").status_code == 200
    assert world.get("/api/v2/clients").status_code == 401
    user = api.post(
        "/users",
        {"connection": world.installed["connection"]["name"], "email": "a@b.example", "password": "correct horse 9 B"},
    )
    assert user.status_code == 201
    found = world.send(
        "GET",
        f"https://{HOST}{ROOT}/api/v2/users/auth0%7C{user.json['user_id'].split('|')[1]}",
        headers={"Authorization": f"Bearer {api.token}"},
    )
    assert found.get_json()["picture"].endswith(f"{HOST}%2Fauth%2Favatars%2Fab.png")
    document = world.get("/api/v2/openapi.json").get_json()
    assert document["servers"][0]["url"] == f"{world.issuer}api/v2"


def test_the_welcome_page_and_the_sample_application(world: World) -> None:
    browser = Watching(world, address="127.0.0.1")
    browser.open("/")
    assert browser.status == 200
    browser.follow("sample-app-link")
    assert browser.path == f"{ROOT}/dev/app/"
    assert world.send("GET", "/dev/app", address="127.0.0.1").headers["Location"] == f"{ROOT}/dev/app/"


def test_forms_of_other_sites_are_still_refused(world: World, jane: Person) -> None:
    app, browser = world.client(), watching(world)
    app.begin(browser)
    form = browser.shown.form("username")
    fields = {**form.fields, "username": jane.email, "password": jane.password}
    refused = browser.request("POST", form.action, form=fields, headers={"Origin": "https://evil.example"})  # type: ignore[call-arg]
    assert refused.status_code == 403


def test_two_tenants_of_one_host(open_world: OpenWorld) -> None:
    first = open_world(TWO_BELOW_PATHS)
    second = first.second_tenant()
    assert {first.issuer, second.issuer} == {f"https://{HOST}/auth/", f"https://{HOST}/acme/eu/"}
    people = {world.tenant: world.user("jane@example.com") for world in (first, second)}
    jar = watching(first).jar
    sids = []
    for world in (first, second):
        browser = watching(world)
        browser.jar = jar
        tokens = world.client().sign_in(browser, people[world.tenant])
        assert tokens.id_claims["iss"] == world.issuer
        sids.append(tokens.id_claims["sid"])
    assert sids[0] != sids[1]
    assert {host for host, _ in jar.kept} == {f"{HOST}/auth", f"{HOST}/acme/eu"}
    token = first.caller().token
    assert second.get("/api/v2/clients", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_tenant_below_the_path_of_another(open_world: OpenWorld) -> None:
    """One at the root of a host and one below: the longer address wins, also for a process that knew only the other."""
    world = open_world(PLAIN_HTTP)
    assert world.get("/deep/.well-known/openid-configuration").status_code == 404
    other = world.other_tenant("deep", "http://localhost:8000/deep/")
    assert other.get("/.well-known/openid-configuration").get_json()["issuer"] == "http://localhost:8000/deep/"
    assert world.get("/.well-known/openid-configuration").get_json()["issuer"] == "http://localhost:8000/"
    assert other.get("/u/nothing").status_code == 404


@pytest.mark.parametrize(
    ("failure", "level", "status"),
    [(StoreUnavailable(detail="the server is away"), "warning", 503), (RuntimeError("a defect"), "error", 500)],
)
def test_what_goes_wrong_while_the_tenant_is_looked_up_is_logged(
    world: World, monkeypatch: pytest.MonkeyPatch, failure: Exception, level: str, status: int
) -> None:
    """Also where nothing needs the tenant, and nobody would be told."""

    def away(*_: object) -> None:
        raise failure

    monkeypatch.setattr(type(world.platform.configurations), "by_place", away)
    for path, answered in (("/auth/healthz", 200), ("/auth/oauth/token", status)):
        with capture_logs() as logged:
            assert world.get(f"https://{HOST}{path}").status_code == answered
        told = [entry for entry in logged if entry["event"] == "the tenant of a request could not be looked up"]
        assert [(entry["log_level"], entry["path"]) for entry in told] == [(level, path)]


def test_a_tenant_that_moved_is_not_known_by_its_old_address(world: World, elsewhere: World) -> None:
    """Also not in a process that was running before: it knows as soon as it knows of the new configuration."""
    new = f"https://{HOST}/new/"
    assert world.get("/.well-known/jwks.json").status_code == 200
    with elsewhere.writing() as work:
        tenants.move(work, tenants.locked(work), new)
    assert world.get(f"{new}.well-known/openid-configuration").get_json()["issuer"] == new
    for path in ("/.well-known/openid-configuration", "/u/login", "/api/v2/clients", ""):
        assert world.get(f"https://{HOST}{ROOT}{path}").status_code == 404


@pytest.mark.parametrize("path", ["u", "api", "auth/login", "a/b/account"])
def test_no_tenant_lives_where_a_page_of_ours_is(path: str) -> None:
    from idp.foundation.settings import SettingsError, checked_url

    with pytest.raises(SettingsError, match="one of Gatehouse's own"):
        checked_url(f"http://localhost:8000/{path}/", "--url")
