"""Keytabs are read before they are stored."""

from __future__ import annotations

import base64
import struct
from typing import Any

import pytest

from connectors.ldap import kerberos, keytab
from connectors.ldap.refusals import DISABLED, EXPIRED, LOCKED, MUST_CHANGE, PASSWORD_EXPIRED, Refusal, of_account
from tests.connectors.ldap.test_options import read

NOW_MS = 1_800_000_000_000
YESTERDAY = str((NOW_MS // 1000 - 86_400 + 11_644_473_600) * 10_000_000).encode()
AES256, RC4 = 18, 23


def entry(principal: str = "HTTP/login.example.test", kind: int = AES256, *, size: int | None = None) -> bytes:
    """One key as MIT's format has it."""
    parts = [b"EXAMPLE.TEST", *(each.encode() for each in principal.split("/"))]
    names = b"".join(struct.pack(">H", len(each)) + each for each in parts)
    body = struct.pack(">H", len(parts) - 1) + names + struct.pack(">IIBHH", 1, 0, 3, kind, 32) + b"k" * 32
    return struct.pack(">i", len(body) if size is None else size) + body


def file(*entries: bytes) -> str:
    """A whole one in base64."""
    return base64.b64encode(b"\x05\x02" + b"".join(entries)).decode()


def test_what_is_used_of_it() -> None:
    """Our own service's AES keys, without holes and the rest."""
    text = file(entry(kind=RC4), struct.pack(">i", -7) + bytes(7), entry(), entry("host/login.example.test"))
    found = keytab.keys(keytab.decoded(text))
    assert [each.said for each in found] == [
        "HTTP/login.example.test@EXAMPLE.TEST (kind 23)",
        "HTTP/login.example.test@EXAMPLE.TEST (aes256-cts-hmac-sha1-96)",
        "host/login.example.test@EXAMPLE.TEST (aes256-cts-hmac-sha1-96)",
    ]
    kept = [each for each in found if each.usable]
    assert keytab.written(kept) == keytab.decoded(file(entry()))
    assert "k" * 32 not in str([each.said for each in found])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("%%%", "base64"),
        (base64.b64encode(b"\x05\x01").decode(), "no keytab of version"),
        (base64.b64encode(b"\x05\x02\0\0").decode(), "ends too early"),
        (file(entry(size=5_000)), "longer than the file"),
        (file(struct.pack(">i", 3) + b"abc"), "ends too early"),
        (file(entry()[:-8]), "longer than the file"),
        (file(), "but nothing"),
        (file(entry(kind=RC4), entry("host/a.test")), "no AES key of a service HTTP/host@REALM, but HTTP/login"),
    ],
)
def test_what_is_no_keytab(text: str, reason: str) -> None:
    problem = read(keytab=text, kerberos=True, ips=["10.0.0.0/8"]).contradiction()
    assert str(problem).startswith("options.keytab, in base64: ")
    assert reason in str(problem)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ips": None}, "options.ips is missing"),
        ({"ips": ["10.0.0.0/99"]}, "options.ips: "),
        ({"bind_dn": None, "bind_password": None, "user_bind_name": "{username}@x.test"}, "options.bind_dn is missing"),
        ({"urls": None}, "options.urls is missing"),
    ],
)
def test_what_tickets_need_besides(monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], reason: str) -> None:
    monkeypatch.setattr(kerberos, "missing", lambda: None)
    whole = {"keytab": file(entry()), "kerberos": True, "ips": ["10.0.0.0/8", "192.0.2.7"]}
    assert read(**whole).contradiction() is None
    assert list(read(**whole).negotiates()) == ["10.0.0.0/8", "192.0.2.7"]
    assert reason in str(read(**{**whole, **changes}).contradiction())


def test_where_they_are_not_wanted_nothing_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kerberos, "missing", lambda: "no library")
    kept = read(keytab=file(entry()))
    assert kept.contradiction() is None
    assert list(kept.negotiates()) == []
    assert list(read(kerberos=True, ips=["10.0.0.0/8"]).negotiates()) == [], "as Auth0 exports it"
    wanted = read(keytab=file(entry()), kerberos=True, ips=["10.0.0.0/8"])
    assert wanted.contradiction() == "options.kerberos: no library"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"useraccountcontrol": b"512"}, None),
        ({"useraccountcontrol": b"514"}, DISABLED),
        ({"msds-user-account-control-computed": b"16"}, LOCKED),
        ({"msds-user-account-control-computed": b"8388608"}, PASSWORD_EXPIRED),
        ({"accountexpires": b"0"}, None),
        ({"accountexpires": b"9223372036854775807"}, None),
        ({"accountexpires": YESTERDAY}, EXPIRED),
        ({"pwdlastset": b"0"}, MUST_CHANGE),
        ({"pwdlastset": YESTERDAY}, None),
        ({"pwdaccountlockedtime": b"000001010000Z"}, LOCKED),
        ({"pwdreset": b"TRUE"}, MUST_CHANGE),
        ({"useraccountcontrol": b"-2"}, None),
        ({}, None),
    ],
)
def test_accounts_that_are_closed(values: dict[str, bytes], expected: Refusal | None) -> None:
    assert of_account({name: [value] for name, value in values.items()}, NOW_MS) is expected
