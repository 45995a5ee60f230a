"""What people type stays a value, in filters (RFC 4515) and in names (RFC 4514)."""

from __future__ import annotations

import pytest

from connectors.ldap import escaping


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("jane", "jane"),
        ("Parens R Us (for all your parenthetical needs)", r"Parens R Us \28for all your parenthetical needs\29"),
        ("*", r"\2a"),
        ("C:\\MyFile", r"C:\5cMyFile"),
        ("a\0b", r"a\00b"),
        ("Lučić", "Lučić"),
        ("*)(uid=*))(|(uid=*", r"\2a\29\28uid=\2a\29\29\28|\28uid=\2a"),
    ],
)
def test_values_of_filters(typed: str, written: str) -> None:
    """RFC 4515 section 4 has some of these."""
    assert escaping.in_filter(typed) == written
    assert escaping.filter_problem(f"(uid={written})") is None


def test_bytes_in_filters() -> None:
    assert escaping.octets(b"\x00\xff(") == r"\00\ff\28"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("jane", "jane"),
        ('James "Jim" Smith, III', r"James \"Jim\" Smith\, III"),
        ("Before\rAfter", "Before\rAfter"),
        (" lead and trail ", r"\ lead and trail\ "),
        (" ", r"\ "),
        ("#hash", r"\#hash"),
        ("a+b<c>d;e\\f=g", r"a\+b\<c\>d\;e\\f\=g"),
        ("a\0b", r"a\00b"),
        ("x,ou=admins", r"x\,ou\=admins"),
    ],
)
def test_values_of_names(typed: str, written: str) -> None:
    """RFC 4514 section 4 has some of these."""
    assert escaping.in_name(typed) == written


@pytest.mark.parametrize(
    "text",
    [
        "(uid=x)",
        "(&(objectClass=person)(|(uid=x)(mail=x*y)))",
        "(!(cn=Tim Howes))",
        "(member:1.2.840.113556.1.4.1941:=cn=x,dc=y)",
        "(cn:dn:=Betty Rubble)",
        "(:dn:2.4.6.8.10:=Dino)",
        r"(bin=\00\00\00\04)",
        "(seeAlso=)",
        "(age>=5)",
        "(uid~=x)",
    ],
)
def test_good_filters(text: str) -> None:
    assert escaping.filter_problem(text) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "a parenthesis is missing at character 1"),
        ("uid=x", "a parenthesis is missing at character 1"),
        ("(uid=x", "a parenthesis is not closed at character 2"),
        ("(uid=x))", "something follows the filter at character 8"),
        ("(&)", "`&` has the wrong number of parts at character 3"),
        ("(!(a=b)(c=d))", "`!` has the wrong number of parts at character 13"),
        ("(uid)", "no comparison of an attribute with a value at character 2"),
        ("(=x)", "no comparison of an attribute with a value at character 2"),
        (r"(uid=\zz)", "no comparison of an attribute with a value at character 2"),
        ("(&(a=b)", "a parenthesis is not closed at character 8"),
        ("(!" * 30 + "(a=b)" + ")" * 30, "it is nested too deeply"),
    ],
)
def test_bad_filters(text: str, problem: str) -> None:
    assert escaping.filter_problem(text) == problem
