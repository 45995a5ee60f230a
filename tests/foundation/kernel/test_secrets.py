"""Sealing, signing, hashing, and the rotation of the master key."""

from __future__ import annotations

import pytest

from idp.foundation.kernel.secrets import Sealer, Signer, b64url, digest, equal
from tests.world.sealed import as_before

OLD, NEW = "o" * 32, "n" * 32
PLACE = ("tenant", "table", "column", "row")


def test_what_is_sealed_opens_again_and_looks_different_each_time() -> None:
    sealer = Sealer([OLD], "secrets").at(*PLACE)
    one, two = sealer.seal("a secret ü"), sealer.seal("a secret ü")
    assert one != two
    assert "secret" not in one
    assert sealer.open(one) == sealer.open(two) == "a secret ü"


def test_the_first_key_writes_and_every_key_reads() -> None:
    old = Sealer([OLD], "secrets").at(*PLACE).seal("x")
    both = Sealer([NEW, OLD], "secrets").at(*PLACE)
    assert both.open(old) == "x"
    assert Sealer([NEW], "secrets").at(*PLACE).open(both.seal("x")) == "x"
    with pytest.raises(ValueError, match="does not list"):
        Sealer([NEW], "secrets").at(*PLACE).open(old)


def test_purposes_do_not_open_each_other() -> None:
    sealed = Sealer([OLD], "secrets").at(*PLACE).seal("x")
    with pytest.raises(ValueError, match="does not open"):
        Sealer([OLD], "other").at(*PLACE).open(sealed)


@pytest.mark.parametrize("position", [-5, -20, 15, 20])
def test_a_changed_text_does_not_open(position: int) -> None:
    sealed = list(Sealer([OLD], "secrets").at(*PLACE).seal("some secret text"))
    sealed[position] = "A" if sealed[position] != "A" else "B"
    with pytest.raises(ValueError, match="seal"):
        Sealer([OLD], "secrets").at(*PLACE).open("".join(sealed))


@pytest.mark.parametrize(
    "elsewhere",
    [
        ("other", "table", "column", "row"),
        ("tenant", "other", "column", "row"),
        ("tenant", "table", "other", "row"),
        ("tenant", "table", "column", "other"),
        ("tenant", "table", "column"),
        ("tenant", "table", 'column","row'),
    ],
)
def test_what_was_sealed_for_one_place_opens_nowhere_else(elsewhere: tuple[str, ...]) -> None:
    sealer = Sealer([OLD], "secrets")
    sealed = sealer.at(*PLACE).seal("x")
    with pytest.raises(ValueError, match="does not open"):
        sealer.at(*elsewhere).open(sealed)
    with pytest.raises(ValueError, match="does not open"):
        sealer.at(*PLACE).open(sealed.replace("v2.", "v1.", 1))


def test_what_the_release_before_sealed_still_opens() -> None:
    sealer = Sealer([OLD], "secrets")
    assert sealer.at(*PLACE).open(as_before(sealer, "x")) == "x"
    assert not sealer.at(*PLACE).is_current(as_before(sealer, "x"))


def test_tags_are_recognised_with_any_key_and_only_for_their_value_and_purpose() -> None:
    tag = Signer([OLD], "csrf").tag("browser")
    assert Signer([NEW, OLD], "csrf").check("browser", tag)
    assert not Signer([NEW], "csrf").check("browser", tag)
    assert not Signer([OLD], "csrf").check("other", tag)
    assert not Signer([OLD], "other").check("browser", tag)
    assert not Signer([OLD], "csrf").check("browser", "")
    assert not Signer([OLD], "csrf").check("browser", "ü\udc80")


def test_digests_take_any_text() -> None:
    assert digest("x") == digest("x") != digest("y")
    assert len(digest("\udc80\x00ü")) == 64


def test_equal_compares_any_text() -> None:
    assert equal("ü", "ü")
    assert not equal("a", "b")
    assert not equal("", "a")


def test_base64url_has_no_padding() -> None:
    assert b64url(b"\xff\xfe\xfd\xfc") == "__79_A"
