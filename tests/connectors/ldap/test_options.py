"""Options that cannot work are refused when they are saved, with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.ldap.connector import STRATEGY
from connectors.ldap.options import Address, LdapOptions

GOOD: dict[str, Any] = {
    "urls": ["ldaps://dc1.example.test", "ldap://dc2.example.test:3389"],
    "bind_dn": "cn=reader,dc=example,dc=test",
    "bind_password": "secret",
    "base_dn": "dc=example,dc=test",
}


def read(**more: Any) -> LdapOptions:
    found = STRATEGY.read({**GOOD, **more})
    assert isinstance(found, LdapOptions)
    return found


def test_good_ones() -> None:
    options = read()
    assert options.contradiction() is None
    assert options.addresses() == [
        Address("dc1.example.test", 636, "at once", None),
        Address("dc2.example.test", 3389, "start", None),
    ]
    assert read(attribute_map={"department": "department", "name": ["cn", "uid"]}).contradiction() is None
    assert read(bind_dn=None, bind_password=None, user_bind_name="{username}@example.test").contradiction() is None
    assert read(start_tls=False, allow_plaintext=True).contradiction() is None
    assert read(start_tls=False, urls=["ldaps://dc1.example.test"]).contradiction() is None


def test_what_auth0_exports_is_taken() -> None:
    """Its agent speaks to the directory there, so that it says nothing of servers."""
    exported = STRATEGY.read(
        {"agentMode": True, "kerberos": False, "ips": ["10.0.0.0/8"], "domain_aliases": ["a.test"]}
    )
    assert exported.contradiction() is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"urls": []}, "options.urls is missing"),
        ({"urls": ["https://dc1.example.test"]}, "not of the form ldaps://"),
        ({"urls": ["ldaps://"]}, "not of the form ldaps://"),
        ({"urls": ["ldaps://dc1.example.test/dc=x"]}, "more than a host and a port"),
        ({"urls": ["ldaps://me@dc1.example.test"]}, "more than a host and a port"),
        ({"urls": ["ldaps://dc1.example.test:port"]}, "options.urls: "),
        ({"start_tls": False}, "passwords would travel in the clear"),
        ({"base_dn": ""}, "options.base_dn is missing"),
        ({"bind_password": None}, "belong together"),
        ({"bind_dn": None, "bind_password": None}, "is missing"),
        ({"user_bind_name": "jane"}, "needs the placeholder {username}"),
        ({"user_filter": "(uid=jane)"}, "options.user_filter needs the placeholder {username}"),
        ({"user_filter": "(uid={username}"}, "options.user_filter is no LDAP filter: a parenthesis is not closed"),
        ({"group_filter": "(member=x)"}, "options.group_filter needs the placeholder {dn}"),
        ({"attribute_map": {"blocked": "userAccountControl"}}, "blocked cannot come from a directory"),
        ({"attribute_map": {"app_metadata": "info"}}, "app_metadata cannot come from a directory"),
        ({"attribute_map": {"email_verified": "info"}}, "email_verified cannot come from a directory"),
        ({"attribute_map": {"name": "(cn=*)"}}, "name is not the name of an LDAP attribute"),
        ({"id_attribute": "object guid"}, "options.id_attribute is not the name of an LDAP attribute"),
        ({"ca": "nothing"}, "options.ca holds no certificate in PEM"),
    ],
)
def test_bad_ones(changes: dict[str, Any], reason: str) -> None:
    assert reason in str(read(**changes).contradiction())


def test_passwords_are_changed_where_the_option_says_so() -> None:
    assert read().changes_passwords() is False
    assert read(disable_self_service_change_password=False).changes_passwords() is True


def test_attributes_that_are_not_taken() -> None:
    assert list(read(non_persistent_attrs=["nickname"]).never_stored()) == ["nickname"]
    assert list(read().never_stored()) == []
