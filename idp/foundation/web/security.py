"""Security headers of every answer (security.md A10, A18, H9, T2)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Container, Iterable

HSTS = "max-age=31536000; includeSubDomains"
BASE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


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
) -> str:
    """The Content-Security-Policy of a page.

    ``forms_stay`` says that its forms end here. One that leads to an application carries no ``form-action``: browsers
    hold every redirect after the POST against it, and where an application sends people on is nobody's to list
    (decision 0105).
    """
    rules = [
        "default-src 'none'",
        f"script-src 'self' 'nonce-{page_nonce}'",
        f"style-src 'self' 'nonce-{page_nonce}'",
        "connect-src 'self'",
        " ".join(["img-src 'self' data:", *sorted(set(images))]),
        *([f"font-src 'self' {font}"] if font else []),
        *(["form-action 'self'"] if forms_stay else []),
        f"frame-ancestors {ancestors}",
        "base-uri 'none'",
    ]
    if frames:
        rules.append(" ".join(["frame-src", *sorted(set(frames))]))
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
