"""Bodies that cannot be stored faithfully are refused; everything else arrives as it was sent (security.md W6, B7,
X1).
"""

from __future__ import annotations

import json

import pytest

from idp.foundation.apikit import request
from idp.foundation.kernel.errors import BadRequest

JSON = "application/json"
FORM = "application/x-www-form-urlencoded; charset=utf-8"

HOSTILE = {
    "broken utf-8": b'{"a":"\xff"}',
    "broken json": b'{"a":',
    "nan": b'{"a":NaN}',
    "infinity": b'{"a":-Infinity}',
    "float overflow": b'{"a":1e999}',
    "huge integer": b'{"a":9223372036854775808}',
    "integer of 5000 digits": b'{"a":' + b"9" * 5000 + b"}",
    "lone surrogate": b'{"a":"\\ud800"}',
    "nul": b'{"a":"\\u0000"}',
    "nul in a name": b'{"a\\u0000":1}',
    "a member twice": b'{"a":1,"a":2}',
    "65 levels": b"[" * 65 + b"]" * 65,
    "5000 levels": b"[" * 5000 + b"]" * 5000,
    "200000 levels": b"[" * 200000 + b"]" * 200000,
    "more than a megabyte": b'"' + b"a" * request.MAX_BYTES + b'"',
    "byte order mark": b"\xef\xbb\xbf{}",
}


@pytest.mark.parametrize("sent", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_json_is_an_invalid_body(sent: bytes) -> None:
    with pytest.raises(BadRequest) as refused:
        request.parse(JSON, sent)
    assert refused.value.error_code == "invalid_body"


@pytest.mark.parametrize(
    "value", [{}, [], {"a": None}, {"a": "\U0001f600 ü \u2028"}, {"n": 2**63 - 1}, {"x": [1.5, True, "y"]}]
)
def test_json_arrives_as_sent(value: object) -> None:
    assert request.parse(JSON, json.dumps(value).encode()) == value


def test_64_levels_are_fine() -> None:
    assert request.parse(JSON, b"[" * 63 + b"1" + b"]" * 63)


def test_an_empty_body_is_an_empty_object() -> None:
    assert request.parse("", b" ") == {}


def test_forms_nest_and_repeat() -> None:
    sent = b"name=A+B&callbacks=x&callbacks=y&web[]=z&refresh[leeway]=3&jwt[a][b]=c&empty="
    assert request.parse(FORM, sent) == {
        "name": "A B",
        "callbacks": ["x", "y"],
        "web": ["z"],
        "refresh": {"leeway": "3"},
        "jwt": {"a": {"b": "c"}},
        "empty": "",
    }


@pytest.mark.parametrize(
    "sent", [b"a=1&a[b]=2", b"a[b]=2&a=1", b"a]=1", b"a[[=1", b"a%00=1", b"a=%ff", b"a[b", b"&".join([b"a=1"] * 1001)]
)
def test_malformed_forms_are_invalid_bodies(sent: bytes) -> None:
    with pytest.raises(BadRequest):
        request.parse(FORM, sent)
