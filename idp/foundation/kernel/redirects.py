"""Where a browser may be sent: exact comparison, one parser (security.md A1, A2, L1)."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import SplitResult, urlencode, urlsplit, urlunsplit

from idp.foundation.kernel import public_suffixes

_FORBIDDEN_SCHEMES = frozenset({"javascript", "data", "vbscript", "file", "blob", "about"})
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
MAX_LENGTH = 2048
_LETTERS = frozenset(map(chr, range(0x21, 0x7F))) - frozenset('\\"<>^`{|}')


def parse(uri: str) -> SplitResult | None:
    """The parts of an absolute redirect URI, or None where parsers could disagree about it or it could run a script.

    Refused: control characters, spaces and backslashes, non-ASCII, userinfo, fragments, script schemes, a missing host
    for http(s), ports that are no number.
    """
    if not uri or len(uri) > MAX_LENGTH or not _LETTERS.issuperset(uri):
        return None
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    if not parts.scheme or parts.scheme in _FORBIDDEN_SCHEMES or "@" in parts.netloc or "#" in uri:
        return None
    if parts.scheme in {"http", "https"} and not parts.hostname:
        return None
    return parts


def matches(uri: str, registered: Iterable[str], *, native: bool = False) -> bool:
    """Whether ``uri`` is one of ``registered``: exactly, or a loopback redirect of a native client on any port.

    RFC 9700 2.1 and RFC 8252 7.3; contract.md section 7.
    """
    parts = parse(uri)
    if parts is None or "*" in parts.netloc:  # a registered pattern is no address itself
        return False
    candidates = list(registered)
    if uri in candidates:
        return True
    if not (native and parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return False
    bare = _without_port(parts)
    return any(bare == _without_port(known) for known in map(parse, candidates) if known is not None)


def matches_wildcard(uri: str, registered: Iterable[str], *, ignore_query: bool = False) -> bool:
    """Auth0's habit: ``*`` as the leftmost host label of a registered URL stands for one label.

    ``ignore_query`` drops the query of ``uri`` before comparing (``/v2/logout`` only). Off unless ``compatibility``
    says so.
    """
    parts = parse(uri.partition("#")[0] if ignore_query else uri)
    if parts is None or "*" in parts.netloc:
        return False
    wanted = parts._replace(query="") if ignore_query else parts
    return any(_label_match(wanted, pattern) for pattern in registered)


def _label_match(parts: SplitResult, pattern: str) -> bool:
    try:
        known = urlsplit(pattern)
        same_port = parts.port == known.port
    except ValueError:
        return False
    if urlunsplit(parts) == pattern:
        return True
    label, _, rest = (known.hostname or "").partition(".")
    own, _, own_rest = (parts.hostname or "").partition(".")
    return (
        label == "*"
        and bool(own)
        and rest == own_rest
        and same_port
        and (parts.scheme, parts.path or "/", parts.query) == (known.scheme, known.path or "/", known.query)
        and public_suffixes.is_somebodys(rest)
    )


def _without_port(parts: SplitResult) -> tuple[str, str | None, str, str]:
    return (parts.scheme, parts.hostname, parts.path, parts.query)


def with_params(uri: str, params: dict[str, str]) -> str:
    """``uri`` with ``params`` merged behind its own query (conformance.md 0.9), before its fragment."""
    if not params:
        return uri
    address, mark, fragment = uri.partition("#")
    return address + ("&" if "?" in address else "?") + urlencode(params) + mark + fragment


def origin(uri: str) -> str | None:
    """``scheme://host[:port]`` of an http(s) URL, else None."""
    parts = parse(uri.partition("#")[0])
    if parts is None or parts.scheme not in {"http", "https"}:
        return None
    return f"{parts.scheme}://{parts.netloc.lower()}"
