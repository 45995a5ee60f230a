"""What somebody changed of the table of applications and permissions and has not saved: it goes along in the form from
page to page and through a search, so that nothing is kept anywhere before it is saved (docs/decisions/0467).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from idp.foundation.kernel import strict_json
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.strict_json import InvalidJson

PENDING, CELL, BASE = "pending", "may.", "was."
"""Inputs: what was changed on other pages, a ticked box (``may.<client_id> <permission>``), and the permissions that
an application had when the page was drawn (``was.<client_id>``).
"""
MOST_SAVED, ROWS = 100, 25
"""Applications that are saved as one, and those of a page."""
MOST_SCOPES = 100
"""Permissions that one application is given, or that are taken from it, as one."""
MOST_BYTES = 64 * 1024


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    client_id: str
    add: list[str] = []
    remove: list[str] = []


@dataclass(frozen=True)
class Changed:
    """What differs of one application."""

    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()

    def without(self, scopes: Collection[str]) -> Changed:
        """The rest of it."""
        return Changed(self.add.difference(scopes), self.remove.difference(scopes))

    def of(self, on: frozenset[str], scopes: Collection[str]) -> frozenset[str]:
        """What is ticked among ``scopes`` where ``on`` is what it has."""
        return (on | self.add.intersection(scopes)) - self.remove

    def __bool__(self) -> bool:
        return bool(self.add or self.remove)


Draft = Mapping[str, Changed]
"""By ``client_id``."""
NOTHING = Changed()


def of(form: Mapping[str, str], known: Collection[str]) -> Draft:
    """What differs from the table as it was drawn: on the page that was sent, and on those before it. Only permissions
    that the API has count.

    :raises BadRequest: what came along is none of ours.
    """
    found = {each.client_id: Changed(frozenset(each.add), frozenset(each.remove)) for each in _along(form)}
    for client_id, here in _here(form, frozenset(known)).items():
        before = found.get(client_id, NOTHING)
        found[client_id] = Changed(before.add | here.add, before.remove | here.remove)
    return {client_id: each for client_id, each in found.items() if each}


def _along(form: Mapping[str, str]) -> Sequence[_Entry]:
    text = form.get(PENDING, "")
    try:
        return msgspec.convert(strict_json.decode(text), list[_Entry]) if text else ()
    except (InvalidJson, msgspec.ValidationError) as error:
        raise BadRequest("What was changed on other pages cannot be read.", "invalid_body") from error


def _here(form: Mapping[str, str], known: frozenset[str]) -> Draft:
    drawn = {name.removeprefix(BASE): frozenset(text.split()) for name, text in form.items() if name.startswith(BASE)}
    ticked: dict[str, set[str]] = {client_id: set() for client_id in drawn}
    for name in form:
        client_id, _, scope = name.removeprefix(CELL).partition(" ")
        if name.startswith(CELL) and client_id in ticked and scope in known:
            ticked[client_id].add(scope)
    return {each: Changed(frozenset(ticked[each] - had), had - ticked[each]) for each, had in drawn.items()}


def written(draft: Draft) -> str:
    """As the next form sends it; nothing for nothing."""
    return msgspec.json.encode(documents(draft)).decode() if draft else ""


def documents(draft: Draft) -> list[dict[str, Any]]:
    """As the operation takes it."""
    return [
        {"client_id": client_id, "add": sorted(each.add), "remove": sorted(each.remove)}
        for client_id, each in sorted(draft.items())
    ]


def elsewhere(draft: Draft, client_ids: Collection[str], scopes: Collection[str]) -> Draft:
    """What is not on a page with these rows and columns."""
    rest = {client_id: each.without(scopes) if client_id in client_ids else each for client_id, each in draft.items()}
    return {client_id: each for client_id, each in rest.items() if each}


def is_full(draft: Draft, columns: int) -> bool:
    """Whether another page of ``columns`` permissions could make more of it than is saved as one."""
    wide = any(max(len(each.add), len(each.remove)) > MOST_SCOPES - columns for each in draft.values())
    return wide or len(draft) > MOST_SAVED - ROWS or len(written(draft)) > MOST_BYTES


def boxes(draft: Draft) -> int:
    """How many boxes that are."""
    return sum(len(each.add) + len(each.remove) for each in draft.values())
