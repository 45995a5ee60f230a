"""A new connection: first what kind of source it is, then a form that asks for what that kind needs, beside what has to
be entered at the source.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from connectors.contract import DescribesItself, RedirectConnector
from connectors.strategy import Strategy
from idp.admin.desk.frame import Visit
from idp.admin.desk.kinds import FILE, REMOVE, ROWS, SECRET, kind_of, leaves
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Document, Field, Kinds, Section
from idp.directory.connections import strategies
from idp.directory.connections.runtime import CALLBACK_PATH

ORDER = ("database", "passwordless", "enterprise", "social")
NAMES = Section("new", (Field("name", hint=True), Field("display_name", hint=True)))


@dataclass(frozen=True)
class Declared:
    """The options of a strategy as fields: what is ``asked`` first, the ``rest``, and a section for each object among
    them, at any depth (``groups``).
    """

    asked: Sequence[Field]
    rest: Sequence[Field]
    groups: Sequence[Section]


def options_of(
    strategy: Strategy, stored: Mapping[str, Any] | None = None, without: Container[str] = frozenset()
) -> Declared:
    """The options that the strategy declares, each with the control that fits its type, but those that are asked for
    elsewhere (``without``). What of an object that is ``stored`` nobody could clear has a box that takes it away: its
    secrets are not shown. Files have forms of their own (:mod:`idp.admin.connection_files`).
    """
    plain: dict[str, Field] = {}
    groups: list[Section] = []
    for name in sorted(each.encode_name for each in strategies.fields_of(strategy.name)):
        if name in without:
            continue
        paths = leaves(strategy.options, name)
        if paths == (name,):
            plain[name] = _field(strategy, name)
        else:
            groups += _groups(strategy, name, paths, there=bool((stored or {}).get(name)))
    plain = {name: each for name, each in plain.items() if each.kind != FILE}
    asked = [plain.pop(each.option) for each in strategy.asked if each.option in plain]
    rest = sorted(plain.values(), key=lambda each: (each.kind in {"json", ROWS}, each.name))
    return Declared(asked, rest, groups)


def _groups(strategy: Strategy, name: str, paths: Sequence[str], *, there: bool) -> list[Section]:
    fields = [_field(strategy, path) for path in paths]
    removed = Field(f"options.{name}", REMOVE, careful=True, fresh=name in strategy.sees_passwords)
    found: dict[str, list[Field]] = {}
    for each in fields:
        found.setdefault(each.name.rpartition(".")[0], []).append(each)
    if there and any(each.kind == SECRET for each in fields):
        list(found.values())[-1].append(removed)  # the last word: whatever was typed goes, too
    return [Section(path, each) for path, each in found.items()]


def _field(strategy: Strategy, path: str) -> Field:
    kind = kind_of(strategy.options, path)
    entry = next((each for each in strategy.asked if each.option == path), None)
    return Field(
        f"options.{path}",
        kind.name,
        kind.choices,
        careful=True,
        hint=entry is None,
        fresh=path.partition(".")[0] in strategy.sees_passwords,
        label=entry.label if entry else "",
        help=entry.help if entry else "",
        lines=kind.lines,
        required=entry is not None and entry.required,
        parts=kind.parts,
    )


def forms_of(strategy: Strategy, paths: Sequence[str]) -> list[Field]:
    """Fields for members of the options, those of an object in its place, with the hints that the catalogue has."""
    return [option(strategy, leaf) for path in paths for leaf in leaves(strategy.options, path)]


def option(strategy: Strategy, path: str, *, kind: str = "", careful: bool = True) -> Field:
    """A field for one member of the options, at a path such as ``password_history.size``: with the control that fits
    its declared type, or another ``kind`` of one, and a hint of the catalogue where that has one.
    """
    fits = kind_of(strategy.options, path)
    return Field(
        f"options.{path}",
        kind or fits.name,
        fits.choices,
        careful=careful,
        hint=True,
        lines=fits.lines,
        parts=fits.parts,
    )


Elsewhere = Callable[[Mapping[str, Any]], Container[str]]
"""The options of a connection that have a tab of their own."""


def kinds(elsewhere: Elsewhere) -> Kinds:
    """What a new connection may be, and the form for each. Objects among the options that have a tab of their own are
    asked for there, once it is made.
    """

    def sections(name: str) -> Sequence[Section]:
        strategy = strategies.known(name)
        if strategy is None or strategy.unusable:
            return ()
        found, later = options_of(strategy), elsewhere({"strategy": name})
        groups = [replace(each, folded=True) for each in found.groups if each.name.split(".")[1] not in later]
        parts = (NAMES, Section("asked", found.asked), Section("more", found.rest, folded=True), *groups)
        return tuple(each for each in parts if each.fields)

    def every_form() -> Iterator[Section]:
        for each in strategies.every():
            yield from sections(each.name)

    return Kinds("strategy", sections, "admin/connections/new.html", _view, every_form)


def _view(visit: Visit, kind: str) -> Mapping[str, Any]:
    strategy = strategies.known(kind)
    if strategy is not None:
        return {"kind": strategy, "setup": _setup(visit, strategy, None), "groups": ()}
    offered = sorted((each for each in strategies.every() if not each.unusable), key=lambda each: each.known_as.lower())
    groups = [(group, [each for each in offered if each.kind == group]) for group in ORDER]
    return {"kind": None, "groups": groups, "there": visit.href(f"{LIST}/new")}


def setup(visit: Visit, there: Object) -> Mapping[str, Any]:
    """What is entered at the source of a connection."""
    strategy = strategies.named(str(there.document["strategy"]))
    return {"kind": strategy, "setup": _setup(visit, strategy, there.document)}


def _setup(visit: Visit, strategy: Strategy, connection: Document | None) -> Mapping[str, Any]:
    """Addresses of ours that a source wants to know; that of its document only where the ``connection`` is there."""
    url = visit.work.config.url
    found: dict[str, Any] = {"callback": "", "metadata": "", "guide": strategy.guide}
    if strategy.can(RedirectConnector):
        found["callback"] = f"{url}{CALLBACK_PATH}"
        if connection is not None and strategies.can(connection, DescribesItself):
            name = quote(str(connection["name"]), safe="")
            found["metadata"] = f"{url}samlp/metadata?connection={name}"
    return found


LIST = "/admin/authentication/connections"
