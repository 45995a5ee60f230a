"""What a converter is, and what converters share."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from idp.foundation.kernel import strict_json
from idp.foundation.kernel.json_stream import elements
from idp.foundation.kernel.strict_json import InvalidJson

PIECE = 64 * 1024
Document = Mapping[str, Any]


class Unconvertible(ValueError):
    """The file is not what it should be. The text is for people."""


@dataclass
class Made:
    """One person of a file: the row of an import, and what did not come along, in words for a report."""

    row: dict[str, Any]
    left_out: list[str] = field(default_factory=list)

    def put(self, name: str, value: Any) -> None:
        """Set a member that has a value."""
        if value is not None and value != "":
            self.row[name] = value

    def metadata(self, kind: str, **members: Any) -> None:
        """Add to ``user_metadata`` or ``app_metadata`` what has a value."""
        found = {
            name.replace(".", "_").replace("$", "_"): value
            for name, value in members.items()
            if value not in (None, "", [], {})
        }
        if found:
            self.row[kind] = {**self.row.get(kind, {}), **found}

    def hash(self, algorithm: str, value: str, encoding: str = "utf8", **more: Any) -> None:
        """Set ``custom_password_hash``."""
        self.row["custom_password_hash"] = {
            "algorithm": algorithm,
            "hash": {"value": value, "encoding": encoding},
            **more,
        }

    def factor(self, kind: str, value: str) -> None:
        """Add a second factor."""
        name = "secret" if kind == "totp" else "value"
        self.row.setdefault("mfa_factors", []).append({kind: {name: value}})


class Converter(Protocol):
    """Reads what one product exports."""

    @property
    def name(self) -> str:
        """What ``--format`` calls it."""

    @property
    def about(self) -> str:
        """What file it takes, in a line."""

    def read(self, file: BinaryIO, options: Mapping[str, str]) -> Iterator[Made]:
        """Everybody in the file, one at a time whatever its size. Raises Unconvertible."""


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """The file in pieces."""
    while piece := file.read(PIECE):
        yield piece


def documents(file: BinaryIO) -> Iterator[dict[str, Any]]:
    """The objects of a JSON array, or of a file with one a line. Raises Unconvertible."""
    try:
        for number, element in enumerate(elements(pieces(file))):
            found = strict_json.decode(element.raw)
            if not isinstance(found, dict):
                raise Unconvertible(f"Element {number + 1} of the file is no object")
            yield found
    except InvalidJson as error:
        raise Unconvertible(str(error)) from error


def members_of(file: BinaryIO, *names: str) -> Iterator[dict[str, Any]]:
    """The people of an export that is one document: those of its member ``names``, or of the array that it is."""
    for each in documents(file):
        listed = next((each[name] for name in names if isinstance(each.get(name), list)), None)
        if listed is None:
            yield each
        else:
            yield from (one for one in listed if isinstance(one, dict))


def lines_of_csv(file: BinaryIO) -> Iterator[dict[str, str]]:
    """The lines of a CSV file by the names of its head. Raises Unconvertible."""
    text = codecs.getreader("utf-8-sig")(file)
    try:
        for line in csv.DictReader(text, strict=True):
            yield {name: value for name, value in line.items() if name is not None and isinstance(value, str)}
    except (csv.Error, UnicodeDecodeError) as error:
        raise Unconvertible("The file is not CSV in UTF-8") from error


def true(text: object) -> bool:
    """Whether a value says yes, as a flag or as text."""
    return text is True or (isinstance(text, str) and text.strip().lower() in {"true", "t", "1", "yes"})


def first(document: Document, *names: str) -> Any:
    """The first of these members that has a value."""
    return next((document[name] for name in names if document.get(name) not in (None, "", [])), None)


def by_name(converters: Iterable[Converter]) -> dict[str, Converter]:
    """The converters by their names."""
    return {each.name: each for each in converters}
