"""Forms: members of a document as the texts of inputs, and back.

Every value has one written form, so that what somebody typed, what was there before and what is there now are compared
as texts. What is typed is validated by the operation alone; its words stand at the field they name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import msgspec

from idp.admin.desk import rows
from idp.admin.desk.kinds import REMOVE, ROWS, SECRET, Kind, kind_of
from idp.admin.desk.resource import Document, Field, Section
from idp.foundation.apikit.convert import convert
from idp.foundation.kernel import strict_json
from idp.foundation.kernel.errors import BadRequest, ManagementError
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.kernel.redaction import HIDDEN
from idp.foundation.kernel.strict_json import InvalidJson

ON = "true"
MAX_PROBLEMS = 20
_WHOLE, _DECIMAL = re.compile(r"-?\d{1,18}\Z"), re.compile(r"-?\d{1,9}\.\d{1,6}\Z")
Texts = Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """A field that is not what it was. ``theirs`` is what somebody else made of it meanwhile."""

    name: str
    before: str
    yours: str
    theirs: str = ""
    careful: bool = False

    @property
    def contested(self) -> bool:
        """Whether two changed it."""
        return self.theirs not in {self.before, self.yours}


@dataclass(frozen=True)
class Problems:
    """What is wrong, by field; ``other`` is what belongs to no field that is shown."""

    at: Texts = field(default_factory=dict)
    other: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.at or self.other)


NONE = Problems()


def fields_of(sections: Iterable[Section]) -> list[Field]:
    """All fields of a form."""
    return [each for section in sections for each in section.fields]


def kind(body: Any, each: Field) -> Kind:
    """The control of a field."""
    if each.kind and (each.choices or body is None):
        return Kind(each.kind, each.choices, each.required, each.lines, each.parts)
    found = kind_of(body, each.name)
    return Kind(
        each.kind or found.name,
        each.choices or found.choices,
        each.required or found.required,
        each.lines or found.lines,
        each.parts or found.parts,
    )


def kinds_of(fields: Iterable[Field], body: Any) -> dict[str, str]:
    """What the controls of fields are called, by the name of the field."""
    return {each.name: kind(body, each).name for each in fields}


def written(document: Document, fields: Iterable[Field], body: Any) -> dict[str, str]:
    """The members of a document as texts. Secrets are none of them."""
    return {each.name: _text(at(document, each.name), kind(body, each)) for each in fields}


def at(document: Document, path: str) -> Any:
    """The member at a path; None where there is none."""
    value: Any = document
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(value: Any, how: Kind) -> str:
    match how.name:
        case "secret" | "remove":
            return ""
        case _ if value is None:
            return ""
        case "rows":
            return rows.written(value, how.parts)
        case "switch":
            return ON if value else ""
        case "json":
            return pretty(value)
        case _:
            return _line(value, how.name)


def _line(value: Any, kind_name: str) -> str:
    if kind_name in {"lines", "choices", "order"} and isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    if kind_name == "text" and isinstance(value, list):
        return " ".join(map(str, value))  # words, as a list or as one text
    if isinstance(value, Mapping | list):
        return pretty(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def pretty(value: Any) -> str:
    """JSON for people."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def typed(form: Texts, fields: Iterable[Field], body: Any, now: Texts) -> dict[str, str]:
    """What a form says, in the same writing. A field that the form lacks is as it is ``now``, but a switch or a list of
    choices: browsers send those only where they are on.
    """
    found = {}
    for each in fields:
        how = kind(body, each)
        if how.name == "choices":
            found[each.name] = "\n".join(_chosen(form, each.name, how, now.get(each.name, "")))
        elif how.name in {"switch", REMOVE}:
            found[each.name] = ON if form.get(each.name) else ""
        elif how.name == ROWS:
            found[each.name] = rows.typed(form, each.name, how.parts, now.get(each.name, ""))
        elif how.name in {"lines", "order"} and each.name in form:
            found[each.name] = "\n".join(line for raw in form[each.name].splitlines() if (line := raw.strip()))
        else:
            found[each.name] = form.get(each.name, now.get(each.name, "")).replace("\r\n", "\n")
    return found


def _chosen(form: Texts, name: str, how: Kind, now: str) -> list[str]:
    """The boxes that are ticked, in the order they had; values that have no box stay."""
    before = now.split("\n") if now else []
    ticked = {each for each in how.choices if form.get(f"{name}[{each}]")}
    kept = [each for each in before if each in ticked or each not in how.choices]
    return [*kept, *(each for each in how.choices if each in ticked and each not in kept)]


def differences(
    fields: Iterable[Field], body: Any, before: Texts, yours: Texts, theirs: Texts | None = None
) -> list[Difference]:
    """The fields that are not as they were. What is secret is said to be another one, and not what it is."""

    def said(each: Field, texts: Texts) -> str:
        how, text = kind(body, each), texts.get(each.name, "")
        if how.name == REMOVE:
            return "" if text else HIDDEN
        return rows.masked(text, how.parts) if how.name == ROWS else HIDDEN if text and how.hides else text

    return [
        Difference(
            each.name,
            said(each, before),
            said(each, yours),
            said(each, before if theirs is None else theirs),
            each.careful,
        )
        for each in fields
        if yours.get(each.name, "") != before.get(each.name, "")
        or (theirs is not None and theirs.get(each.name, "") != before.get(each.name, ""))
    ]


def body_of(
    changed: Texts, fields: Iterable[Field], body: Any, *, now: Document | None = None, whole: Sequence[str] = ()
) -> tuple[dict[str, Any], Problems]:
    """The body that says so, and what cannot be said in JSON at all. Without ``now`` it is that of something new, which
    says nothing of what was left empty. Members that are ``whole`` are replaced by an update, and go along as they are.
    """
    document: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for each in fields:
        if each.name not in changed:
            continue
        how, text = kind(body, each), changed[each.name]
        if not text and (how.name in {SECRET, REMOVE} or now is None):
            continue
        try:
            stored = at(now or {}, each.name)
            value = rows.value(text, how.parts, stored) if how.name == ROWS else _value(text, how.name)
            _put(document, each.name, value, now or {}, whole)
        except BadRequest as error:
            wrong[each.name] = error.message
    return document, Problems(wrong)


def _put(document: dict[str, Any], path: str, value: Any, now: Document, whole: Sequence[str]) -> None:
    head, *below = path.split(".")
    if not below:
        document[head] = value
        return
    here = document.setdefault(head, dict(now.get(head) or {}) if head in whole else {})
    _set(here, below, value, removes=head in whole)


def _set(here: dict[str, Any], path: Sequence[str], value: Any, *, removes: bool) -> None:
    """Set a member at any depth. One that is removed takes along the objects that are empty without it."""
    name, *below = path
    if below:
        inner = here.get(name)
        inner = dict(inner) if isinstance(inner, Mapping) else {}  # what it was made from stays as it is
        _set(inner, below, value, removes=removes)
        value = None if removes and value is None and not inner else inner
    if value is None and removes:
        here.pop(name, None)
    else:
        here[name] = value


def _value(text: str, how: str) -> Any:
    if how == REMOVE:
        return None
    if how == "switch":
        return bool(text)
    if how in {"lines", "choices", "order"}:
        return text.split("\n") if text else []
    if not text:
        return None
    if how == "number":
        return int(text) if _WHOLE.match(text) else float(text) if _DECIMAL.match(text) else text
    return parsed(text) if how == "json" else text


def parsed(text: str) -> Any:
    """JSON that somebody typed. Raises BadRequest that says what is wrong, and where."""
    try:
        return strict_json.decode(text.encode())
    except InvalidJson as error:
        raise fault(BODY, f"{error}{_place(text)}") from error


def _place(text: str) -> str:
    """Line and column of the first thing that is no JSON, as far as that can be told."""
    import json

    try:
        json.JSONDecoder().decode(text)
    except json.JSONDecodeError as error:
        return f" (line {error.lineno}, column {error.colno})"
    return ""


def all_problems(
    error: ManagementError, document: Mapping[str, Any], body: Any, *, development: bool
) -> list[ManagementError]:
    """``error``, and whatever else is wrong with the members of a body: the operation names the first alone."""
    found, rest = [error], dict(document)
    while len(found) < MAX_PROBLEMS and found[-1].where:
        rest.pop(re.split(r"[.\[]", found[-1].where)[0], None)
        try:
            convert(rest, body, BODY, development=development)
        except BadRequest as more:
            if re.split(r"[.\[]", more.where)[0] not in rest:
                break
            found.append(more)
        else:
            break
    return found


def placed(errors: Iterable[ManagementError], fields: Sequence[Field]) -> Problems:
    """Each message at the field it names, the innermost that is shown; others in the summary alone."""
    at: dict[str, str] = {}
    other: list[str] = []
    for error in errors:
        name = _field_of(error.where, fields)
        if name is None:
            other.append(error.message)
        else:
            at.setdefault(name, error.message)
    return Problems(at, other)


def _field_of(where: str, fields: Sequence[Field]) -> str | None:
    place = re.sub(r"\[[^\]]*\]", "", where)
    fitting = [each.name for each in fields if place == each.name or place.startswith(f"{each.name}.")]
    return max(fitting, key=len, default=None) or next(
        (each.name for each in fields if place and each.name.startswith(f"{place}.")), None
    )


def fault_in(members: Mapping[str, Any], body: Any, *, development: bool) -> BadRequest | None:
    """The first thing that the declared type of a body finds wrong; nothing is done."""
    try:
        convert(dict(members), body, BODY, development=development)
    except BadRequest as error:
        return error
    return None


def inputs(values: Texts, fields: Iterable[Field], body: Any) -> dict[str, str]:
    """The hidden inputs that say the same as a filled form."""
    found: dict[str, str] = {}
    for each in fields:
        how = kind(body, each).name
        if how == "choices":
            found |= {f"{each.name}[{value}]": ON for value in values.get(each.name, "").split("\n") if value}
        elif how != SECRET and (how not in {"switch", REMOVE} or values.get(each.name)):
            found[each.name] = values.get(each.name, "")
    return found


def secrets_of(sections: Iterable[Section], body: Any) -> list[str]:
    """The fields whose values no page shows."""
    return [each.name for each in fields_of(sections) if kind(body, each).name == SECRET]


def hidden_of(sections: Iterable[Section], body: Any) -> list[str]:
    """The fields that take secrets, those too of which names are shown."""
    return [each.name for each in fields_of(sections) if kind(body, each).hides]


def base_of(text: str, otherwise: Texts) -> dict[str, str]:
    """What the form was made from, as the form itself says; it decides nothing but what is shown."""
    try:
        told = strict_json.decode(text.encode())
    except InvalidJson:
        return dict(otherwise)
    if not isinstance(told, dict):
        return dict(otherwise)
    return {str(name): value for name, value in told.items() if isinstance(value, str)}


def version(document: Document) -> str:
    """What a form remembers of the object it was made from: another version is another text."""
    return sha256(msgspec.json.encode(document, order="deterministic")).hexdigest()[:24]
