"""How much of what strangers send is kept: the one table of sizes for everything that is stored before anybody has
signed in, and for what is logged of anybody. docs/operations.md shows it; a test compares.

Values that carry meaning are refused where they are longer; hints and texts are cut. Counts are characters, but for
documents, which are counted in bytes as they are stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from idp.foundation.kernel.errors import PageError


@dataclass(frozen=True)
class Size:
    """``most`` of ``what``; longer ones are ``cut``, else refused."""

    what: str
    most: int
    cut: bool = False


STATE = Size("`state` of `/authorize` and `/oidc/logout`", 8_192)
NONCE = Size("`nonce`", 1_024)
SCOPE = Size("`scope`", 4_096)
CLAIMS = Size("`claims`", 8_192)
ID_TOKEN_HINT = Size("`id_token_hint`", 16_384)
HINT = Size("`login_hint`, `screen_hint`, `ui_locales`, `acr_values`", 512, cut=True)
TYPED = Size("a field of a login page", 2_048, cut=True)
POSTED_ANSWER = Size("what an identity provider has the browser post", 256 * 1024)
ONE_TIME = Size("anything else that is kept for a sign-in under way, as a document", 64 * 1024)
SCIM = Size("the body of a SCIM request", 1024 * 1024)
USER_AGENT = Size("`User-Agent`", 512, cut=True)
LOG_TEXT = Size("a text in a log entry", 2_000, cut=True)
LOG_LIST = Size("members of a list or an object in the details of a log entry", 100, cut=True)
LOG_DETAILS = Size("the details of a log entry, as a document", 32 * 1024, cut=True)

PARAMETERS: Mapping[str, Size] = {
    "state": STATE,
    "nonce": NONCE,
    "scope": SCOPE,
    "claims": CLAIMS,
    "id_token_hint": ID_TOKEN_HINT,
}
"""Parameters that are refused where they are longer."""
TABLE = tuple(each for each in list(globals().values()) if isinstance(each, Size))
CUT = "…"
_DEPTH = 8


def too_long(params: Mapping[str, str], *names: str) -> str | None:
    """What is wrong with the first of these parameters that is longer than its size."""
    for name in names:
        if len(params.get(name, "")) > PARAMETERS[name].most:
            return f"The parameter {name} is longer than {PARAMETERS[name].most} characters"
    return None


def refuse_long(params: Mapping[str, str], *names: str) -> None:
    """Refuse a request in which one of these is too long. Raises PageError: for what would have to travel back."""
    problem = too_long(params, *names)
    if problem is not None:
        raise PageError("invalid_request", f"{problem}.", status=400)


def cut_details(details: Mapping[str, Any]) -> dict[str, Any]:
    """What of the details of a log entry is kept: long texts, lists and objects are cut, and what is still too large is
    left out but for its names.
    """
    kept: dict[str, Any] = _cut(details, _DEPTH)
    if len(msgspec.json.encode(kept)) <= LOG_DETAILS.most:
        return kept
    return {name: value if _small(value) else CUT for name, value in kept.items()}


def whole(text: str) -> str:
    """The text as every store takes it: of a lone surrogate, which JSON from elsewhere may hold, a question mark
    stays.
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _cut(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return whole(value if len(value) <= LOG_TEXT.most else value[: LOG_TEXT.most - 1] + CUT)
    if isinstance(value, Mapping | list | tuple):
        if depth == 0:
            return CUT
        if isinstance(value, Mapping):
            shown = list(value.items())[: LOG_LIST.most]
            cut = {whole(str(name)[: LOG_TEXT.most]): _cut(member, depth - 1) for name, member in shown}
            return cut if len(value) <= LOG_LIST.most else {**cut, CUT: f"{len(value) - LOG_LIST.most} more"}
        members = [_cut(member, depth - 1) for member in list(value)[: LOG_LIST.most]]
        return members if len(value) <= LOG_LIST.most else [*members, CUT]
    return value


def _small(value: Any) -> bool:
    return len(msgspec.json.encode(value)) <= LOG_TEXT.most
