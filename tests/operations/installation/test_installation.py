"""What an installation makes, that it repeats itself, and what follows the public URL."""

import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from idp.applications.clients.models import Client, ClientGrant
from idp.applications.resource_servers.models import ResourceServer
from idp.directory.connections.models import Connection
from idp.directory.users.hasher import hasher
from idp.directory.users.models import DatabaseAccount, User
from idp.foundation.db.session import UnitOfWork
from idp.foundation.kernel import clock, ids
from idp.foundation.settings import Settings, SettingsError
from idp.foundation.tenancy.work import Platform
from idp.management.operations import management_scopes
from idp.operations import installation
from idp.operations.health import checks
from idp.operations.installation import administrators, samples
from idp.operations.installation.kept import Kept, made_up_password
from idp.operations.installation.tenant import provisioned
from idp.signin.user_grants.models import UserGrant
from idp.tenant.keys.models import SigningKey
from idp.tenant.mail import administration
from tests.world.news import News

KEY = "a master key of the tests that is long enough"
SMTP_SERVER = {"smtp_host": "mail.example.com", "smtp_port": 587, "smtp_user": "u", "smtp_pass": "p"}
PRODUCTION = {"IDP_ENV": "production", "IDP_PUBLIC_URL": "https://login.example.test/"}


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/idp.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def open_platform(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Platform]]:
    monkeypatch.chdir(tmp_path)
    opened: list[Platform] = []

    def open_one(**env: str) -> Platform:
        platform = Platform.open(Settings.from_env({"IDP_SECRET_KEY": KEY, "DATABASE_URL": database_url, **env}))
        opened.append(platform)
        return platform

    yield open_one
    for platform in opened:
        platform.db.dispose()


def read(platform: Platform, question: Callable[[UnitOfWork], Any]) -> Any:
    with platform.db.reading("default") as session:
        return question(session)


def test_everything_a_tenant_starts_with(open_platform: Callable[..., Platform]) -> None:
    platform = open_platform()
    printed = installation.install(platform)
    assert printed["issuer"] == "http://localhost:8000/"
    assert printed["connection"]["name"] == "Username-Password-Authentication"
    with platform.db.reading("default") as session:
        states = session.scalars(select(SigningKey.state).where(SigningKey.alg == "RS256"))
        assert sorted(states) == ["current", "next"]
        api = session.scalars(select(ResourceServer).where(ResourceServer.is_system)).one()
        assert api.identifier == printed["management"]["audience"]
        assert api.data["signing_alg"] == "RS256"
        assert set(session.scalars(select(SigningKey.alg))) == {"RS256"}
        offered = {scope["value"] for scope in api.data["scopes"]}
        assert offered <= set(management_scopes())
        assert {"read:users", "update:current_user_metadata"} <= offered
        assert session.scalar(select(func.count()).select_from(Client).where(Client.is_global)) == 1
        grant = session.scalars(select(ClientGrant)).one()
        assert (grant.client_id, grant.audience) == (printed["management"]["client_id"], api.identifier)
        assert set(grant.scope) == {scope for scope in offered if "current_user" not in scope}
        connection = session.scalars(select(Connection)).one()
        assert connection.options["passwordPolicy"] == "good"
        assert connection.options["brute_force_protection"] is True
        addresses = list(session.scalars(select(User.email).order_by(User.email)))
        assert addresses == ["admin@example.com", "user@example.com"]


def test_installing_again_changes_nothing(open_platform: Callable[..., Platform]) -> None:
    first = installation.install(open_platform())
    counted = [
        read(open_platform(), lambda s, m=model: s.scalar(select(func.count()).select_from(m))) for model in COUNTED
    ]
    assert installation.install(open_platform()) == first
    again = [
        read(open_platform(), lambda s, m=model: s.scalar(select(func.count()).select_from(m))) for model in COUNTED
    ]
    assert again == counted


COUNTED = (Client, ClientGrant, Connection, DatabaseAccount, ResourceServer, SigningKey, User)


def test_installing_at_once_makes_everything_once(open_platform: Callable[..., Platform]) -> None:
    printed: list[dict[str, Any]] = []
    platforms = [open_platform() for _ in range(3)]
    installers = [threading.Thread(target=lambda p=p: printed.append(installation.prepare(p))) for p in platforms]
    for installer in installers:
        installer.start()
    for installer in installers:
        installer.join()
    assert len(printed) == 3
    assert len(set(printed)) == 1
    assert read(platforms[0], lambda s: s.scalar(select(func.count()).select_from(SigningKey))) == 2
    assert read(platforms[0], lambda s: s.scalar(select(func.count()).select_from(Client))) == 2


def test_what_is_derived_follows_the_public_url(open_platform: Callable[..., Platform]) -> None:
    old = installation.install(open_platform())
    here = open_platform()
    with here.db.unit("default") as session:
        session.add(
            UserGrant(
                id=ids.hex24(),
                user_id="auth0|1",
                client_id="c",
                audience=old["management"]["audience"],
                scope=[],
                created_at=clock.now_ms(),
            )
        )
    moved = installation.install(open_platform(IDP_PUBLIC_URL="http://localhost:9000/"))
    assert moved["management"] == {**old["management"], "audience": "http://localhost:9000/api/v2/"}
    assert moved["admin"] == old["admin"]
    with here.db.reading("default") as session:
        for column in (ResourceServer.identifier, ClientGrant.audience, UserGrant.audience):
            derived = [value for value in session.scalars(select(column)) if value.endswith("/api/v2/")]
            assert derived == ["http://localhost:9000/api/v2/"]
    with here.work("default") as work:
        application = samples.find_application(work)
        assert application is not None
        assert application.data["callbacks"] == ["http://localhost:9000/dev/app/callback"]
        assert application.data["allowed_logout_urls"] == ["http://localhost:9000/dev/app/"]


def test_two_tenants_never_share_a_host(open_platform: Callable[..., Platform]) -> None:
    installation.install(open_platform())
    platform = open_platform()
    made = installation.create_tenant(platform, "acme", "https://acme.example.test/")
    assert made["issuer"] == "https://acme.example.test/"
    assert made["management"]["audience"] == "https://acme.example.test/api/v2/"
    with pytest.raises(installation.InstallationError):
        installation.create_tenant(platform, "acme", "https://other.example.test/")
    with pytest.raises(installation.InstallationError):
        installation.create_tenant(platform, "other", "https://acme.example.test/")
    with pytest.raises(installation.InstallationError):
        installation.install(open_platform(IDP_PUBLIC_URL="https://acme.example.test/"))


def test_a_kept_password_is_private_and_printed_while_it_fits(
    open_platform: Callable[..., Platform], tmp_path: Path
) -> None:
    platform = open_platform()
    printed = installation.install(platform)
    file = platform.settings.var / "admin.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert installation.install(open_platform())["admin"]["password"] == printed["admin"]["password"]
    with platform.db.unit("default") as session:
        account = session.scalars(select(DatabaseAccount).where(DatabaseAccount.email_key == "admin@example.com")).one()
        session.lock(account).password_hash = hasher.hash("Another-Password-1")
    assert installation.install(open_platform())["admin"]["password"] is None


def test_a_given_password_is_printed_once_and_never_resets_another(open_platform: Callable[..., Platform]) -> None:
    given = {"IDP_ADMIN_PASSWORD": "First-Given-Password-1"}
    assert installation.install(open_platform(**given))["admin"]["password"] == "First-Given-Password-1"
    platform = open_platform(IDP_ADMIN_PASSWORD="Second-Given-Password-2")
    assert installation.install(platform)["admin"]["password"] is None
    account = administrators.find(platform, provisioned(platform, "default"), "admin@example.com")
    assert account is not None
    assert hasher.verify(account.password_hash, "First-Given-Password-1")


def test_production_without_a_password_gets_a_link(open_platform: Callable[..., Platform]) -> None:
    platform = open_platform(**PRODUCTION)
    admin = installation.install(platform)["admin"]
    assert "password" not in admin
    assert admin["setup_url"].startswith("https://login.example.test/u/")
    with platform.work("default") as work:
        assert samples.find_application(work) is None
    assert administrators.find(platform, provisioned(platform, "default"), samples.USER_EMAIL) is None


def test_production_refuses_a_weak_administrator(open_platform: Callable[..., Platform]) -> None:
    with pytest.raises(SettingsError, match="IDP_ADMIN_PASSWORD"):
        installation.install(open_platform(**PRODUCTION, IDP_ADMIN_PASSWORD="secret"))


def test_serving_alone_makes_no_administrator(open_platform: Callable[..., Platform]) -> None:
    platform = open_platform()
    found = installation.prepare(platform)
    assert administrators.find(platform, found, "admin@example.com") is None


def test_made_up_passwords_pass_the_policy() -> None:
    assert all(administrators.weakness(made_up_password()) is None for _ in range(50))


def test_a_kept_password_is_nobody_elses(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "var", "x.json")
    assert kept.password("a@example.test") is None
    kept.keep("a@example.test", "secret")
    assert kept.password("a@example.test") == "secret"
    assert kept.password("b@example.test") is None


def test_its_people_are_made_like_everybody(
    open_platform: Callable[..., Platform], monkeypatch: pytest.MonkeyPatch
) -> None:
    news = News.heard(monkeypatch)
    for _ in range(2):
        installation.install(open_platform())
        assert [event.email for event in news.of("UserCreated")] == ["admin@example.com", "user@example.com"]
        assert len(news.of("ClientCreated")) == 3, "the Management API's own, the global one, the sample application"
    installation.install(open_platform(IDP_PUBLIC_URL="http://localhost:9000/"))
    (moved,) = news.of("TenantMoved")
    assert (moved.old_url, moved.new_url) == ("http://localhost:8000/", "http://localhost:9000/")


def test_no_two_tenants_begin_with_the_same_administrators_password(open_platform: Callable[..., Platform]) -> None:
    platform = open_platform()
    default = installation.install(platform)["admin"]
    others = [
        installation.create_tenant(platform, name, f"http://{name}.localhost:8000/")["admin"] for name in ("a", "b")
    ]
    passwords = {each["password"] for each in (default, *others)}
    assert len(passwords) == 3
    assert None not in passwords
    kept = [administrators.kept_administrator(platform, name).password("admin@example.com") for name in ("a", "b")]
    assert kept == [each["password"] for each in others]


def test_a_password_that_was_given_is_the_default_tenants_alone(open_platform: Callable[..., Platform]) -> None:
    given = {"IDP_ADMIN_PASSWORD": "Given-Horse-7-Battery"}
    platform = open_platform(**PRODUCTION, **given)
    assert installation.install(platform)["admin"]["password"] == given["IDP_ADMIN_PASSWORD"]
    other = installation.create_tenant(platform, "acme", "https://acme.example.test/")["admin"]
    assert other["setup_url"].startswith("https://acme.example.test/u/reset-verify?")
    assert "password" not in other


def test_without_moving_a_tenant_stays_where_it_is(open_platform: Callable[..., Platform]) -> None:
    first = installation.install(open_platform())
    again = installation.install(open_platform(IDP_PUBLIC_URL="http://localhost:9000/"), move=False)
    assert again == first


def test_the_doctor_names_tenants_whose_mails_cannot_leave(open_platform: Callable[..., Platform]) -> None:
    platform = open_platform()
    installation.install(platform)
    settings = platform.settings

    def said() -> list[str]:
        return [each for each in checks.problems(settings) if "SMTP_URL" in each]

    (before,) = said()
    assert "reset a password: default." in before
    with platform.work("default", orm=True) as work, work.transaction():
        administration.create_provider(
            work, {"name": "smtp", "enabled": True, "default_from_address": "a@example.com", "credentials": SMTP_SERVER}
        )
    assert said() == []
    with platform.work("default", orm=True) as work, work.transaction():
        administration.update_provider(work, {"enabled": False})
    assert said() == [before]


def test_the_doctor_makes_no_database(tmp_path: Path) -> None:
    """It only looks, and often as another user than the one that the service runs as."""
    file = tmp_path / "none.db"
    settings = Settings.from_env({"IDP_SECRET_KEY": KEY, "DATABASE_URL": f"sqlite:///{file}"})
    for _ in range(2):
        said = list(checks.problems(settings))
        assert [each for each in said if "There is no database yet" in each], said
        assert [each for each in said if "SMTP_URL" in each and "every tenant" in each], said
    assert not file.exists()
