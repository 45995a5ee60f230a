"""Whose browser holds a ticket of the domain is let in without typing anything; everybody else sees the page (HTTP
Negotiate, RFC 4559). The domain, its tickets and whoever makes the tokens are real: Samba and MIT's krb5.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from connectors.contract import TicketRefused
from connectors.ldap import kerberos, servers
from connectors.ldap import keytab as files
from idp.directory.connections import service as connections
from idp.directory.users.models import User
from idp.tenant.audit.models import LogEntry
from tests.connectors.ldap.conftest import domain_options
from tests.counterparts.kerberos import KERBEROS, NTLM, Realm, header
from tests.counterparts.samba_ad import DISABLED, PASSWORD
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.sources import logged, only
from tests.world.world import World

pytestmark = [pytest.mark.counterpart]
HOST = "login.example.test"
INSIDE = "198.51.100.0/24"
"""Where the browsers of tests are."""
LONG_AGO = 130_000_000_000_000_000


@pytest.fixture
def environment() -> dict[str, str]:
    """The domain controller is on loopback."""
    return {"IDP_OUTBOUND_ALLOW": "127.0.0.0/8"}


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Servers that are down are remembered by the process."""
    servers.forget()
    yield
    servers.forget()


@pytest.fixture(scope="session")
def keytab(realm: Realm) -> str:
    """The keys of our service."""
    return realm.service("webservice", f"HTTP/{HOST}")


@pytest.fixture(scope="session")
def tickets(realm: Realm) -> str:
    """Those of somebody who signed in to their machine."""
    realm.domain.person("kim", mail="kim@example.test", displayName="Kim Lee")
    return realm.sign_in("kim")


def corp(world: World, realm: Realm, keytab: str, **more: Any) -> Any:
    """An application with the domain alone."""
    app = world.client()
    options = {"kerberos": True, "keytab": keytab, "ips": [INSIDE], **more}
    members = {
        "name": "corp",
        "strategy": "ad",
        "display_name": "Example Corp",
        "options": domain_options(realm.domain, **options),
        "enabled_clients": [app.client_id],
    }
    with world.writing() as work:
        connections.create(work, members)
    only(world, app.client_id)
    return app


def people(world: World) -> list[str]:
    """Names of those who came from the domain."""
    with world.context() as work:
        return [str(each.name) for each in work.rows.scalars(select(User).where(User.user_id.startswith("ad|")))]


def brings(browser: Browser, token: bytes) -> None:
    """From now on."""
    browser.by_itself = {"Authorization": header(token)}


def shown_to(browser: Browser, app: Any, **params: str) -> str:
    """The page that somebody sees who is not let in, its status, and whether it asks for a ticket."""
    app.begin(browser, **params)
    assert browser.left_for is None
    assert "password" in browser.shown.form("username", "password").fields
    assert browser.response is not None
    return f"{browser.status} {browser.response.headers.get('WWW-Authenticate', '-')}"


def why(world: World) -> str:
    """What the log says of the last refusal."""
    details = logged(world, "f")[-1]["details"]
    return f"{details['code']}: {details['detail']}"


@on_both_stores
def test_a_ticket_is_all_it_takes(world: World, browser: Browser, realm: Realm, keytab: str, tickets: str) -> None:
    app = corp(world, realm, keytab, groups="nested")
    assert shown_to(browser, app) == "401 Negotiate", "the page itself is what the question comes with"
    brings(browser, realm.token(tickets, HOST))
    attempt = app.begin(browser)
    claims = attempt.tokens(browser.answer).id_claims
    assert (claims["name"], claims["email"], claims["email_verified"]) == ("Kim Lee", "kim@example.test", False)
    assert people(world) == ["Kim Lee"]
    (entry,) = logged(world, "s")
    assert (entry["connection"], entry["strategy"]) == ("corp", "ad")
    with world.context() as work:
        assert [each.type for each in work.rows.scalars(select(LogEntry)) if each.type.startswith("f")] == []

    by_hand = world.browser()
    attempt = app.begin(by_hand)
    by_hand.submit(username="kim", password=PASSWORD)
    assert attempt.tokens(by_hand.answer).id_claims["sub"] == claims["sub"], "it is one account, however they come"


def test_kerberos_without_its_envelope(world: World, browser: Browser, realm: Realm, keytab: str, tickets: str) -> None:
    app = corp(world, realm, keytab)
    brings(browser, realm.token(tickets, HOST, KERBEROS))
    attempt = app.begin(browser)
    assert attempt.tokens(browser.answer).id_claims["name"] == "Kim Lee"


def test_a_token_counts_once(world: World, browser: Browser, realm: Realm, keytab: str, tickets: str) -> None:
    app = corp(world, realm, keytab)
    token = realm.token(tickets, HOST)
    brings(browser, token)
    app.begin(browser)
    assert browser.answer.code
    other = world.browser()
    brings(other, token)
    assert shown_to(other, app) == "200 -"
    assert why(world) == "ticket_refused: it was shown before"


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (NTLM, "unsupported mechanism"),
        (b"", "0 bytes are no token"),
        (b"garbage", "Invalid token"),
        (b"\x60\x82\xff\xff" + bytes(40_000), "ticket_refused"),
        (bytes(kerberos.MOST_BYTES + 1), "bytes are no token"),
        (
            base64.b64decode(
                "YEgGBisGAQUFAqA+MDygDjAMBgorBgEEAYI3AgIKoioEKE5UTE1TU1AAAQAAAJeCCOIAAAAAAAAAAAAAAAAAAAAACgC6RwAAAA8="
            ),
            "unsupported mechanism",
        ),
    ],
)
def test_what_is_no_ticket(
    world: World, browser: Browser, realm: Realm, keytab: str, token: bytes, reason: str
) -> None:
    """NTLM, alone and in the envelope, and garbage: the page, and no second question."""
    app = corp(world, realm, keytab)
    brings(browser, token)
    assert shown_to(browser, app) == "200 -"
    assert reason in why(world)
    browser.submit(username="nobody", password="wrong")
    assert browser.status == 400, "the form works as ever"


def test_a_ticket_that_was_changed(world: World, browser: Browser, realm: Realm, keytab: str, tickets: str) -> None:
    app = corp(world, realm, keytab)
    token = bytearray(realm.token(tickets, HOST, KERBEROS))
    token[-20] ^= 1
    brings(browser, bytes(token))
    assert shown_to(browser, app) == "200 -"
    assert "integrity check failed" in why(world)


def test_a_ticket_for_another_service(world: World, browser: Browser, realm: Realm, keytab: str, tickets: str) -> None:
    realm.service("elsewhere", "HTTP/elsewhere.example.test")
    app = corp(world, realm, keytab)
    brings(browser, realm.token(tickets, "elsewhere.example.test"))
    assert shown_to(browser, app) == "200 -"
    assert why(world).startswith("ticket_refused: ")


def test_another_realm(realm: Realm, keytab: str, tickets: str) -> None:
    """A realm that the domain trusts would bring its people along: only those of the keytab's own realm are taken."""
    keys = [each for each in files.keys(files.decoded(keytab)) if each.usable]
    token = realm.token(tickets, HOST)
    assert kerberos.accepted(keys, token).realm == "AD.EXAMPLE.TEST"
    elsewhere = [files.Key(each.principal, "OTHER.TEST", each.kind, each.entry) for each in keys]
    with pytest.raises(TicketRefused) as refused:
        kerberos.accepted(elsewhere, token)
    assert refused.value.detail == "kim@AD.EXAMPLE.TEST is of another realm"


@row("CU2")
def test_the_name_of_a_ticket_is_not_who_it_is(
    world: World, browser: Browser, realm: Realm, keytab: str, tickets: str
) -> None:
    """Whoever gives themselves the user principal name of another, and asks for a ticket by that, stays themselves."""
    realm.domain.person("mallory", userPrincipalName="kim@elsewhere.test", displayName="Mallory")
    cache = realm.sign_in("kim@elsewhere.test", "-E")
    app = corp(world, realm, keytab)
    brings(browser, realm.token(cache, HOST))
    app.begin(browser)
    assert people(world) == ["Mallory"]


def test_a_ticket_that_names_no_account(
    monkeypatch: pytest.MonkeyPatch, world: World, browser: Browser, realm: Realm, keytab: str, tickets: str
) -> None:
    """An old domain controller, or somebody who asked it for a ticket without a PAC."""
    monkeypatch.setattr(kerberos, "_sid", lambda _who: None)
    app = corp(world, realm, keytab)
    brings(browser, realm.token(tickets, HOST))
    assert shown_to(browser, app) == "200 -"
    assert "names no account" in why(world)


def test_an_account_that_is_not_there(world: World, browser: Browser, realm: Realm, keytab: str, tickets: str) -> None:
    app = corp(world, realm, keytab, base_dn="OU=Domain Controllers,DC=ad,DC=example,DC=test")
    brings(browser, realm.token(tickets, HOST))
    assert shown_to(browser, app) == "200 -"
    assert why(world).startswith("invalid_user_password: ")
    assert people(world) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"userAccountControl": DISABLED}, "account_disabled"),
        ({"accountExpires": LONG_AGO}, "account_expired"),
        ({"pwdLastSet": 0}, "password_change_required"),
    ],
)
def test_an_account_that_was_closed_since(
    world: World, browser: Browser, realm: Realm, keytab: str, change: dict[str, int], code: str
) -> None:
    """Tickets are good for ten hours, whatever becomes of the account."""
    name = f"leaver{code[-7:]}".replace("_", "")
    entry = realm.domain.person(name)
    cache = realm.sign_in(name)
    token = realm.token(cache, HOST)
    realm.domain.change(entry, **change)
    app = corp(world, realm, keytab)
    brings(browser, token)
    assert shown_to(browser, app) == "200 -"
    assert why(world).startswith(f"{code}: ")


def test_nobody_else_is_asked(world: World, browser: Browser, realm: Realm, keytab: str, tickets: str) -> None:
    """Other networks; a sign-in that has to be done anew; a name that is hinted, or typed already."""
    app = corp(world, realm, keytab, domain_aliases=["example.test"])
    brings(browser, realm.token(tickets, HOST))
    browser.address = "203.0.113.9"
    assert shown_to(browser, app) == "200 -", "not from there"
    browser.address = "198.51.100.7"
    for params in ({"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "60"}):
        assert shown_to(browser, app, **params) == "200 -", params
    assert shown_to(browser, app, login_hint="somebody@elsewhere.test") == "200 -"
    browser.by_itself = {}
    assert shown_to(browser, app, login_hint="kim@example.test") == "401 Negotiate"
    browser.submit(username="kim", password="wrong")
    assert browser.status == 400
    browser.open(browser.shown.url)
    assert browser.status == 200, "whoever types is not interrupted"
    browser.by_itself = {"Authorization": "Basic a2ltOng="}
    assert shown_to(browser, app) == "200 -"
    assert logged(world, "f") == []


@row("RL4")
def test_with_the_directory_down_the_page_is_there(
    world: World, browser: Browser, realm: Realm, keytab: str, tickets: str
) -> None:
    app = corp(world, realm, keytab, urls=["ldaps://127.0.0.1:9"])
    brings(browser, realm.token(tickets, HOST))
    assert shown_to(browser, app) == "200 -"
    assert why(world).startswith("temporarily_unavailable: ")


def test_two_domains_of_one_network(world: World, browser: Browser, realm: Realm, keytab: str, tickets: str) -> None:
    """The one whose key the ticket is for takes it; the other leaves no trace."""
    other = realm.service("second", "HTTP/second.example.test")
    app = corp(world, realm, other)
    with world.writing() as work:
        options = domain_options(realm.domain, kerberos=True, keytab=keytab, ips=[INSIDE])
        members = {"name": "corp2", "strategy": "ad", "options": options, "enabled_clients": [app.client_id]}
        connections.create(work, members)
    brings(browser, realm.token(tickets, HOST))
    app.begin(browser)
    assert browser.answer.code
    assert [entry["connection"] for entry in logged(world, "s")] == ["corp2"]
    assert logged(world, "f") == []


def test_the_keys_are_secret(world: World, realm: Realm, keytab: str) -> None:
    corp(world, realm, keytab)
    with world.context() as work:
        kept = connections.by_name(work, "corp")
        assert kept is not None
        assert keytab[:40] not in str(kept.options)
