"""Security headers of every answer (security.md A10, A18, H9, T2)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace

HSTS = "max-age=31536000; includeSubDomains"
BASE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


@dataclass(frozen=True)
class Sources:
    """What a page loads from other hosts beside pictures: each of these joins the directive of its kind."""

    scripts: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    connections: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()
    styles_inline: bool = False
    """Whether what it loads sets styles by itself, which no nonce can go along with."""

    def filled(self, change: Callable[[str], str]) -> Sources:
        """The same with ``change`` made to every source."""
        return replace(
            self,
            scripts=tuple(map(change, self.scripts)),
            frames=tuple(map(change, self.frames)),
            connections=tuple(map(change, self.connections)),
        )


NOTHING = Sources()


def nonce() -> str:
    """A fresh nonce for one answer."""
    return secrets.token_urlsafe(16)


def csp(
    page_nonce: str,
    *,
    images: Iterable[str] = (),
    font: str | None = None,
    forms_stay: bool = True,
    frames: Iterable[str] = (),
    ancestors: str = "'none'",
    others: Sources = NOTHING,
) -> str:
    """The Content-Security-Policy of a page.

    ``forms_stay`` says that its forms end here. One that leads to an application carries no ``form-action``: browsers
    hold every redirect after the POST against it, and where an application sends people on is nobody's to list
    (decision 0105).
    """
    rules = [
        "default-src 'none'",
        " ".join([f"script-src 'self' 'nonce-{page_nonce}'", *others.scripts]),
        " ".join([f"style-src 'self' 'nonce-{page_nonce}'", *others.styles]),
        " ".join(["connect-src 'self'", *others.connections]),
        " ".join(["img-src 'self' data:", *sorted(set(images))]),
        *([f"font-src 'self' {font}"] if font else []),
        *(["form-action 'self'"] if forms_stay else []),
        f"frame-ancestors {ancestors}",
        "base-uri 'none'",
    ]
    framed = sorted({*frames, *others.frames})
    if framed:
        rules.append(" ".join(["frame-src", *framed]))
    if others.workers:
        rules.append(" ".join(["worker-src", *others.workers]))
    if others.styles_inline:
        rules.append("style-src-attr 'unsafe-inline'")
    return "; ".join(rules)


def protection(names: Container[str], *, https: bool) -> list[tuple[str, str]]:
    """What every answer carries, but for what one with headers of these ``names`` has chosen itself."""
    found = [] if "X-Content-Type-Options" in names else [*BASE_HEADERS.items()]  # what set it already set them all
    if https and "Strict-Transport-Security" not in names:
        found.append(("Strict-Transport-Security", HSTS))
    return found


_NAMED = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?=[/?#]|\Z)", re.IGNORECASE)
_IPV6 = re.compile(r"(https?:)//\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?(?=[/?#]|\Z)", re.IGNORECASE)


def source(url: str) -> str | None:
    """How an http(s) address is named in a policy: by its origin, or by its scheme alone where the host is an IPv6
    literal, for which Content Security Policy has no spelling; None for anything odd, which could add directives.
    """
    if named := _NAMED.match(url):
        return named.group()
    literal = _IPV6.match(url)
    return literal.group(1) if literal else None
