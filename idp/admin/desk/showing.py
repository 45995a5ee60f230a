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
from idp.tenant.members import roles

HIDDEN: Final = "•••"
NARROWING: Final = frozenset({"q", "sort"})
"""What would find somebody by a masked value, or sort by it: the place in such a list holds the value."""
FREE: Final = "preferences"
"""The one form that works: theme, density and keys of this browser."""
_AT, _COLON = r"(?:@|%40|&#64;)", r"(?::|%3[Aa])"
_NO_PART = r"\s<>\"'&;=?,:/|()\[\]{}@%"
_EMAIL = re.compile(
    rf"([^{_NO_PART}])[^{_NO_PART}]*(?:%2[Bb][^{_NO_PART}]*)*({_AT})[^{_NO_PART}.]+(?:\.[^{_NO_PART}.]+)*(\.[^{_NO_PART}.]+)"
)
"""Its first letter, and the last part of its domain: a nickname is often all that stands before the at sign."""
_BREAK = "<wbr>"
"""Where a line may end, within what people read as one word."""
_PHONE = re.compile(r"(?:\+|%2[Bb]|&#43;)\d(?:[ ()./-]{0,2}\d){6,14}")
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


def asked(actor: Actor, query: Mapping[str, str]) -> Mapping[str, str]:
    """What they ask for, without what tells masked values."""
    return {name: value for name, value in query.items() if name not in NARROWING} if is_shown(actor) else query


def masked(html: str) -> str:
    """A page without addresses of mails, telephone numbers and IP addresses."""
    html = _EMAIL.sub(rf"\1{HIDDEN}\2{HIDDEN}\3", html.replace(_BREAK, ""))
    for kind in (_PHONE, _IP):
        html = kind.sub(HIDDEN, html)
    return _PICTURE.sub(rf"\1{HIDDEN}", html)
