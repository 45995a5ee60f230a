"""The list of breached passwords on disk: built of whatever order, found again, never half (docs/decisions/0211)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from idp.processes.cli.breached_passwords import breached_passwords
from idp.signin.attack_protection import hash_list
from idp.signin.attack_protection.hash_list import InvalidList
from idp.signin.attack_protection.ntlm import ntlm

MANY = 20_000


def digest(text: str) -> bytes:
    return hashlib.sha1(text.encode(), usedforsecurity=False).digest()


def test_every_hash_is_found_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hash_list, "_MOST_HELD", 20_000)  # so that parts of it are put down on the way
    source, target = tmp_path / "all.txt", tmp_path / "deep" / "list"
    lines = [f"{digest(f'password {number}').hex().upper()}:{number % 7}\n" for number in range(MANY)]
    source.write_text("".join([*lines, "\n", *lines[:50]]))
    read: list[int] = []
    made = hash_list.build(source, target, read.append)
    assert (made.kind, made.count, sum(read)) == ("sha1", MANY, source.stat().st_size)
    assert all(made.holds(digest(f"password {number}")) for number in range(MANY))
    assert not any(made.holds(digest(f"other {number}")) for number in range(MANY))
    assert target.stat().st_size < MANY * 4 + 600_000
    assert [each.name for each in target.parent.iterdir()] == ["list"], "nothing is left lying about"
    rare = hash_list.build(source, target, read.append, least=6)
    assert rare.count == sum(number % 7 >= 6 for number in range(MANY))


def test_files_of_a_range_service(tmp_path: Path) -> None:
    folder = tmp_path / "ranges"
    folder.mkdir()
    for text in ("one", "two"):
        name = digest(text).hex().upper()
        (folder / f"{name[:5]}.txt").write_bytes(f"{name[5:]}:4\r\n{'0' * 35}:0\r\n".encode())
    made = hash_list.build(folder, tmp_path / "list", lambda _: None, least=1)
    assert all(made.holds(digest(text)) for text in ("one", "two"))
    assert not made.holds(digest("three"))


@pytest.mark.parametrize(
    "text", ["", "\n\n", "hello\n", f"{'g' * 40}\n", f"{'a' * 40}\n{'a' * 32}\n", f"{'a' * 39}:\n"]
)
def test_what_is_no_list_changes_nothing(tmp_path: Path, text: str) -> None:
    source, target = tmp_path / "a.txt", tmp_path / "list"
    source.write_text(f"{digest('kept').hex()}\n")
    hash_list.build(source, target, lambda _: None)
    source.write_text(text)
    with pytest.raises(InvalidList):
        hash_list.build(source, target, lambda _: None)
    assert hash_list.open_list(target).holds(digest("kept"))


@pytest.mark.parametrize("cut", [0, 10, 524_300, -1])
def test_a_file_that_is_not_whole_is_no_list(tmp_path: Path, cut: int) -> None:
    source, target = tmp_path / "a.txt", tmp_path / "list"
    source.write_text(f"{digest('kept').hex()}\n")
    hash_list.build(source, target, lambda _: None)
    target.write_bytes(target.read_bytes()[:cut])
    with pytest.raises(InvalidList):
        hash_list.open_list(target)


def test_ntlm_hashes_are_those_of_the_lists() -> None:
    """The first is MD4 of nothing (RFC 1320, A.5), the second stands near the top of every published list."""
    assert ntlm("").hex() == "31d6cfe0d16ae931b73c59d7e0c089c0"
    assert ntlm("password").hex() == "8846f7eaee8fb117ad06bdd830b7586c"
    assert len(ntlm("\ud800")) == 16


def test_the_command_builds_and_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "hashes.txt"
    source.write_text(f"{digest('known').hex()}:9\n")
    runner = CliRunner()
    missing = runner.invoke(breached_passwords, ["check"])
    assert missing.exit_code == 1
    assert "breached-passwords build" in missing.output
    made = runner.invoke(breached_passwords, ["build", str(source)])
    assert made.exit_code == 0, made.output
    assert "1 SHA1 hashes are in var/breached-passwords.list" in made.output
    assert runner.invoke(breached_passwords, ["check"], input="known\n").exit_code == 1
    assert runner.invoke(breached_passwords, ["check"], input="unknown\n").exit_code == 0
    source.write_text("no hash\n")
    wrong = runner.invoke(breached_passwords, ["build", str(source)])
    assert wrong.exit_code == 1
    assert "neither a SHA-1" in wrong.output
