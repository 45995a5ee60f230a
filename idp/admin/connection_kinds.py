"""A new connection: first what kind of source it is, then a form that asks for what that kind needs, beside what has to
be entered at the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from msgspec import inspect

from connectors.contract import DescribesItself, RedirectConnector
from connectors.strategy import Strategy
from idp.admin.desk.frame import Visit
from idp.admin.desk.kinds import FILE, kind_of
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Document, Field, Kinds, Section
from idp.directory.connections import strategies
from idp.directory.connections.runtime import CALLBACK_PATH

ORDER = ("database", "passwordless", "enterprise", "social")
NAMES = Section("new", (Field("name", hint=True), Field("display_name", hint=True)))


def options_of(strategy: Strategy) -> tuple[Sequence[Field], Sequence[Field]]:
    """A field for each option that the strategy declares, with the control that fits its type: what is asked first, and
    the rest. Files have forms of their own (:mod:`idp.admin.connection_files`).
    """
    fields = {each.name: each for each in _fields(strategy)}
    asked = [fields.pop(option) for each in strategy.asked if (option := f"options.{each.option}") in fields]
    return asked, sorted(fields.values(), key=lambda each: (each.kind == "json", each.name))


def _fields(strategy: Strategy) -> list[Field]:
    said = {each.option: each for each in strategy.asked}
    info = inspect.type_info(strategy.options)
    found = []
    for each in info.fields if isinstance(info, inspect.StructType) else ():
        kind, entry = kind_of(strategy.options, each.encode_name), said.get(each.encode_name)
        if kind.name != FILE:
            found.append(
                Field(
                    f"options.{each.encode_name}",
                    kind.name,
                    kind.choices,
                    careful=True,
                    fresh=each.encode_name in strategy.sees_passwords,
                    label=entry.label if entry else "",
                    help=entry.help if entry else "",
                    lines=kind.lines,
                    required=entry is not None and entry.required,
                )
            )
    return found


def option(strategy: Strategy, path: str, *, kind: str = "", careful: bool = True) -> Field:
    """A field for one member of the options, at a path such as ``password_history.size``: with the control that fits
    its declared type, or another ``kind`` of one, and a hint of the catalogue where that has one.
    """
    fits = kind_of(strategy.options, path)
    return Field(f"options.{path}", kind or fits.name, fits.choices, careful=careful, hint=True, lines=fits.lines)


def sections(name: str) -> Sequence[Section]:
    """The form for a new connection of the strategy of that name; nothing where there is none that can be used."""
    strategy = strategies.known(name)
    if strategy is None or strategy.unusable:
        return ()
    asked, rest = options_of(strategy)
    parts = (NAMES, Section("asked", asked), Section("more", rest, folded=True))
    return tuple(each for each in parts if each.fields)


def every_form() -> Iterator[Section]:
    """Those of all kinds."""
    for each in strategies.every():
        yield from sections(each.name)


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
KINDS = Kinds("strategy", sections, "admin/connections/new.html", _view, every_form)
