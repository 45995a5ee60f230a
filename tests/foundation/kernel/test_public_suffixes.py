"""Wildcards stand below a registered name only (contract.md section 7; https://publicsuffix.org)."""

from __future__ import annotations

import socket

import pytest

from idp.foundation.kernel import public_suffixes, redirects, registered_urls

SOMEBODYS = ["a.example", "example.com", "example.co.uk", "deep.example.co.uk", "www.ck", "me.github.io", "app.test"]
EVERYBODYS = [
    "com",
    "co.uk",
    "uk",
    "github.io",
    "herokuapp.com",
    "s3.amazonaws.com",
    "kawasaki.jp",
    "anything.ck",
    "0.0.1",
    "localhost",
    "co.uk.",
    "CO.UK",
    "",
    ".",
    "a..com",
]


@pytest.mark.parametrize("name", SOMEBODYS)
def test_what_is_below_a_registered_name_is_one_partys(name: str) -> None:
    assert public_suffixes.is_somebodys(name)
    for accepts in (registered_urls.callback, registered_urls.redirect, registered_urls.origin):
        assert accepts(f"https://*.{name}/")
    assert redirects.matches_wildcard(f"https://x.{name}/cb", [f"https://*.{name}/cb"])


@pytest.mark.parametrize("name", EVERYBODYS)
def test_what_is_below_a_public_suffix_is_nobodys(name: str) -> None:
    assert not public_suffixes.is_somebodys(name)
    for accepts in (registered_urls.callback, registered_urls.redirect, registered_urls.origin):
        assert not accepts(f"https://*.{name}/cb")
    registered_earlier = [f"https://*.{name.lower()}/cb"]
    assert not redirects.matches_wildcard(f"https://evil.{name.lower()}/cb", registered_earlier)


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("the list came with the library")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    public_suffixes._suffixes.cache_clear()
    assert not public_suffixes.is_somebodys("co.uk")
