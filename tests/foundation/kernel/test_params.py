"""Strict reading of parameters, of forms and of JSON alike."""

from __future__ import annotations

import pytest

from idp.foundation.kernel.errors import OAuthError
from idp.foundation.web import params


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"", {}),
        (b"a=1&b=2", {"a": "1", "b": "2"}),
        (b"a=", {"a": ""}),
        (b"a=x+y%20z", {"a": "x y z"}),
        (b"a=%C3%BC", {"a": "ü"}),
        ("a=ü".encode(), {"a": "ü"}),
        (b"a=1;b=2", {"a": "1;b=2"}),
        (b"a=%26%3D", {"a": "&="}),
        (b"a[]=1", {"a[]": "1"}),
    ],
)
def test_forms(raw: bytes, found: dict[str, str]) -> None:
    assert params.from_urlencoded(raw) == found


@pytest.mark.parametrize(
    "raw",
    [b"a=1&a=1", b"a=1&a=2", b"a=%ff", b"a=\xff", b"a=%00", b"%00=a", b"&".join(b"a%d=1" % n for n in range(201))],
)
def test_forms_that_are_refused(raw: bytes) -> None:
    with pytest.raises(OAuthError) as refused:
        params.from_urlencoded(raw)
    assert refused.value.error == "invalid_request"
    assert "\x00" not in refused.value.description


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"{}", {}),
        (b'{"a": "x", "b": null, "c": 7, "d": true, "e": 1.5}', {"a": "x", "c": "7", "d": "true", "e": "1.5"}),
        ('{"a": "ü\\u00fc"}'.encode(), {"a": "üü"}),
    ],
)
def test_json(raw: bytes, found: dict[str, str]) -> None:
    assert params.from_json(raw) == found


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"1",
        b"null",
        b'"x"',
        b"{",
        b'{"a": []}',
        b'{"a": {}}',
        b'{"a": "\\u0000"}',
        b'{"a": "x", "a": "x"}',
        b'{"a": "x", "a": null}',
        b'{"grant_type": "a", "client_id": "b", "grant_type": "c"}',
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b"\xff",
        b'{"a":' * 3000,
    ],
)
def test_json_that_is_refused(raw: bytes) -> None:
    with pytest.raises(OAuthError) as refused:
        params.from_json(raw)
    assert refused.value.error == "invalid_request"


def test_names_in_error_texts_are_short_and_printable() -> None:
    assert params.printable("a\r\nb\x1b" + "x" * 100) == "ab" + "x" * 35
    assert params.printable('ü"<b>\\') == "<b>"
