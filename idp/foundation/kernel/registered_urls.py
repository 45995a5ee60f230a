"""Which URLs an administrator may register: judged when they are stored, so that nothing dangerous waits for a request
(security.md W9).

What a registered URL then matches is :mod:`idp.foundation.kernel.redirects`' to say.
"""

from __future__ import annotations

from urllib.parse import SplitResult

from idp.foundation.kernel import public_suffixes, redirects

ORGANIZATION = "{organization_name}"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def callback(url: str) -> bool:
    """A redirect target, or one of the patterns ``callback_wildcards`` knows: a leftmost ``*`` label,
    ``{organization_name}``.
    """
    return redirect(url.replace(ORGANIZATION, "organization"))


def redirect(url: str) -> bool:
    """An absolute URI without fragment, user or script; ``*`` only as the whole leftmost label below a name that
    somebody registered: ``*.co.uk`` would be everybody's.
    """
    parts = redirects.parse(url)
    return parts is not None and ("*" not in url or _one_label(url, parts))


def web(url: str) -> bool:
    """An http(s) address."""
    parts = redirects.parse(url)
    return parts is not None and parts.scheme in {"http", "https"} and "*" not in parts.netloc


def origin(url: str) -> bool:
    """``scheme://host[:port]``, a path of ``/`` tolerated; one wildcard label as for redirects."""
    parts = redirects.parse(url)
    return parts is not None and bool(parts.netloc) and parts.path in {"", "/"} and not parts.query and redirect(url)


def login_page(url: str, *, development: bool) -> bool:
    """Where people are sent to begin: https (OpenID Connect Core 4), with or without a fragment; in development also
    plain http on this machine.
    """
    address, _, fragment = url.partition("#")
    parts = redirects.parse(address) if not fragment or redirects.parse(f"x:{fragment}") else None
    if parts is None or "*" in parts.netloc or not parts.hostname:
        return False
    return parts.scheme == "https" or (development and parts.scheme == "http" and parts.hostname in _LOOPBACK)


def result_page(url: str) -> bool:
    """An http(s) address, with or without a fragment."""
    return redirects.origin(url) is not None


def _one_label(url: str, parts: SplitResult) -> bool:
    label, _, rest = (parts.hostname or "").partition(".")
    whole_label = parts.scheme in {"http", "https"} and label == "*" and url.count("*") == 1
    return whole_label and public_suffixes.is_somebodys(rest)
