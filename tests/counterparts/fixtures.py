"""The counterparts as fixtures. Each starts once per test process, on a free port, and ends with it.

A test that asks for one that can't be started here is skipped with "not run: needs ...": it counts as not run, never
as passed.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.counterparts import kerberos
from tests.counterparts.application import landing_site
from tests.counterparts.browser import can_launch, launch, watched_page
from tests.counterparts.kerberos import Realm
from tests.counterparts.local_site import local_site
from tests.counterparts.management import Management
from tests.counterparts.mariadb import PrivateMariaDb
from tests.counterparts.node import find_node, has_package
from tests.counterparts.pgbouncer import PrivatePgBouncer
from tests.counterparts.postgres import PrivatePostgres, find_postgres
from tests.counterparts.private_ca import PrivateAuthority
from tests.counterparts.product import Product, start_product
from tests.counterparts.redis_server import PrivateRedis
from tests.counterparts.samba_ad import PrivateDomain
from tests.counterparts.slapd import PrivateSlapd
from tests.counterparts.smtp import SmtpSink

StartProduct = Callable[..., Product]


def not_run(what: str) -> None:
    """Skip the test because this machine lacks ``what``."""
    pytest.skip(f"not run: needs {what}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    """A real Postgres server."""
    if find_postgres() is None:
        not_run("Postgres (Debian package postgresql)")
    server = PrivatePostgres.start()
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres: PrivatePostgres) -> Iterator[str]:
    """A fresh, empty Postgres database, as a ``postgres://`` URL."""
    url = postgres.create_database()
    yield url
    if postgres.answers():
        postgres.drop_database(url.rpartition("/")[2])


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateMariaDb]:
    """A real MariaDB server."""
    try:
        server = PrivateMariaDb.start(tmp_path_factory.mktemp("mariadb"))
    except FileNotFoundError:
        not_run("MariaDB (Debian package mariadb-server)")
        return
    yield server
    server.stop()


@pytest.fixture(scope="session")
def pgbouncer(postgres: PrivatePostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivatePgBouncer]:
    """A real PgBouncer in transaction mode before that server."""
    try:
        pooler = PrivatePgBouncer.start(tmp_path_factory.mktemp("pgbouncer"), postgres)
    except FileNotFoundError:
        not_run("PgBouncer (Debian package pgbouncer)")
        return
    yield pooler
    pooler.stop()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateRedis]:
    """A real Redis server."""
    try:
        server = PrivateRedis.start(tmp_path_factory.mktemp("redis"))
    except FileNotFoundError:
        not_run("Redis (Debian package redis-server)")
        return
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: PrivateRedis) -> str:
    """An empty Redis."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture(scope="session")
def authority() -> PrivateAuthority:
    """A certificate authority of the tests."""
    return PrivateAuthority.make()


@pytest.fixture(scope="session")
def slapd(tmp_path_factory: pytest.TempPathFactory, authority: PrivateAuthority) -> Iterator[PrivateSlapd]:
    """A real OpenLDAP server."""
    try:
        server = PrivateSlapd.start(tmp_path_factory.mktemp("slapd"), authority)
    except FileNotFoundError:
        not_run("OpenLDAP (Debian packages slapd and ldap-utils)")
        return
    yield server
    server.stop()


@pytest.fixture(scope="session")
def domain(tmp_path_factory: pytest.TempPathFactory, authority: PrivateAuthority) -> Iterator[PrivateDomain]:
    """A real domain controller."""
    try:
        controller = PrivateDomain.start(tmp_path_factory.mktemp("samba"), authority)
    except FileNotFoundError:
        not_run("Samba as a domain controller (Debian packages samba, samba-ad-provision, ...), as root")
        return
    yield controller
    controller.stop()


@pytest.fixture(scope="session")
def realm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Realm:
    """That domain as browsers see it."""
    if not kerberos.is_installed():
        not_run("gssapi (make tools-install, with Debian's libkrb5-dev and gcc) and Debian's krb5-user")
    return Realm.around(request.getfixturevalue("domain"), tmp_path_factory.mktemp("realm"))


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    """A real SMTP server that keeps what it is sent."""
    sink = SmtpSink()
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture(scope="session")
def node() -> str:
    """A Node that is new enough, with the locked packages beside it."""
    found = find_node()
    if found is None:
        not_run("Node 20 or newer")
    if not has_package("openid-client"):
        not_run("the npm packages of tests/node (npm ci)")
    return str(found)


@pytest.fixture(scope="session")
def start_products(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartProduct]:
    """Starts further products, each with its own directory; all of them end with the session."""
    running: list[Product] = []

    def start(**options: Any) -> Product:
        product = start_product(tmp_path_factory.mktemp("product"), **options)
        running.append(product)
        return product

    yield start
    for product in running:
        product.stop()


@pytest.fixture(scope="session")
def product(start_products: StartProduct) -> Product:
    """The product as ``make run`` starts it, on SQLite, shared by the tests of this process."""
    return start_products()


@pytest.fixture(scope="session")
def tls_product(start_products: StartProduct) -> Product:
    """The product over TLS with its local certificate authority, for clients that insist on https."""
    return start_products(tls=True)


@pytest.fixture(scope="session")
def management(product: Product) -> Management:
    """The Management API of the shared product."""
    return product.management()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser."""
    if not can_launch():
        not_run("a Chromium")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page in a fresh browser profile that fails the test on policy violations and foreign requests."""
    with watched_page(chromium) as opened:
        yield opened


@pytest.fixture
def plain_page(chromium: Browser) -> Iterator[Page]:
    """The same without JavaScript."""
    with watched_page(chromium, java_script_enabled=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def landing() -> Iterator[str]:
    """A site that answers every address, for callbacks."""
    with local_site(landing_site()) as base_url:
        yield base_url
