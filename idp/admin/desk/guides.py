"""Help (``/admin/help``): the keys, and short guides: a glossary, good passwords, running it oneself (spec/misc.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from idp.admin.desk.frame import Link, Shown, Visit
from idp.admin.desk.resource import Resource
from idp.foundation.kernel.errors import NotFound

PATH = "/admin/help"
KEYS = (
    ("Ctrl K", "palette"),
    ("/", "search"),
    ("?", "help"),
    ("g h", "home"),
    ("g a", "apps"),
    ("g u", "users"),
    ("g l", "logs"),
    ("j k", "rows"),
    ("Enter", "open"),
    ("x", "select"),
    ("e", "edit"),
    ("c", "create"),
    ("Ctrl S", "save"),
)
"""Keys of the dashboard, with the text that says what they do."""


@dataclass(frozen=True)
class Guide:
    """A page of help: ``kind`` is how its ``parts`` are drawn, and the beginning of the keys of their texts."""

    kind: str
    parts: Sequence[str]


GUIDES: Mapping[str, Guide] = {
    "glossary": Guide(
        "term",
        (
            "access-token",
            "api",
            "application",
            "claim",
            "connection",
            "consent",
            "factor",
            "id-token",
            "passkey",
            "permission",
            "refresh-token",
            "session",
            "tenant",
        ),
    ),
    "passwords": Guide("tip", ("long", "once", "personal", "stolen", "change", "more")),
    "hosting": Guide("step", ("plan", "infrastructure", "setup", "handover")),
}


def page(visit: Visit, _resources: Sequence[Resource]) -> Shown:
    """Keys, and where to read on."""
    values = {"keys": KEYS, "guides": list(_links(visit))}
    return Shown("admin/help.html", visit.texts.t("frame.help.title"), values)


def guide(visit: Visit, name: str) -> Shown:
    """One guide.

    :raises NotFound: there is none of that name.
    """
    found = GUIDES.get(name)
    if found is None:
        raise NotFound("Not Found")
    trail = (Link("help", visit.texts.t("frame.help.title"), visit.href(PATH)),)
    parts = found.parts
    if found.kind == "term":  # in the order of the language that is read
        parts = sorted(parts, key=lambda each: visit.texts.t(f"help.term.{each}").casefold())
    title = visit.texts.t(f"help.{name}.title")
    return Shown("admin/guide.html", title, {"name": name, "kind": found.kind, "entries": parts}, trail=trail)


def found(visit: Visit, text: str) -> Iterator[Link]:
    """Guides by their title, for the palette."""
    for link in _links(visit):
        if text.lower() in link.text.lower() or text.lower() in link.name:
            yield link


def _links(visit: Visit) -> Iterator[Link]:
    for name in GUIDES:
        yield Link(name, visit.texts.t(f"help.{name}.title"), visit.href(f"{PATH}/{name}"))
