"""Maps as rows: a name, and what stands beside it (:class:`idp.admin.desk.kinds.Part`).

The text of such a field is the map in JSON, without what no row shows: a secret is empty in it, which means the one
that is stored, and members that nobody declared are missing, and stay. Where two rows have one name it is the list of
all pairs, which nobody saves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from idp.admin.desk.kinds import SECRET, Part
from idp.admin.desk.numbers import whole
from idp.foundation.kernel import strict_json
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.kernel.redaction import HIDDEN
from idp.foundation.kernel.strict_json import InvalidJson

MOST = 1_000
"""Rows that a form has at most."""
_NAME = "name"


@dataclass(frozen=True)
class Row:
    """A row as a template draws it: its name, and the text of each of its parts."""

    name: str = ""
    texts: Sequence[str] = ()


def input_of(field: str, at: int, part: str = "") -> str:
    """The name of the input that has a part of a row, that of its name without one."""
    return f"{field}[{at}].{_NAME}" if not part else f"{field}[{at}].part.{part}"


def written(value: Any, parts: Sequence[Part]) -> str:
    """The text of what is stored."""
    if isinstance(value, Mapping):
        return _pretty({name: _shown(each, parts) for name, each in value.items()})
    return "" if _hides(parts) else _pretty(value)


def drawn(text: str, parts: Sequence[Part]) -> list[Row] | None:
    """The rows of a text, and an empty one; None where it is no map, or has more than a form would send back."""
    pairs = _pairs(text)
    if pairs is None or len(pairs) >= MOST:
        return None
    found = [Row(name, [_cell(_part_of(value, part), part) for part in parts]) for name, value in pairs]
    return [*found, Row(texts=["" for _ in parts])]


def typed(form: Mapping[str, str], field: str, parts: Sequence[Part], now: str) -> str:
    """What the rows of a form say. A form without rows says it as the text, or nothing of the field."""
    if field in form or input_of(field, 0) not in form:
        return form.get(field, now).replace("\r\n", "\n")
    before = _pairs(now) or []
    stored, found = dict(before), []
    for at in range(MOST):
        name = form.get(input_of(field, at))
        if name is None:
            break
        texts = [form.get(f"{field}[{at}].part.{part.name}", "").replace("\r\n", "\n") for part in parts]
        if name.strip() or any(texts):
            found.append((name.strip(), _value_of(stored, name.strip(), parts, texts)))
    return now if found == before else _text(found)


def without(text: str, at: int) -> str:
    """The text without one of its rows."""
    pairs = _pairs(text) or []
    return _text([each for index, each in enumerate(pairs) if index != at])


def value(text: str, parts: Sequence[Part], stored: Any) -> Any:
    """What is saved for a text; None for nothing. Names that are gone are null where that is how they go.

    :raises BadRequest: two rows have one name, a secret is missing, or it is no JSON.
    """
    kept = stored if isinstance(stored, Mapping) else {}
    gone = dict.fromkeys(kept) if parts[0].null else {}
    if not text:
        return gone or None
    try:
        said = strict_json.decode(text.encode())
    except InvalidJson as error:
        raise fault(BODY, str(error)) from error
    pairs = _listed(said)
    if pairs is not None:
        twice = next(name for name, _ in pairs if sum(each == name for each, _ in pairs) > 1)
        raise fault(BODY, f"{twice} stands there twice")
    if not isinstance(said, dict):
        return said
    if "" in said:
        raise fault(BODY, "a row has no name")
    return {**gone, **{name: _merged(name, each, kept.get(name), parts) for name, each in said.items()}}


def masked(text: str, parts: Sequence[Part]) -> str:
    """A text to be read: secrets in it stand for themselves."""
    pairs = _pairs(text) if _hides(parts) else None
    return text if pairs is None else _text([(name, HIDDEN) for name, _ in pairs])


def _pairs(text: str) -> list[tuple[str, Any]] | None:
    if not text:
        return []
    try:
        said = strict_json.decode(text.encode())
    except InvalidJson:
        return None
    return list(said.items()) if isinstance(said, dict) else _listed(said)


def _listed(said: Any) -> list[tuple[str, Any]] | None:
    """The pairs of rows of which two have one name."""
    if not isinstance(said, list) or not said:
        return None
    if not all(isinstance(each, list) and len(each) == 2 and isinstance(each[0], str) for each in said):
        return None
    names = [each[0] for each in said]
    return [(name, each) for name, each in said] if len(set(names)) < len(names) else None


def _text(pairs: Sequence[tuple[str, Any]]) -> str:
    if not pairs:
        return ""
    as_map = dict(pairs)
    return _pretty(as_map if len(as_map) == len(pairs) else [list(each) for each in pairs])


def _pretty(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


# ---- the parts of a row
def _part_of(value: Any, part: Part) -> Any:
    if not part.name:
        return value
    return value.get(part.name) if isinstance(value, Mapping) else None


def _cell(value: Any, part: Part) -> str:
    """The text of an input."""
    if value is None or part.kind == SECRET:
        return ""
    if part.kind == "switch":
        return "true" if value else ""
    if part.kind == "lines" and isinstance(value, list):
        return "\n".join(map(str, value))
    if isinstance(value, str) and (part.kind != "any" or not _is_json(value)):
        return value
    return msgspec.json.encode(value).decode()


def _value_of(stored: Mapping[str, Any], name: str, parts: Sequence[Part], texts: Sequence[str]) -> Any:
    """The value of a row: what is stored, where nobody touched it."""
    value = stored.get(name)
    if name in stored and list(texts) == [_cell(_part_of(value, part), part) for part in parts]:
        return value
    if not parts[0].name:
        return _said(parts[0], texts[0])
    before = value if isinstance(value, Mapping) else {}
    found = {}
    for part, text in zip(parts, texts, strict=True):
        if text:
            touched = text != _cell(before.get(part.name), part)
            found[part.name] = _said(part, text) if touched else before[part.name]
    return found


def _said(part: Part, text: str) -> Any:
    if part.kind == "switch":
        return bool(text)
    if part.kind == "lines":
        lines = [line for raw in text.split("\n") if (line := raw.strip())]
        return lines if len(lines) > 1 else "".join(lines)
    if part.kind == "number":
        amount = whole(text.removeprefix("-"))
        return text if amount is None else -amount if text.startswith("-") else amount
    return strict_json.decode(text.encode()) if part.kind == "any" and _is_json(text) else text


def _is_json(text: str) -> bool:
    try:
        strict_json.decode(text.encode())
    except InvalidJson:
        return False
    return True


# ---- what no row shows
def _hides(parts: Sequence[Part]) -> bool:
    return any(part.kind == SECRET for part in parts)


def _shown(value: Any, parts: Sequence[Part]) -> Any:
    if _hides(parts):
        return ""
    names = {part.name for part in parts}
    named = isinstance(value, Mapping) and "" not in names
    return {name: each for name, each in value.items() if name in names} if named else value


def _merged(name: str, value: Any, stored: Any, parts: Sequence[Part]) -> Any:
    """The value of a row, with what no row shows of it.

    :raises BadRequest: it is a secret, and there is none.
    """
    if _hides(parts):
        if not (value or stored):
            raise fault(BODY, f"{name} has no value")
        return value or stored
    names = {part.name for part in parts}
    if "" in names or not isinstance(stored, Mapping) or not isinstance(value, dict):
        return value
    return {**{each: said for each, said in stored.items() if each not in names}, **value}
