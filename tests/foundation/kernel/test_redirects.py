"""Comparison of redirect URIs: one parser, exact, and the two exceptions."""

from __future__ import annotations

import pytest

from idp.foundation.kernel import redirects

SOUND = [
    "https://a.example/cb",
    "http://localhost:3000/cb",
    "http://127.0.0.1/cb",
    "http://[::1]:8080/cb?x=1",
    "com.example.app:/oauth/cb",
    "com.example.app://host/cb",
    "https://a.example/cb?x=%20y",
    "https://xn--bcher-kva.example/cb",
]
UNSOUND = [
    "",
    "/relative",
    "//host/cb",
    "cb",
    "https:///cb",
    "http:cb",
    "https://user@a.example/cb",
    "https://a.example/cb#fragment",
    "https://a.example/cb#",
    "https://a.example:port/cb",
    "https://a.example:99999/cb",
    "https://a.example\\@b.example/cb",
    "https://a.example/c b",
    "https://a.example/cb\n",
    "https://a.example/\x00",
    "https://bücher.example/cb",
    "https://a.example/<cb>",
    "javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://a.example/x",
    "about:blank",
    "https://a.example/" + "x" * 2048,
    "http://[::1",
]


@pytest.mark.parametrize("uri", SOUND)
def test_sound_addresses_are_parsed_and_match_themselves_only(uri: str) -> None:
    assert redirects.parse(uri) is not None
    assert redirects.matches(uri, [uri])
    assert not redirects.matches(f"{uri}x", [uri])
    assert not redirects.matches(uri, [f"{uri}x"])
    assert not redirects.matches(uri, [])


@pytest.mark.parametrize("uri", UNSOUND)
def test_unsound_addresses_match_nothing_not_even_themselves(uri: str) -> None:
    assert redirects.parse(uri) is None
    assert not redirects.matches(uri, [uri], native=True)
    assert not redirects.matches_wildcard(uri, [uri])


@pytest.mark.parametrize(
    ("uri", "registered", "fits"),
    [
        ("http://127.0.0.1:5000/cb", "http://127.0.0.1/cb", True),
        ("http://127.0.0.1/cb", "http://127.0.0.1:5000/cb", True),
        ("http://[::1]:5000/cb", "http://[::1]/cb", True),
        ("http://127.0.0.1:5000/cb", "http://[::1]/cb", False),
        ("http://localhost:5000/cb", "http://localhost/cb", False),
        ("https://127.0.0.1:5000/cb", "https://127.0.0.1/cb", False),
        ("http://127.0.0.1:5000/cb?x", "http://127.0.0.1/cb", False),
    ],
)
def test_a_native_loopback_redirect_may_use_any_port(uri: str, registered: str, fits: bool) -> None:
    assert redirects.matches(uri, [registered], native=True) is fits
    assert not redirects.matches(uri, [registered])


@pytest.mark.parametrize(
    ("uri", "pattern", "fits"),
    [
        ("https://one.a.example/cb", "https://*.a.example/cb", True),
        ("https://one.a.example:8443/cb", "https://*.a.example:8443/cb", True),
        ("https://one.two.a.example/cb", "https://*.a.example/cb", False),
        ("https://a.example/cb", "https://*.a.example/cb", False),
        ("https://one.a.example/cb", "https://*.example/cb", False),
        ("https://one.example/cb", "https://*.example/cb", False),
        ("https://evil-a.example/cb", "https://*-a.example/cb", False),
        ("https://one.a.example/cb", "https://o*.a.example/cb", False),
        ("http://one.a.example/cb", "https://*.a.example/cb", False),
        ("https://*.a.example/cb", "https://*.a.example/cb", False),
        ("https://one.a.example", "https://*.a.example/", True),
    ],
)
def test_a_star_stands_for_one_leftmost_label(uri: str, pattern: str, fits: bool) -> None:
    assert redirects.matches_wildcard(uri, [pattern]) is fits
    assert not redirects.matches(uri, [pattern])


def test_a_query_is_ignored_only_where_that_was_asked_for() -> None:
    pattern = ["https://*.a.example/out"]
    assert redirects.matches_wildcard("https://one.a.example/out?x=1#y", pattern, ignore_query=True)
    assert not redirects.matches_wildcard("https://one.a.example/out?x=1", pattern)


@pytest.mark.parametrize(
    ("uri", "merged"),
    [
        ("https://a.example/cb", "https://a.example/cb?code=x+y"),
        ("https://a.example/cb?own=1", "https://a.example/cb?own=1&code=x+y"),
        ("com.example.app:/cb", "com.example.app:/cb?code=x+y"),
        ("https://a.example/cb#at", "https://a.example/cb?code=x+y#at"),
        ("https://a.example/#/login?x=1", "https://a.example/?code=x+y#/login?x=1"),
    ],
)
def test_parameters_are_merged_behind_the_own_query(uri: str, merged: str) -> None:
    assert redirects.with_params(uri, {"code": "x y"}) == merged
    assert redirects.with_params(uri, {}) == uri


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://A.Example:8443/cb?x#y", "https://a.example:8443"),
        ("http://localhost/cb", "http://localhost"),
        ("com.example.app:/cb", None),
        ("nonsense", None),
    ],
)
def test_origins(uri: str, origin: str | None) -> None:
    assert redirects.origin(uri) == origin
