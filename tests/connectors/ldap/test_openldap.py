"""Against a real OpenLDAP server."""

from __future__ import annotations

import base64
import socket
from typing import Any

import pytest

from connectors.contract import AccountRefused, ConnectorError, InvalidCredentials, PasswordRefused, TicketRefused
from connectors.ldap import kerberos
from connectors.ldap.connector import LdapConnector
from tests.connectors.ldap.conftest import Connect, slapd_options
from tests.connectors.ldap.test_keytab import entry as keytab_entry
from tests.connectors.ldap.test_keytab import file as keytab_file
from tests.counterparts.private_ca import PrivateAuthority
from tests.counterparts.slapd import (
    ADMIN,
    ADMIN_PASSWORD,
    GROUPS,
    PASSWORD,
    PEOPLE,
    SERVICE,
    SERVICE_PASSWORD,
    PrivateSlapd,
)
from tests.directory.users.test_photos import jpeg
from tests.security.rows import row

pytestmark = [pytest.mark.counterpart]


@pytest.fixture
def corp(connect: Connect, slapd: PrivateSlapd) -> LdapConnector:
    """A connector to it."""
    return connect(**slapd_options(slapd))


def refused(corp: LdapConnector, name: str, password: str = PASSWORD) -> ConnectorError:
    with pytest.raises(ConnectorError) as error:
        corp.login(name, password)
    return error.value


def test_somebody_signs_in(connect: Connect, slapd: PrivateSlapd) -> None:
    for urls in ([f"ldap://127.0.0.1:{slapd.port}"], [f"ldaps://127.0.0.1:{slapd.tls_port}"]):
        corp = connect(**slapd_options(slapd, urls=urls))
        found = [corp.login(name, PASSWORD) for name in ("jane", "jane@example.test", "JANE")]
        assert len({each.user_id for each in found}) == 1
        assert dict(found[0].profile) == {
            "email": "jane@example.test",
            "email_verified": False,
            "name": "Jane Smith",
            "given_name": "Jane",
            "family_name": "Smith",
            "nickname": "jane",
        }
        assert found[0].raw["dn"] == f"uid=jane,{PEOPLE}"
    trusted = connect(**slapd_options(slapd, should_trust_email_verified_connection="always_set_emails_as_verified"))
    assert trusted.login("jane", PASSWORD).profile["email_verified"] is True


def test_wrong_names_and_passwords(corp: LdapConnector) -> None:
    known = refused(corp, "jane", "wrong")
    assert isinstance(known, InvalidCredentials)
    assert known.user_id == corp.login("jane", PASSWORD).user_id, "for the log"
    unknown = refused(corp, "nobody")
    assert isinstance(unknown, InvalidCredentials)
    assert unknown.user_id is None
    assert str(known) == str(unknown)


@row("CU2")
def test_no_password_is_no_proof(corp: LdapConnector) -> None:
    """RFC 4513 5.1.2: this server takes a bind with a name and without a password, as nobody."""
    assert isinstance(refused(corp, "jane", ""), InvalidCredentials)


@row("CU2", "I9")
@pytest.mark.parametrize(
    "typed",
    ["*", "jan*", "*)(uid=jane", "jane)(|(uid=*", "jane\0", "jane\\2a", "(jane)", "x)(objectClass=*", "jane\n", ""],
)
def test_what_is_typed_is_a_value(corp: LdapConnector, typed: str) -> None:
    assert isinstance(refused(corp, typed), InvalidCredentials)


def test_odd_characters_find_their_owner(corp: LdapConnector, slapd: PrivateSlapd) -> None:
    slapd.person("o*(dd)", mail="odd@example.test")
    assert corp.login("o*(dd)", PASSWORD).profile["nickname"] == "o*(dd)"


def test_two_people_of_one_name_are_nobody(corp: LdapConnector) -> None:
    error = refused(corp, "twins@example.test")
    assert error.code == "ambiguous_user"
    assert "uid=twin" in str(error.detail)


@row("CU2")
def test_referrals_are_not_followed(corp: LdapConnector, slapd: PrivateSlapd) -> None:
    with socket.socket() as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        elsewhere.listen()
        elsewhere.setblocking(False)
        address = f"ldap://127.0.0.1:{elsewhere.getsockname()[1]}/{PEOPLE}"
        name = f"ou=elsewhere,{PEOPLE}"
        slapd.add(f"dn: {name}\nobjectClass: referral\nobjectClass: extensibleObject\nou: elsewhere\nref: {address}\n")
        assert corp.login("jane", PASSWORD).profile["name"] == "Jane Smith"
        with pytest.raises(BlockingIOError):
            elsewhere.accept()


@row("CU2")
def test_a_certificate_of_somebody_else_ends_it(connect: Connect, slapd: PrivateSlapd) -> None:
    other = PrivateAuthority.make().pem
    named = f"ldaps://localhost:{slapd.tls_port}"
    for changes in (
        {"ca": other},
        {"ca": other, "urls": [f"ldaps://127.0.0.1:{slapd.tls_port}"]},
        {"urls": [named]},
        {"ca": None},
    ):
        error = refused(connect(**slapd_options(slapd, **changes)), "jane")
        assert error.code == "temporarily_unavailable"
        assert "CERTIFICATE_VERIFY_FAILED" in str(error.detail)


@row("CU2")
def test_passwords_travel_in_the_clear_only_where_the_operator_says_so(
    connect: Connect, tmp_path_factory: pytest.TempPathFactory, authority: PrivateAuthority, slapd: PrivateSlapd
) -> None:
    plain = slapd_options(slapd, start_tls=False)
    assert "in the clear" in str(connect(**plain)._options.contradiction())
    assert connect(**plain, allow_plaintext=True).login("jane", PASSWORD).profile["nickname"] == "jane"
    strict = PrivateSlapd.start(tmp_path_factory.mktemp("strict"), authority, security="security simple_bind=1")
    try:
        error = refused(connect(**slapd_options(strict, start_tls=False, allow_plaintext=True)), "jane")
        assert (error.code, "over TLS alone, result 13" in str(error.detail)) == ("server_error", True)
        assert connect(**slapd_options(strict)).login("jane", PASSWORD).profile["nickname"] == "jane"
    finally:
        strict.stop()


def test_groups(connect: Connect, slapd: PrivateSlapd) -> None:
    assert "groups" not in connect(**slapd_options(slapd)).login("jane", PASSWORD).profile
    for kind, expected in (("direct", ["staff"]), ("nested", ["circle", "everybody", "staff"])):
        corp = connect(**slapd_options(slapd, groups=kind))
        assert corp.login("jane", PASSWORD).profile["groups"] == expected
        assert corp.login("twin", PASSWORD).profile["groups"] == []
    narrow = slapd_options(slapd, groups="nested", group_base_dn=f"cn=staff,{GROUPS}")
    assert connect(**narrow).login("jane", PASSWORD).profile["groups"] == ["staff"]
    named = slapd_options(slapd, groups="direct", group_filter="(member={dn})", group_name_attribute="objectClass")
    assert connect(**named).login("jane", PASSWORD).profile["groups"] == ["groupOfNames"]


def test_no_service_account(connect: Connect, slapd: PrivateSlapd) -> None:
    alone: dict[str, Any] = {"bind_dn": None, "bind_password": None}
    corp = connect(**slapd_options(slapd, **alone, user_bind_name=f"uid={{username}},{PEOPLE}"))
    assert corp.login("jane", PASSWORD).profile["name"] == "Jane Smith"
    for typed, password in (("jane", "wrong"), ("nobody", PASSWORD), (f"jane,{PEOPLE}", PASSWORD), ("jane+uid=x", "x")):
        assert isinstance(refused(corp, typed, password), InvalidCredentials)


def test_an_account_of_the_service_that_does_not_work(connect: Connect, slapd: PrivateSlapd) -> None:
    error = refused(connect(**slapd_options(slapd, bind_password="wrong")), "jane")
    assert error.code == "server_error"
    assert f"bind as {SERVICE}: result 49" in str(error.detail)
    assert SERVICE_PASSWORD not in str(error.detail)
    error = refused(connect(**slapd_options(slapd, base_dn="dc=nowhere")), "jane")
    assert isinstance(error, InvalidCredentials)


def test_closed_accounts(corp: LdapConnector, slapd: PrivateSlapd) -> None:
    locked = slapd.person("locked")
    slapd.change(locked, "pwdAccountLockedTime", "000001010000Z")
    must = slapd.person("must")
    slapd.change(must, "pwdReset", "TRUE")
    for name, code, proven in (("locked", "account_locked", False), ("must", "password_change_required", True)):
        error = refused(corp, name)
        assert isinstance(error, AccountRefused)
        assert (error.code, error.proven) == (code, proven)
        assert error.user_id
        assert "password policy" in str(error.detail)


def test_another_password(connect: Connect, slapd: PrivateSlapd) -> None:
    corp = connect(**slapd_options(slapd))
    name = slapd.person("changer", mail="changer@example.test")
    account = corp.login("changer", PASSWORD).user_id
    with pytest.raises(InvalidCredentials):
        corp.change_own_password(account, "wrong", "Another Horse 10")
    for poor in ("short", PASSWORD):
        with pytest.raises(PasswordRefused):
            corp.change_own_password(account, PASSWORD, poor)
    with pytest.raises(InvalidCredentials):
        corp.change_own_password("nobody", PASSWORD, "Another Horse 10")
    corp.change_own_password(account, PASSWORD, "Another Horse 10 ü")
    assert isinstance(refused(corp, "changer", PASSWORD), InvalidCredentials)
    assert corp.login("changer", "Another Horse 10 ü").user_id == account
    slapd.change(name, "pwdReset", "TRUE")
    corp.change_own_password(account, "Another Horse 10 ü", "A third Horse 11")
    assert corp.login("changer", "A third Horse 11").user_id == account


def test_a_password_that_expired(connect: Connect, slapd: PrivateSlapd) -> None:
    """Nobody can bind with it any more, so that the service account asks, if it may."""
    corp = connect(**slapd_options(slapd, bind_dn=ADMIN, bind_password=ADMIN_PASSWORD))
    name = slapd.person("aged")
    slapd.expire(name)
    error = refused(corp, "aged")
    assert isinstance(error, AccountRefused)
    assert (error.code, error.proven) == ("password_expired", True)
    assert isinstance(refused(corp, "aged", "wrong"), InvalidCredentials)
    account = str(error.user_id)
    with pytest.raises(InvalidCredentials):
        corp.change_own_password(account, "wrong", "Another Horse 10")
    with pytest.raises(ConnectorError) as may_not:
        connect(**slapd_options(slapd)).change_own_password(account, PASSWORD, "Another Horse 10")
    assert may_not.value.code == "server_error"
    assert isinstance(refused(corp, "aged"), AccountRefused)
    corp.change_own_password(account, PASSWORD, "Another Horse 10")
    assert corp.login("aged", "Another Horse 10").user_id == account


def test_attributes_of_ones_own(connect: Connect, slapd: PrivateSlapd) -> None:
    slapd.person("many", mail="many@example.test", description="first", title="Boss", jpegPhoto="no picture")
    slapd.add(f"dn: uid=many,{PEOPLE}\nchangetype: modify\nadd: description\ndescription: second\n")
    mapped = {"about": "description", "job": ["departmentNumber", "title"], "email": ["homePhone", "mail"]}
    found = connect(**slapd_options(slapd, attribute_map=mapped)).login("many", PASSWORD)
    assert found.profile["about"] == ["first", "second"]
    assert (found.profile["job"], found.profile["email"]) == ("Boss", "many@example.test")
    assert found.photo == b"", "what is no picture is none"


def test_photos(connect: Connect, slapd: PrivateSlapd) -> None:
    picture = jpeg()
    slapd.person("shown", mail="shown@example.test", **{"jpegPhoto:": base64.b64encode(picture).decode()})
    found = connect(**slapd_options(slapd)).login("shown", PASSWORD)
    assert found.photo == picture
    assert "jpegphoto" not in found.raw
    off = connect(**slapd_options(slapd, attribute_map={"picture": []})).login("shown", PASSWORD)
    assert off.photo is None
    slapd.person("linked", mail="linked@example.test", labeledURI="https://pictures.example/1.png")
    mapped = connect(**slapd_options(slapd, attribute_map={"picture": "labeledURI"})).login("linked", PASSWORD)
    assert (mapped.profile["picture"], mapped.photo) == ("https://pictures.example/1.png", None)


def test_a_connection_is_tried_without_anybody_signing_in(connect: Connect, slapd: PrivateSlapd) -> None:
    assert connect(**slapd_options(slapd)).probe() == {
        "urls": "a server answers",
        "bind_dn": "accepted",
        "base_dn": "found",
    }
    assert "not found" in connect(**slapd_options(slapd, base_dn="dc=nowhere")).probe()["base_dn"]
    alone = connect(
        **slapd_options(slapd, bind_dn=None, bind_password=None, user_bind_name=f"uid={{username}},{PEOPLE}")
    )
    assert alone.probe() == {"urls": "a server answers"}
    for changes, code in (({"bind_password": "wrong"}, "server_error"), ({"ca": None}, "temporarily_unavailable")):
        with pytest.raises(ConnectorError) as error:
            connect(**slapd_options(slapd, **changes)).probe()
        assert error.value.code == code


@row("CU2")
def test_a_ticket_of_another_kind_of_domain_is_found_by_its_name(
    connect: Connect, slapd: PrivateSlapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside MIT's KDC there is no number for an account: the name counts, where it is the name of a person."""
    shown: list[kerberos.Ticket] = []
    monkeypatch.setattr(kerberos, "accepted", lambda _keys, _token: shown[-1])
    corp = connect(**slapd_options(slapd, keytab=keytab_file(keytab_entry())))
    shown.append(kerberos.Ticket("jane", "EXAMPLE.TEST", None, "one"))
    assert corp.negotiated(b"token").profile["email"] == "jane@example.test"
    with pytest.raises(TicketRefused, match="cannot be used"):
        corp.negotiated(b"token")
    for number, name in enumerate(("jane@example.test", "jane/admin", "EXAMPLE\\jane", "ja\0ne")):
        shown.append(kerberos.Ticket(name, "EXAMPLE.TEST", None, f"other {number}"))
        with pytest.raises(TicketRefused):
            corp.negotiated(b"token")
    for number, name in enumerate(("nobody", "*", "jane)(uid=*")):
        shown.append(kerberos.Ticket(name, "EXAMPLE.TEST", None, f"further {number}"))
        with pytest.raises(InvalidCredentials):
            corp.negotiated(b"token")
    slapd.change(slapd.person("leaver"), "pwdReset", "TRUE")
    shown.append(kerberos.Ticket("leaver", "EXAMPLE.TEST", None, "leaver"))
    with pytest.raises(AccountRefused):
        corp.negotiated(b"token")
