"""Ids, scopes, times and events."""

from __future__ import annotations

import re

import pytest

from idp.foundation.kernel import clock, ids, scopes


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (ids.client_id, r"[A-Za-z0-9]{32}"),
        (ids.hex24, r"[0-9a-f]{24}"),
        (lambda: ids.prefixed("con"), r"con_[A-Za-z0-9]{16}"),
        (ids.token, r"[A-Za-z0-9_-]{43}"),
        (ids.sid, r"[A-Za-z0-9_-]{32}"),
        (ids.message_id, r"[0-9]{39}"),
    ],
)
def test_ids_have_their_shape_and_never_repeat(make: object, shape: str) -> None:
    made = {make() for _ in range(200)}  # type: ignore[operator]
    assert len(made) == 200
    assert all(re.fullmatch(shape, each) for each in made)


def test_message_ids_sort_by_time() -> None:
    made = [ids.message_id() for _ in range(50)]
    assert made == sorted(made)


@pytest.mark.parametrize(
    ("text", "words"), [(None, []), ("", []), ("a  b a", ["a", "b"]), (" openid\tprofile\n", ["openid", "profile"])]
)
def test_scopes_are_words_in_order_without_repeats(text: str | None, words: list[str]) -> None:
    assert scopes.parse(text) == words
    assert scopes.parse(scopes.join(words)) == words


@pytest.mark.parametrize(
    ("text", "valid"), [("a b", True), ("", True), ('a"', False), ("a\\", False), ("a\tb", False), ("ü", False)]
)
def test_scope_letters(text: str, valid: bool) -> None:
    assert scopes.is_valid(text) is valid


def test_times_are_written_as_the_management_api_writes_them() -> None:
    assert clock.iso(1_689_093_016_596) == "2023-07-11T16:30:16.596Z"
    assert clock.iso_seconds(0) == "1970-01-01T00:00:00.000Z"
    assert abs(clock.now() * 1000 - clock.now_ms()) < 2000
