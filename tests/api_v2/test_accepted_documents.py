"""Whatever a body is accepted with, nothing breaks by it later: every declared member of every body is sent with values
that fit its type and with wild ones, and after each that is accepted somebody signs in and tokens are issued
(docs/decisions/0091); every few of them, while all are there, lists and pages are read. A refusal anywhere is fine, a
500 nowhere.

All but the last test share a world, and leave it as they found it. ``GATEHOUSE_TEST_VALUES=14`` tries that many values
of each member, and everything after each of them; without it, a few values that are the same in every run, and what is
costly after each by turns.
"""

from __future__ import annotations

import os
import random  # noqa: TID251 - the same values in every run
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec
import pytest
from msgspec import inspect
from sqlalchemy import update
from werkzeug.test import TestResponse

from idp.applications.clients.client_grants_api import GrantCreate, GrantUpdate
from idp.applications.clients.schemas import ClientCreate, ClientUpdate
from idp.applications.resource_servers.schemas import ResourceServerCreate, ResourceServerUpdate
from idp.directory.connections.schemas import ConnectionCreate, ConnectionUpdate
from idp.directory.connections.strategies import INSTALLED, named
from idp.directory.users.schemas import UserCreate, UserUpdate
from idp.features import FEATURES
from idp.foundation.tenancy.models import Tenant
from idp.management.mount import endpoints
from idp.tenant.audit import log
from idp.tenant.audit.log import Batch
from idp.tenant.settings.schemas import PromptSettings, TenantSettingsUpdate
from tests.api_v2.wild import WILD, values
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.fixtures import EVERYWHERE
from tests.world.management import Api
from tests.world.templates import BARE, CONNECTION, Databases
from tests.world.world import API, CALLBACK, Person, World

PER_MEMBER = int(os.environ.get("GATEHOUSE_TEST_VALUES", "4"))
THOROUGH = "GATEHOUSE_TEST_VALUES" in os.environ
TOGETHER = 8
"""So many accepted documents are there when lists and pages are read."""
SCOPES = "openid profile email offline_access read:things"


@dataclass
class Scene:
    """What one document is tried on."""

    world: World
    api: Api
    browser: Browser
    jane: Person
    app: Application
    waiting: list[tuple[object, Callable[[], object]]] = field(default_factory=list)

    def fine(self, response: TestResponse, sent: object) -> TestResponse:
        """No defect."""
        assert response.status_code < 500, (sent, response.status_code, response.get_data(as_text=True)[:500])
        return response

    def later(self, sent: object, app: Application | None = None, audience: str = API, **params: str | None) -> None:
        """What happens after a document was accepted: somebody who has a session comes back."""
        app = app or self.app
        attempt = app.begin(self.browser, audience=audience, scope=SCOPES, **params)
        assert self.browser.status < 500, sent
        if self.browser.left_for is None and self.browser.path == "/u/consent":
            self.browser.submit("consent-accept")
            assert self.browser.status < 500, sent
        if self.browser.left_for and "code=" in self.browser.left_for:
            answered = self.fine(attempt.redeem(self.browser.answer), sent)
            if answered.status_code == 200:
                self.tokens(answered.get_json(), app, sent)
        self.fine(app.token(grant_type="client_credentials", audience=audience), sent)

    def until(self, sent: object, gone: Callable[[], object]) -> None:
        """What was accepted stays there with others, for all of which lists are read, before it is ``gone``."""
        self.waiting.append((sent, gone))
        if len(self.waiting) >= TOGETHER:
            self.settle()

    def settle(self) -> None:
        """Read the lists now, and leave nothing of what was accepted."""
        held, self.waiting = self.waiting, []
        try:
            self.lists([sent for sent, _ in held])
        finally:
            for _, gone in held:
                gone()

    def lists(self, sent: object) -> None:
        """What administrators look at."""
        for path in ("/clients", "/resource-servers", "/connections", "/client-grants", "/tenants/settings", "/users"):
            self.fine(self.api.get(path), sent)

    def pages(self, sent: object, app: Application | None = None, **params: str | None) -> None:
        """Somebody without a session is shown the pages before a sign-in."""
        fresh = self.world.browser()
        (app or self.app).begin(fresh, audience=API, scope=SCOPES, **params)
        assert fresh.status < 500, sent
        if fresh.left_for is None and fresh.path.startswith("/u/login"):
            links = fresh.shown.links
            for link in ("signup-link", "forgot-password-link"):
                if link in links:
                    self.fine(fresh.request("GET", links[link]), sent)

    def tokens(self, tokens: dict[str, Any], app: Application, sent: object) -> None:
        """Use them."""
        self.fine(app.userinfo(tokens["access_token"]), sent)
        self.fine(app.call("/oauth/introspect", token=tokens["access_token"]), sent)
        if "refresh_token" in tokens:
            self.fine(app.refresh(tokens["refresh_token"]), sent)


@pytest.fixture(scope="module")
def shared(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world of this module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log, "batch", Batch())
        folder = tmp_path_factory.mktemp("documents")
        world = World.copy(databases, BARE, EVERYWHERE, folder, IDP_RATE_LIMITS="off")
        yield world
        world.close()


@pytest.fixture(scope="module")
def furnished(shared: World) -> Scene:
    """Its scene."""
    return furnish(shared)


@pytest.fixture
def scene(furnished: Scene) -> Iterator[Scene]:
    """The module's scene, which whoever takes it leaves as it was."""
    furnished.app.sign_in(furnished.browser, furnished.jane)
    yield furnished
    furnished.settle()


def furnish(world: World) -> Scene:
    """Somebody is signed in, an API and a client with a grant of it are there."""
    api, browser, jane = world.caller(), world.browser(), world.user(name="Jane Doe", given_name="Jane")
    world.api()
    app = world.client("web", grant_types=["authorization_code", "refresh_token", "client_credentials"])
    world.grant(app.client_id, API, "read:things")
    app.sign_in(browser, jane)
    return Scene(world, api, browser, jane, app)


def documents(
    body: type[msgspec.Struct], base: dict[str, Any], *, skip: frozenset[str] = frozenset(), some: int = PER_MEMBER
) -> Iterator[Any]:
    """``base`` with one more member each, whatever may stand there: ``some`` values of each member."""
    info = inspect.type_info(body)
    assert isinstance(info, inspect.StructType)
    for member in info.fields:
        if member.encode_name in skip:
            continue
        chance = random.Random(f"{body.__name__}.{member.encode_name}")
        pool = [*values(member.type, chance), *chance.sample(WILD, 8)]
        for value in chance.sample(pool, min(some, len(pool))):
            yield {**base, member.encode_name: value}


def turn(number: int, of: int) -> bool:
    """Whether something costly is done after this document: by turns, or always."""
    return THOROUGH or number % of == 0


CLIENT: dict[str, Any] = {
    "name": "App",
    "app_type": "regular_web",
    "callbacks": [CALLBACK],
    "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
}


def application(scene: Scene, client: dict[str, Any]) -> Application:
    """The client of an answer, as an application that holds its secret."""
    method = str(client.get("token_endpoint_auth_method", "client_secret_post"))
    return Application(scene.world, client["client_id"], client.get("client_secret"), CALLBACK, method)


@pytest.mark.slow
def test_clients(scene: Scene) -> None:
    accepted = 0
    for sent in documents(ClientCreate, CLIENT):
        answer = scene.fine(scene.api.post("/clients", sent), sent)
        if answer.status_code == 201:
            accepted += 1
            app = application(scene, answer.json or {})
            scene.later(sent, app)
            if turn(accepted, 3):
                scene.pages(sent, app)
            scene.until(sent, partial(scene.api.delete, f"/clients/{app.client_id}"))
    assert accepted > 60, accepted


@pytest.mark.slow
def test_changed_clients(scene: Scene) -> None:
    accepted = 0
    made: dict[str, Any] = {}
    for sent in documents(ClientUpdate, {}):
        made = made or scene.api.post("/clients", CLIENT).json or {}
        answer = scene.fine(scene.api.patch(f"/clients/{made['client_id']}", sent), sent)
        if answer.status_code == 200:
            accepted += 1
            secret = (answer.json or {}).get("client_secret")
            app = application(scene, {**made, **(answer.json or {}), "client_secret": secret})
            scene.later(sent, app)
            if turn(accepted, 3):
                scene.pages(sent, app)
            scene.until(sent, partial(scene.api.delete, f"/clients/{made['client_id']}"))
            made = {}
    assert accepted > 60, accepted


@pytest.mark.slow
@pytest.mark.parametrize("change", [False, True])
def test_apis(scene: Scene, change: bool) -> None:
    accepted = 0
    base = {"scopes": [{"value": "read:things"}], "allow_offline_access": True}
    body = ResourceServerUpdate if change else ResourceServerCreate
    made: dict[str, Any] = {}
    for number, sent in enumerate(documents(body, {} if change else base)):
        identifier = f"https://api{number}.{change}.example"
        if change:
            made = made or scene.api.post("/resource-servers", {**base, "identifier": identifier}).json or {}
            answer = scene.api.patch(f"/resource-servers/{made['id']}", sent)
        else:
            answer = scene.api.post("/resource-servers", {"identifier": identifier, **sent})
        scene.fine(answer, sent)
        if answer.status_code in {200, 201}:
            accepted += 1
            known = str((answer.json or {})["identifier"])
            scene.fine(scene.api.post("/client-grants", {"client_id": scene.app.client_id, "audience": known}), sent)
            scene.later(sent, audience=known)
            scene.until(sent, partial(scene.api.delete, f"/resource-servers/{(answer.json or {})['id']}"))
            made = {}
    assert accepted > 25, accepted


@pytest.mark.slow
@pytest.mark.parametrize("change", [False, True])
def test_grants(scene: Scene, change: bool) -> None:
    app = application(scene, scene.api.post("/clients", CLIENT).json or {})
    base = {"client_id": app.client_id, "audience": API}
    for sent in documents(GrantUpdate if change else GrantCreate, {} if change else base):
        for grant in scene.api.get("/client-grants", client_id=app.client_id).json:
            scene.api.delete(f"/client-grants/{grant['id']}")
        if change:
            made = scene.api.post("/client-grants", {**base, "scope": ["read:things"]}).json or {}
            answer = scene.api.patch(f"/client-grants/{made['id']}", sent)
        else:
            answer = scene.api.post("/client-grants", sent)
        if scene.fine(answer, sent).status_code in {200, 201}:
            scene.later(sent, app)
            scene.lists(sent)
    scene.api.delete(f"/clients/{app.client_id}")


def _options() -> Iterator[tuple[str, Any]]:
    """Options of the strategy that is built, and of one that is not, of which nothing but storing makes use."""
    for strategy, some in ((INSTALLED.name, PER_MEMBER), ("sharepoint", max(1, PER_MEMBER // 4))):
        for sent in documents(named(strategy).options, {}, some=some):
            yield strategy, {"options": sent}
        for sent in documents(ConnectionUpdate, {}, skip=frozenset({"options", "enabled_clients"}), some=some):
            yield strategy, sent
        for wild in WILD if THOROUGH else WILD[:: 3 if some > 1 else 7]:
            yield strategy, {"options": wild}
            yield strategy, {"options": {"anything": wild}}


@pytest.mark.slow
@pytest.mark.parametrize("change", [False, True])
def test_connections(scene: Scene, change: bool) -> None:
    accepted = 0
    made: dict[str, dict[str, Any]] = {}
    assert set(ConnectionUpdate.__struct_fields__) <= set(ConnectionCreate.__struct_fields__)
    for number, (strategy, sent) in enumerate(_options()):
        base = {"name": f"c{number}-{int(change)}", "strategy": strategy, "enabled_clients": [scene.app.client_id]}
        if change:
            if strategy not in made:
                made[strategy] = scene.api.post("/connections", base).json or {}
            answer = scene.api.patch(f"/connections/{made[strategy]['id']}", sent)
        else:
            answer = scene.api.post("/connections", {**base, **sent})
        if scene.fine(answer, sent).status_code in {200, 201}:
            accepted += 1
            name = str((answer.json or {})["name"])
            if turn(accepted, 2):
                scene.pages(sent, connection=name)
            if turn(accepted + 1, 4):
                scene.later(sent, connection=name)
            if turn(accepted + 1, 2):
                body = {"connection": name, "email": f"a{number}@example.com", "password": "a Good 9 phrase here"}
                scene.fine(scene.api.post("/users", body), sent)
            scene.until(sent, partial(scene.api.delete, f"/connections/{(answer.json or {})['id']}"))
            made.pop(strategy, None)
    assert accepted > 40, accepted


@pytest.mark.slow
def test_tenant_settings_and_prompts(scene: Scene) -> None:
    accepted = 0
    bodies: tuple[tuple[str, type[msgspec.Struct]], ...] = (
        ("/tenants/settings", TenantSettingsUpdate),
        ("/prompts", PromptSettings),
    )
    for path, body in bodies:
        for sent in documents(body, {}):
            answer = scene.fine(scene.api.patch(path, sent), sent)
            if answer.status_code == 200:
                accepted += 1
                scene.fine(scene.api.get("/prompts"), sent)
                scene.fine(scene.world.get("/.well-known/openid-configuration"), sent)
                scene.fine(scene.world.get("/oidc/logout"), sent)
                scene.fine(scene.api.get("/tenants/settings"), sent)
                scene.later(sent)
                if turn(accepted, 2):
                    scene.pages(sent)
                _as_before(scene)
    assert accepted > 60, accepted


def _as_before(scene: Scene) -> None:
    with scene.world.writing() as work:
        work.rows.execute(update(Tenant).where(Tenant.id == scene.world.tenant).values(settings={}, prompts={}))
        work.configuration_changed()
    scene.app.sign_in(scene.browser, scene.jane)  # settings end sessions, too


@pytest.mark.slow
@pytest.mark.parametrize("change", [False, True])
def test_users(scene: Scene, change: bool) -> None:
    base = {"connection": CONNECTION, "password": "a Good 9 phrase here"}
    for number, sent in enumerate(documents(UserUpdate if change else UserCreate, {} if change else base)):
        address = {"email": f"u{number}.{int(change)}@example.com"}
        if change:
            made = scene.world.user(address["email"])
            answer = scene.api.patch(f"/users/{made.user_id}", sent)
        else:
            answer = scene.api.post("/users", {**address, **sent})
        if scene.fine(answer, sent).status_code in {200, 201}:
            scene.fine(scene.api.get("/users", q="name:a*"), sent)
            scene.fine(scene.api.get("/users-by-email", email=address["email"]), sent)


HERE: dict[str, Callable[..., None]] = {
    "POST /clients": test_clients,
    "PATCH /clients/{id}": test_changed_clients,
    "POST /resource-servers": test_apis,
    "PATCH /resource-servers/{id}": test_apis,
    "POST /client-grants": test_grants,
    "PATCH /client-grants/{id}": test_grants,
    "POST /connections": test_connections,
    "PATCH /connections/{id}": test_connections,
    "PATCH /tenants/settings": test_tenant_settings_and_prompts,
    "PATCH /prompts": test_tenant_settings_and_prompts,
    "POST /users": test_users,
    "PATCH /users/{id}": test_users,
}
"""The bodies that are stored as they are sent, and read by pages and tokens."""


def test_every_other_body_stores_nothing_or_breaks_nothing(world: World) -> None:
    """The remaining bodies are sent to things that exist, and everything is read again."""
    scene = furnish(world)
    apis = tuple(name for feature in FEATURES for name in feature.apis)
    ids = {
        "id": scene.jane.user_id,
        "user_id": scene.jane.user_id,
        "client_id": scene.app.client_id,
        "credential_id": "cred_1",
        "provider": INSTALLED.name,
        "kid": "x",
        "theme_id": "x",
        "prompt": "login",
        "screen": "login",
        "language": "en",
        "event": "login",
        "template_name": "verify_email",
        "name": "duo",
        "authentication_method_id": "totp|dev_x",
    }
    others = [each for each in endpoints(apis) if each.body is not None and f"{each.method} {each.path}" not in HERE]
    assert len(others) > 5
    for endpoint in others:
        info = inspect.type_info(endpoint.body)
        chance = random.Random(endpoint.path)
        path = endpoint.path.format_map(
            {**ids, **({"id": scene.world.connection_id} if "connections" in endpoint.path else {})}
        )
        some = [*values(info, chance), *WILD]
        for value in chance.sample(some, min(5 * PER_MEMBER, len(some))):
            answer = scene.api(endpoint.method, path.replace("|", "%7C"), json=value)
            scene.fine(answer, (endpoint.method, path, value))
    scene.lists("every other body")
    scene.pages("every other body")
    scene.later("every other body")
