"""Cookies of ours: the one place that sets them (security.md H1).

Under TLS their names have the prefix that browsers hold them to (RFC 6265bis 4.1.3): ``__Host-`` cannot be set by
another host of the domain or over plain http; a cookie below a path, as of a tenant at ``https://example.com/auth/``,
cannot carry it, so it has ``__Secure-``. Cookies without the prefix are not believed there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Required, TypedDict, Unpack

from flask import request
from werkzeug.http import dump_cookie
from werkzeug.wrappers import Response

from idp.foundation.tenancy.work import Work

SESSION = "auth0"
DEVICE, DEVICE_MAX_AGE_S = "did", 31_536_000
COMPAT_SUFFIX = "_compat"
BROWSER_STATE = "opbs"
"""What our own frame compares (Session Management 1.0): a script of ours reads it."""
SameSite = Literal["Lax", "None", "Strict"]


class How(TypedDict, total=False):
    """What :func:`written` is told beside name and value."""

    max_age_s: Required[int | None]
    same_site: SameSite | None
    path: str
    for_scripts: bool


def https(work: Work) -> bool:
    """Whether the tenant is served over TLS, as its own URL says."""
    return work.config.url.startswith("https://")


def name_of(work: Work, name: str, path: str = "/") -> str:
    """The cookie's whole name."""
    if not https(work):
        return name
    return f"__Host-{name}" if work.href(path) == "/" else f"__Secure-{name}"


def get(work: Work, name: str, path: str = "/", sent: Mapping[str, str] | None = None) -> str | None:
    """What the browser sent, with this request or among those that were ``sent``."""
    sent, name = request.cookies if sent is None else sent, name_of(work, name, path)
    return sent[name] if name in sent else None  # noqa: SIM401 - Werkzeug's get makes an exception for each it lacks


def session_secret(work: Work, sent: Mapping[str, str] | None = None) -> str | None:
    """The session cookie of the request, or of those that were ``sent``: primary name first, then the one for old
    browsers.
    """
    sent = request.cookies if sent is None else sent
    return sent.get(name_of(work, SESSION)) or sent.get(name_of(work, SESSION + COMPAT_SUFFIX))


def device(work: Work, sent: Mapping[str, str] | None = None) -> str | None:
    """The browser's id: what binds forms and transactions to one browser (security.md H5, H6)."""
    value = get(work, DEVICE, sent=sent)
    return value if value and 20 <= len(value) <= 128 and value.isascii() else None


def send(work: Work, response: Response, name: str, value: str, **how: Unpack[How]) -> None:
    """Set it (:func:`written`)."""
    response.headers.add("Set-Cookie", written(work, name, value, **how))


def written(
    work: Work,
    name: str,
    value: str,
    *,
    max_age_s: int | None,
    same_site: SameSite | None = "None",
    path: str = "/",
    for_scripts: bool = False,
) -> str:
    """The ``Set-Cookie`` header that sets it, out of reach of scripts unless one of ours reads it, for the tenant's own
    path (and ``path`` below it). On plain http, where browsers take no ``SameSite=None``, that is ``Lax``.
    """
    secure = https(work)
    return dump_cookie(
        name_of(work, name, path),
        value,
        max_age=max_age_s,
        httponly=not for_scripts,
        secure=secure,
        samesite=same_site if secure or same_site != "None" else "Lax",
        path=work.href(path),
    )


def drop(work: Work, response: Response, name: str, path: str = "/") -> None:
    """Delete it."""
    send(work, response, name, "", max_age_s=0, path=path)
