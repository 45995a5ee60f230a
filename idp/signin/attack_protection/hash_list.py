"""A list of password hashes on disk that is made for looking one up (docs/decisions/0211).

After a header of 16 bytes comes a directory: for each of the 65,536 beginnings of two bytes, where its entries begin,
as a number of 8 bytes; and one more, where the last ones end. Then the entries, sorted: bytes 3 to 6 of each hash. Six
bytes of a hash tell a thousand million passwords apart but for one wrong hit in 280,000. The file is mapped, not read:
the processes of a machine share what is looked at.
"""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

SHA1, NTLM = "sha1", "ntlm"
HEX_LETTERS = {40: SHA1, 32: NTLM}
"""The kinds of hashes, by how long they are in hexadecimal."""
_HEADER = struct.Struct("<4sBB2xQ")
_MAGIC, _VERSION = b"GHpw", 1
_KINDS = {SHA1: 1, NTLM: 2}
_FAN = 65_536
_OFFSET = struct.Struct("<Q")
_ENTRY = 4
_KEPT = 2 + _ENTRY
_ENTRIES_AT = _HEADER.size + (_FAN + 1) * _OFFSET.size
_BINS = 1_024
_MOST_HELD = 64_000_000
"""Bytes that are held in memory before they are put down, while a list is built."""
_PREFIX = 5
"""Letters of the hash that a file of the range service is named by."""


class InvalidList(ValueError):
    """A file is no list of hashes; the text says why, for operators."""


@dataclass(frozen=True)
class HashList:
    """A list that is open."""

    kind: str
    count: int
    _map: mmap.mmap

    def holds(self, digest: bytes) -> bool:
        """Whether a hash with these bytes is in it."""
        at = _HEADER.size + int.from_bytes(digest[:2], "big") * _OFFSET.size
        low, high = (each[0] for each in _OFFSET.iter_unpack(self._map[at : at + 2 * _OFFSET.size]))
        wanted = digest[2:_KEPT]
        while low < high:
            middle = (low + high) // 2
            entry = _ENTRIES_AT + middle * _ENTRY
            found = self._map[entry : entry + _ENTRY]
            if found == wanted:
                return True
            low, high = (middle + 1, high) if found < wanted else (low, middle)
        return False


def open_list(path: Path) -> HashList:
    """The list in that file.

    :raises OSError: there is none, or it cannot be read.
    :raises InvalidList: it is something else, or not whole.
    """
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size < _ENTRIES_AT:
            raise InvalidList(f"{path} is no list of password hashes.")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    magic, version, number, count = _HEADER.unpack(mapped[: _HEADER.size])
    kind = next((name for name, known in _KINDS.items() if known == number), None)
    if magic != _MAGIC or version != _VERSION or kind is None or len(mapped) != _ENTRIES_AT + count * _ENTRY:
        raise InvalidList(f"{path} is no list of password hashes, or not whole.")
    return HashList(kind, count, mapped)


def size_of(source: Path) -> int:
    """Bytes to read, for a progress bar: of the file, or of all files of the folder."""
    return sum(each.stat().st_size for each in _files(source))


def build(source: Path, target: Path, told: Callable[[int], object], *, least: int = 1) -> HashList:
    """Write the list of the hashes in ``source``, in whatever order they are: lines ``HASH`` or ``HASH:COUNT``, in one
    file or in a folder of them, where those of the range service are named by the first five letters and hold the rest.
    Hashes seen fewer than ``least`` times are left out. ``told`` hears of bytes that were read. The new list takes the
    place of an old one at once, when it is whole.

    :raises InvalidList: a line is no hash, or there are two kinds of them.
    :raises OSError: a file cannot be read or written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".hashes-") as folder:
        bins = _Bins(Path(folder))
        kind = _read(source, bins, told, least)
        fresh = Path(folder) / "list"
        _write(fresh, kind, bins)
        fresh.replace(target)
    return open_list(target)


class _Bins:
    """The first bytes of hashes, sorted into files by their first ten bits while they do not fit into memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held = [bytearray() for _ in range(_BINS)]
        self._size = 0

    def add(self, kept: bytes) -> None:
        self._held[kept[0] << 2 | kept[1] >> 6] += kept
        self._size += _KEPT
        if self._size >= _MOST_HELD:
            self._put_down()

    def sorted(self) -> Iterator[list[bytes]]:
        """Each bin's hashes, sorted and once each."""
        for number, held in enumerate(self._held):
            path = self._folder / str(number)
            whole = (path.read_bytes() if path.exists() else b"") + bytes(held)
            yield sorted({whole[at : at + _KEPT] for at in range(0, len(whole), _KEPT)})

    def _put_down(self) -> None:
        for number, held in enumerate(self._held):
            with (self._folder / str(number)).open("ab") as file:
                file.write(held)
            held.clear()
        self._size = 0


def _files(source: Path) -> list[Path]:
    if not source.is_dir():
        return [source]
    return sorted(each for each in source.iterdir() if each.is_file() and not each.name.startswith("."))


def _read(source: Path, bins: _Bins, told: Callable[[int], object], least: int) -> str:
    """Put every hash into the bins; answers their kind."""
    kind, letters = None, 0
    in_folder = source.is_dir()
    for path in _files(source):
        prefix = path.stem.encode() if in_folder and len(path.stem) == _PREFIX else b""
        unsaid = 0
        with path.open("rb") as lines:
            for line in lines:
                unsaid += len(line)
                if unsaid >= 1_000_000:
                    told(unsaid)
                    unsaid = 0
                text, _, amount = line.strip().partition(b":")
                if not text or (amount and least > 1 and _number(path, amount) < least):
                    continue
                if letters == 0:
                    letters = len(prefix) + len(text)
                    kind = HEX_LETTERS.get(letters)
                if kind is None or len(prefix) + len(text) != letters:
                    raise InvalidList(f"{path}: a line holds neither a SHA-1 nor an NTLM hash, or two kinds are mixed.")
                bins.add(_kept(path, prefix + text))
        told(unsaid)
    if kind is None:
        raise InvalidList(f"{source} holds no hashes.")
    return kind


def _kept(path: Path, text: bytes) -> bytes:
    try:
        return bytes.fromhex(text[: 2 * _KEPT].decode("ascii"))
    except ValueError as error:
        raise InvalidList(f"{path}: a line holds letters that are not hexadecimal.") from error


def _number(path: Path, text: bytes) -> int:
    if not text.isdigit():
        raise InvalidList(f"{path}: what follows a colon has to be a number.")
    return int(text[:18])


def _write(path: Path, kind: str, bins: _Bins) -> None:
    directory, count = [0] * (_FAN + 1), 0
    with path.open("wb") as file:
        file.seek(_ENTRIES_AT)
        for entries in bins.sorted():
            for each in entries:
                directory[int.from_bytes(each[:2], "big") + 1] += 1
            file.write(b"".join(each[2:] for each in entries))
            count += len(entries)
        for number in range(_FAN):
            directory[number + 1] += directory[number]
        file.seek(0)
        file.write(_HEADER.pack(_MAGIC, _VERSION, _KINDS[kind], count))
        file.write(b"".join(map(_OFFSET.pack, directory)))
        file.flush()
        os.fsync(file.fileno())
