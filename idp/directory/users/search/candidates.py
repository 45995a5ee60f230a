"""Who may be meant, found by an index: what narrows a search down before columns and documents are compared.

On Postgres that is the index over all texts of a user (:data:`idp.foundation.db.online_indexes.TEXT_OF_USER`) and those
over the documents, which :class:`~idp.foundation.db.json_text.json_matches` uses by itself. On SQLite it is two tables
of words and of letters, three at a time (FTS5), that triggers keep (docs/decisions/0127).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Boolean, ColumnElement, literal, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from idp.foundation.db.online_indexes import text_of_user
from idp.foundation.search import pattern

GRAM = 3
MOST_GRAMS = 12
"""Letters are looked up in so many places of a pattern at most: more of them find hardly less."""
_EXACT = 10**15
"""Up to here a whole number is written in one way."""
_AMONG = (
    "((users.user_id, users.tenant_id) IN (SELECT n.user_id, n.tenant_id FROM {table}"
    " JOIN user_numbers AS n ON n.id = {table}.rowid WHERE {table} MATCH {match}))"
)


class _Condition(GenericFunction[Any]):
    """A condition in SQL as it is: SQLAlchemy would compare it with 1 on SQLite, whose indexes then do not see it."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> _Condition:
        """Brackets of its own are part of each."""
        return self


class text_may_have(_Condition):  # noqa: N801 - SQL functions are written in lower case
    """Whether some text of a user has ``parts`` in their order."""

    inherit_cache = True
    name = "text_may_have"

    def __init__(self, parts: Sequence[str]) -> None:
        grams = [part[at : at + GRAM] for part in parts for at in range(len(part) - GRAM + 1)]
        kept = grams[:: max(1, -(-len(grams) // MOST_GRAMS))]
        super().__init__(literal(pattern(("", *parts, ""))), literal(" AND ".join(map(_quoted, kept))))


class members_may_have(_Condition):  # noqa: N801 - SQL functions are written in lower case
    """Whether the documents of a user have every one of some words, and one of some others, given as FTS5 has it. On
    Postgres everybody may: the comparison itself goes by an index.
    """

    inherit_cache = True
    name = "members_may_have"

    def __init__(self, words: str) -> None:
        super().__init__(literal(words))


@compiles(text_may_have, "sqlite")
def _letters(element: Any, compiler: Any, **options: Any) -> str:
    _, grams = element.clauses
    return _AMONG.format(table="users_text", match=compiler.process(grams, **options))


@compiles(text_may_have, "postgresql")
def _trigrams(element: Any, compiler: Any, **options: Any) -> str:
    like, _ = element.clauses
    return f"({text_of_user('users.')} LIKE {compiler.process(like, **options)})"


@compiles(members_may_have, "sqlite")
def _words(element: Any, compiler: Any, **options: Any) -> str:
    (words,) = element.clauses
    return _AMONG.format(table="users_members", match=compiler.process(words, **options))


@compiles(members_may_have, "postgresql")
def _anybody(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "true"


def of_text(parts: Sequence[str]) -> ColumnElement[bool]:
    """Users some text of whom has ``parts``, which are compared as the columns are; everybody where no part is long
    enough for an index.
    """
    return text_may_have(parts) if any(len(part) >= GRAM for part in parts) else true()


def of_members(path: Sequence[str], values: Sequence[str | float | bool]) -> ColumnElement[bool]:
    """Users whose documents have the last name of ``path`` and one of ``values`` somewhere, where those are words."""
    found = [_quoted(_json(path[-1]))] if _has_words(path[-1]) else []
    written = [_written(value) for value in values]
    if written and all(written):
        found.append(f"({' OR '.join(map(_quoted, map(str, written)))})")
    return members_may_have(" AND ".join(found)) if found else true()


def _written(value: str | float | bool) -> str | None:
    """How a document has it; None where that may be in another way, or without a word."""
    if not isinstance(value, str | bool) and not (isinstance(value, int) and abs(value) < _EXACT):
        return None
    return _json(value) if not isinstance(value, str) or _has_words(value) else None


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _has_words(text: str) -> bool:
    return any(unicodedata.category(letter)[0] in "LN" for letter in text)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
