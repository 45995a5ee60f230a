"""The dashboard for those who are only shown it (the role Demo): no form of theirs does anything, no file leaves, and
what identifies people is masked in everything that is drawn for them, wherever it came from (docs/decisions/0435).

Addresses of mails, telephone numbers and IP addresses are found in the finished page, so that no page, column or log
entry can forget to hide them. Names stay: without them there is nothing to see.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from idp.foundation.kernel.actor import Actor
from idp.foundation.kernel.errors import PageError
from idp.foundation.kernel.secrets import BoundSealer
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.work import Work
from idp.tenant.members import roles

HIDDEN: Final = "•••"
NARROWING: Final = frozenset({"q", "sort"})
"""What would find somebody by a masked value, or sort by it: the place in such a list holds the value."""
FREE: Final = "preferences"
"""The one form that works: theme, density and keys of this browser."""
_AT, _AT_OF_ADDRESSES, _COLON = r"(?:@|&#64;|\\u0040)", r"%(?:25)*40", r"(?::|%3[Aa])"
_NO_LOCAL = r"\s<>\"'&;,:()\[\]{}@"
_NO_PART = rf"{_NO_LOCAL}=?/|"
_LABEL = rf"[^{_NO_PART}.]+"


def _address(at: str, no_part: str) -> re.Pattern[str]:
    """Addresses of mails with that at sign, which begin where a word does: a long word without one is read once."""
    character = rf"(?:[^{no_part}]|&#39;|&amp;)"
    return re.compile(
        rf"(?<![^{no_part}])(?<!&#39;)(?<!&amp;)({character}){character}*({at})"
        rf"(?:{_LABEL}(?:\.{_LABEL})*(\.{_LABEL})|{_LABEL})"
    )


_EMAILS = (_address(_AT, _NO_LOCAL), _address(_AT_OF_ADDRESSES, _NO_PART))
"""Of each its first letter, and the last part of its domain: a nickname is often all that stands before the at sign.
What ends a part of the address of a page may stand in that of a mail (RFC 5322 3.2.3), but for where it is encoded.
"""
_BREAK = "<wbr>"
"""Where a line may end, within what people read as one word."""
_PHONE = re.compile(
    r"(?:\+|%(?:25)*2[Bb]|&#43;|\\u002[bB])\d(?:[ ()./-]{0,2}\d){6,14}"
    r"|(?<![\w.-])(?<!\d:)0\d(?:[ ()/-]{0,3}\d){7,13}(?![\w-])"
)
"""With the code of its country, or as it is dialled at home."""
_IP = re.compile(
    rf"(?:[0-9a-fA-F]{{0,4}}{_COLON}){{0,6}}\d{{1,3}}(?:\.\d{{1,3}}){{3}}"
    rf"|(?<![\w:])(?:[0-9a-fA-F]{{0,4}}{_COLON}){{3,7}}[0-9a-fA-F]{{0,4}}(?![\w:])"
    rf"|(?<![\w:])[0-9a-fA-F]{{1,4}}{_COLON}{_COLON}[0-9a-fA-F]*(?![\w:])"
)
_PICTURE = re.compile(r"(avatar(?:/|%2[Ff]))[0-9a-fA-F]{32,64}")
"""The hash of an address, which whoever guesses the address can tell."""


def is_shown(actor: Actor) -> bool:
    """Whether that is all somebody may."""
    return roles.only_shown(actor.roles)


def refuses(actor: Actor, method: str, path: str) -> bool:
    """Whether nothing is done for them there: it is sent by a form."""
    return is_shown(actor) and method == "POST" and path.strip("/") != FREE


def refuse_drafts(actor: Actor, method: str) -> None:
    """Keep them from having something drawn that they typed. Raises PageError."""
    if refuses(actor, method, ""):
        raise PageError("access_denied", "This dashboard is only shown to you.", status=HTTPStatus.FORBIDDEN)


def hides(actor: Actor, path: str) -> bool:
    """Whether the address names what is masked for them: its answer would tell whether somebody is there."""
    return is_shown(actor) and masked(path) != path


def asked(actor: Actor, query: Mapping[str, str]) -> Mapping[str, str]:
    """What they ask for, without what tells masked values."""
    if not is_shown(actor):
        return query
    return {name: value for name, value in query.items() if name not in NARROWING and masked(value) == value}


def sealed_place(work: Work, name: str, after: str) -> str:
    """The place in the list ``name`` as its link says it: it holds the id of a person, and what they are sorted by."""
    return _sealer(work, name).seal(after) if after and is_shown(work.actor) else after


def opened_place(work: Work, name: str, query: Mapping[str, str]) -> Mapping[str, str]:
    """The query of the list ``name`` with its place as it was; none where it is not one that was drawn."""
    if not is_shown(work.actor) or "after" not in query:
        return query
    try:
        return {**query, "after": _sealer(work, name).open(query["after"])}
    except ValueError:  # somebody typed it: the first page is the answer
        return {**query, "after": ""}


def _sealer(work: Work, name: str) -> BoundSealer:
    return documents.sealer(work, "desk_place", name)


def drawn(actor: Actor, html: str) -> str:
    """A page as they see it."""
    return masked(html) if is_shown(actor) else html


def masked(html: str) -> str:
    """A page without addresses of mails, telephone numbers and IP addresses."""
    html = html.replace(_BREAK, "")
    for kind in _EMAILS:
        html = kind.sub(rf"\1{HIDDEN}\2{HIDDEN}\3", html)
    for kind in (_PHONE, _IP):
        html = kind.sub(HIDDEN, html)
    return _PICTURE.sub(rf"\1{HIDDEN}", html)
