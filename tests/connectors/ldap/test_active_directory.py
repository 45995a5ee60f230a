"""Against a real Active Directory domain controller (Samba)."""

from __future__ import annotations

import uuid

import pytest

from connectors.contract import AccountRefused, ConnectorError, InvalidCredentials, PasswordRefused
from connectors.ldap.connector import LdapConnector
from tests.connectors.ldap.conftest import Connect, domain_options
from tests.counterparts.samba_ad import BASE, DISABLED, PASSWORD, PrivateDomain
from tests.security.rows import row

pytestmark = [pytest.mark.counterpart]
LONG_AGO = 130_000_000_000_000_000
"""2012, in the 100 ns of Windows."""


@pytest.fixture(scope="session")
def jane(domain: PrivateDomain) -> str:
    """Somebody of that domain, in a group of a group."""
    name = domain.person("jane", mail="jane@example.test", displayName="Jane Smith", givenName="Jane", sn="Smith")
    domain.group("everybody", domain.group("staff", name))
    return name


@pytest.fixture
def corp(connect: Connect, domain: PrivateDomain, jane: str) -> LdapConnector:
    """A connector to it."""
    return connect(**domain_options(domain))


def refused(corp: LdapConnector, name: str, password: str = PASSWORD) -> ConnectorError:
    with pytest.raises(ConnectorError) as error:
        corp.login(name, password)
    return error.value


def test_every_form_of_a_name(connect: Connect, domain: PrivateDomain, jane: str) -> None:
    found = []
    for urls in ([f"ldaps://{domain.address}"], [f"ldap://{domain.address}"]):
        corp = connect(**domain_options(domain, urls=urls))
        found += [
            corp.login(name, PASSWORD)
            for name in ("jane", "JANE", "jane@ad.example.test", "jane@example.test", "ADTEST\\jane")
        ]
    assert {each.user_id for each in found} == {str(uuid.UUID(found[0].user_id))}
    assert found[0].profile["name"] == "Jane Smith"
    for corp in (connect(**domain_options(domain)), alone(connect, domain)):
        for name in ("OTHER\\jane", "ADTEST\\nobody", "ADTEST\\"):
            assert isinstance(refused(corp, name), InvalidCredentials), name


def alone(connect: Connect, domain: PrivateDomain) -> LdapConnector:
    """Without a service account."""
    members = {"bind_dn": None, "bind_password": None, "user_bind_name": "{username}@ad.example.test"}
    return connect(**domain_options(domain, **members, groups="nested"))


def test_no_service_account(connect: Connect, domain: PrivateDomain, jane: str) -> None:
    corp = alone(connect, domain)
    found = [corp.login(name, PASSWORD) for name in ("jane", "jane@ad.example.test", "ADTEST\\jane")]
    assert len({each.user_id for each in found}) == 1
    assert found[0].profile["groups"] == ["everybody", "staff"]
    assert isinstance(refused(corp, "jane", "wrong"), InvalidCredentials)


def test_groups_of_groups(connect: Connect, domain: PrivateDomain, jane: str) -> None:
    for kind, expected in (("direct", ["staff"]), ("nested", ["everybody", "staff"])):
        assert connect(**domain_options(domain, groups=kind)).login("jane", PASSWORD).profile["groups"] == expected


@row("CU2")
def test_no_password_is_no_proof(corp: LdapConnector) -> None:
    assert isinstance(refused(corp, "jane", ""), InvalidCredentials)


@row("CU2")
def test_without_tls_it_takes_no_password(connect: Connect, domain: PrivateDomain) -> None:
    plain = domain_options(domain, urls=[f"ldap://{domain.address}"], start_tls=False, allow_plaintext=True)
    error = refused(connect(**plain), "jane")
    assert error.code == "server_error"
    assert "over TLS alone, result 8" in str(error.detail)


def test_closed_accounts_are_told_apart(corp: LdapConnector, domain: PrivateDomain) -> None:
    """Only to whoever has the password: to others they look like any account."""
    domain.person("off", userAccountControl=DISABLED)
    domain.person("past", accountExpires=LONG_AGO)
    domain.person("must", pwdLastSet=0)
    for name, code, number in (
        ("off", "account_disabled", "data 533"),
        ("past", "account_expired", "data 701"),
        ("must", "password_change_required", "data 773"),
    ):
        error = refused(corp, name)
        assert isinstance(error, AccountRefused)
        assert (error.code, error.proven) == (code, True)
        assert number in str(error.detail)
        assert isinstance(refused(corp, name, "wrong"), InvalidCredentials)


def test_a_locked_account(corp: LdapConnector, domain: PrivateDomain) -> None:
    domain.person("locked")
    domain.change(BASE, lockoutThreshold=3)
    try:
        for _ in range(3):
            assert isinstance(refused(corp, "locked", "wrong"), InvalidCredentials)
        error = refused(corp, "locked")
        assert isinstance(error, AccountRefused)
        assert (error.code, error.proven) == ("account_locked", False)
    finally:
        domain.change(BASE, lockoutThreshold=0)


def test_another_password(corp: LdapConnector, domain: PrivateDomain) -> None:
    domain.change(BASE, minPwdAge=0)
    domain.person("changer")
    account = corp.login("changer", PASSWORD).user_id
    with pytest.raises(InvalidCredentials):
        corp.change_own_password(account, "wrong", "Another Horse 10")
    with pytest.raises(PasswordRefused):
        corp.change_own_password(account, PASSWORD, "short")
    with pytest.raises(InvalidCredentials):
        corp.change_own_password("no id", PASSWORD, "Another Horse 10")
    corp.change_own_password(account, PASSWORD, "Another Horse 10 ü")
    assert corp.login("changer", "Another Horse 10 ü").user_id == account
    assert isinstance(refused(corp, "changer", "nonsense"), InvalidCredentials)


def test_a_password_that_has_to_be_changed(corp: LdapConnector, domain: PrivateDomain) -> None:
    domain.change(BASE, minPwdAge=0)
    domain.person("newcomer", pwdLastSet=0)
    error = refused(corp, "newcomer")
    assert isinstance(error, AccountRefused)
    assert error.user_id
    corp.change_own_password(error.user_id, PASSWORD, "A first Horse 12")
    assert corp.login("newcomer", "A first Horse 12").user_id == error.user_id


def test_the_id_stays_when_somebody_is_renamed(corp: LdapConnector, domain: PrivateDomain) -> None:
    entry = domain.person("before")
    account = corp.login("before", PASSWORD).user_id
    domain.change(entry, sAMAccountName="after", userPrincipalName="after@ad.example.test")
    assert corp.login("after", PASSWORD).user_id == account
    assert isinstance(refused(corp, "before"), InvalidCredentials)
