"""Security headers of every answer (security.md A10, A18, H9, T2)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

from flask import Response

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
    form_targets: Iterable[str] = (),
    frames: Iterable[str] = (),
    ancestors: str = "'none'",
) -> str:
    """The Content-Security-Policy of a page. ``form_targets`` are where its POST may end: Chromium also checks the
    redirect after it.
    """
    rules = [
        "default-src 'none'",
        f"script-src 'self' 'nonce-{page_nonce}'",
        f"style-src 'self' 'nonce-{page_nonce}'",
        "connect-src 'self'",
        " ".join(["img-src 'self' data:", *sorted(set(images))]),
        " ".join(["form-action 'self'", *sorted(set(form_targets))]),
        f"frame-ancestors {ancestors}",
        "base-uri 'none'",
    ]
    if frames:
        rules.append(" ".join(["frame-src", *sorted(set(frames))]))
    return "; ".join(rules)


def protect(response: Response, *, https: bool) -> Response:
    """Set what every answer carries, without touching what it chose itself."""
    headers = response.headers
    if "X-Content-Type-Options" not in headers:  # what set it already set them all
        headers.extend(BASE_HEADERS)
    if https:
        headers.setdefault("Strict-Transport-Security", HSTS)
    return response


_HTTP = re.compile(r"(https?)://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(?=[/?]|\Z)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def form_source(uri: str) -> str | None:
    """How a redirect URI is named in ``form-action``: its origin, or the scheme of an application on a device; None
    for anything odd.
    """
    found = _HTTP.match(uri)
    if found is None and not uri.startswith(("http:", "https:")):
        found = _SCHEME.match(uri)
    return found.group(0) if found else None
