"""Forms: members of a document as the texts of inputs, and back.

Every value has one written form, so that what somebody typed, what was there before and what is there now are compared
as texts. What is typed is validated by the operation alone; its words stand at the field they name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import msgspec

from idp.admin.desk.kinds import SECRET, Kind, kind_of
from idp.admin.desk.resource import Document, Field, Section
from idp.foundation.apikit.convert import convert
from idp.foundation.kernel import strict_json
from idp.foundation.kernel.errors import BadRequest, ManagementError
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.kernel.strict_json import InvalidJson

ON = "true"
MAX_PROBLEMS = 20
_WHOLE, _DECIMAL = re.compile(r"-?\d{1,18}\Z"), re.compile(r"-?\d{1,9}\.\d{1,6}\Z")
Texts = Mapping[str, str]


@dataclass(frozen=True)
class Control:
    """One input as a template draws it."""

    name: str
    kind: str
    value: str
    choices: Sequence[str] = ()
    required: bool = False
    hint: bool = False
    careful: bool = False
    problem: str = ""
    known: bool = True
    """Whether the catalogue has a label for it."""
    called: Callable[[str], str] | None = None
    label: str = ""
    help: str = ""
    lines: bool = False
    new: bool = False
    """Whether there is nothing yet that an empty field would keep."""

    @property
    def id(self) -> str:
        """Its id on the page."""
        return f"field-{re.sub(r'[^a-z0-9]+', '-', self.name.lower())}"

    @property
    def chosen(self) -> Sequence[str]:
        """The values of a list."""
        return self.value.split("\n") if self.value else ()


@dataclass(frozen=True)
class Drawn:
    """A section of a form."""

    name: str
    controls: Sequence[Control]
    folded: bool = False

    @property
    def wrong(self) -> bool:
        """Whether something in it is to be mended."""
        return any(each.problem for each in self.controls)


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
        return Kind(each.kind, each.choices, each.required, each.lines)
    found = kind_of(body, each.name)
    needed = each.required or found.required
    return Kind(each.kind or found.name, each.choices or found.choices, needed, each.lines or found.lines)


def draw(
    body: Any,
    sections: Iterable[Section],
    values: Texts,
    problems: Problems = NONE,
    *,
    labels: Iterable[str] = (),
    new: bool = False,
) -> list[Drawn]:
    """The form with these values in it, of something ``new`` or of something that is there."""
    known = frozenset(labels)

    def control(each: Field) -> Control:
        how = kind(body, each)
        value = values.get(each.name, "")
        return Control(
            each.name,
            "area" if how.name == "text" and "\n" in value else how.name,  # a field of one line would join them
            value,
            how.choices,
            how.required,
            each.hint,
            each.careful,
            problems.at.get(each.name, ""),
            not known or each.name in known,
            each.called,
            each.label,
            each.help,
            how.lines,
            new,
        )

    return [Drawn(section.name, [control(each) for each in section.fields], section.folded) for section in sections]


def written(document: Document, fields: Iterable[Field], body: Any) -> dict[str, str]:
    """The members of a document as texts. Secrets are none of them."""
    return {each.name: _text(at(document, each.name), kind(body, each).name) for each in fields}


def at(document: Document, path: str) -> Any:
    """The member at a path; None where there is none."""
    value: Any = document
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(value: Any, kind_name: str) -> str:
    if kind_name == SECRET or value is None:
        return ""
    if kind_name == "switch":
        return ON if value else ""
    if kind_name in {"lines", "choices", "order"} and isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    if kind_name == "json":
        return pretty(value)
    if kind_name == "text" and isinstance(value, list):
        return " ".join(map(str, value))  # words, as a list or as one text
    return (
        pretty(value) if isinstance(value, Mapping | list) else f"{value:g}" if isinstance(value, float) else str(value)
    )


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
        elif how.name == "switch":
            found[each.name] = ON if form.get(each.name) else ""
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


def differences(fields: Iterable[Field], before: Texts, yours: Texts, theirs: Texts | None = None) -> list[Difference]:
    """The fields that are not as they were."""
    return [
        Difference(
            each.name,
            before.get(each.name, ""),
            yours.get(each.name, ""),
            (before if theirs is None else theirs).get(each.name, ""),
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
        how = kind(body, each).name
        if not changed[each.name] and (how == SECRET or now is None):
            continue
        try:
            _put(document, each.name, _value(changed[each.name], how), now or {}, whole)
        except BadRequest as error:
            wrong[each.name] = error.message
    return document, Problems(wrong)


def _put(document: dict[str, Any], path: str, value: Any, now: Document, whole: Sequence[str]) -> None:
    head, *below = path.split(".")
    if not below:
        document[head] = value
        return
    here = document.setdefault(head, dict(now.get(head) or {}) if head in whole else {})
    for name in below[:-1]:
        inner = here.get(name)
        here[name] = dict(inner) if isinstance(inner, Mapping) else {}  # what it was made from stays as it is
        here = here[name]
    if value is None and head in whole:
        here.pop(below[-1], None)
    else:
        here[below[-1]] = value


def _value(text: str, how: str) -> Any:
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
        elif how != SECRET and (how != "switch" or values.get(each.name)):
            found[each.name] = values.get(each.name, "")
    return found


def secrets_of(sections: Iterable[Section], body: Any) -> list[str]:
    """The fields whose values no page shows."""
    return [each.name for each in fields_of(sections) if kind(body, each).name == SECRET]


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
