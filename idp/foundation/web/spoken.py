"""The words in which each address tells an error that happens before its own edge has the request, or that its edge
cannot tell: a body beyond the limit, a full line, a host of nobody, a store that is away (contract.md section 6).

Edges that render whole errors take the form from here, so that one address never speaks in two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import msgspec

_TITLES: Final = {413: "Payload Too Large", 414: "URI Too Long"}
"""Words for statuses where those of Python's versions differ."""
_OAUTH_ERRORS: Final = {404: "not_found", 500: "server_error", 503: "temporarily_unavailable"}


def title(status: int) -> str:
    """The reason phrase of a status, the same in every version of Python."""
    return _TITLES.get(status, HTTPStatus(status).phrase)


def management(status: int, message: str) -> dict[str, Any]:
    """``{statusCode, error, message}`` of ``/api/v2`` (spec/00-conventions.md)."""
    return {"statusCode": int(status), "error": title(status), "message": message}


def problem(status: int, detail: str, code: str | None = None) -> dict[str, Any]:
    """``{type, status, title, detail}`` of ``/me/v1`` (RFC 9457); ``code`` where the title is not enough."""
    code = code or title(status).lower().replace(" ", "_").replace("-", "_")
    return {"type": f"urn:gatehouse:error:{code}", "status": int(status), "title": title(status), "detail": detail}


def scim(status: int, detail: str) -> dict[str, Any]:
    """An error of SCIM (RFC 7644 3.12)."""
    return {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": str(int(status)), "detail": detail}


def oauth(status: int, description: str) -> dict[str, Any]:
    """``{error, error_description}`` of endpoints that applications call (RFC 6749 5.2)."""
    return {"error": _OAUTH_ERRORS.get(status, "invalid_request"), "error_description": description}


@dataclass(frozen=True, eq=False)
class Speech:
    """How the addresses below some paths tell an error."""

    paths: str
    """A pattern of where they begin."""
    media_type: str
    document: Callable[[int, str], Mapping[str, Any]]
    """From a status and a text for people."""

    def told(self, status: int, text: str) -> bytes:
        """The body of such an error."""
        return msgspec.json.encode(self.document(status, text))


MANAGEMENT: Final = Speech(
    r"/api/v2(?![^/])|/extensions/authorization/api/", "application/json; charset=utf-8", management
)
MY_ACCOUNT: Final = Speech(r"/me/v1(?![^/])", "application/json; charset=utf-8", problem)
SCIM: Final = Speech(r"/scim/v2/", "application/scim+json", scim)
OAUTH: Final = Speech(
    r"/oauth/|/userinfo(?![^/])|/\.well-known/|/oidc/register(?![^/])|/ssf/|/bc-authorize(?![^/])|/co/|/mfa/|/passkey/"
    r"|/dbconnections/|/passwordless/(?:start|verify)(?![^/])|/logout/backchannel/|/user/ssodata(?![^/])",
    "application/json",
    oauth,
)
_SPEECHES: Final = {"m": MANAGEMENT, "a": MY_ACCOUNT, "s": SCIM, "o": OAUTH}
_PATHS: Final = "|".join(f"(?P<{name}>{speech.paths})" for name, speech in _SPEECHES.items())
_OF: Final = re.compile(rf"(?:/(?!(?:admin|account|u)(?:/|$))[^/]*)*?(?:{_PATHS})")
"""The path of an issuer may stand in front. What is below a page of ours is a page."""
_BEGINNING: Final = 512
"""Characters of a path that say whose it is."""


def of(path: str) -> Speech | None:
    """How the address at ``path`` tells an error; None: by a page."""
    found = _OF.match(path[:_BEGINNING])  # strangers may send long ones
    return _SPEECHES[found.lastgroup] if found is not None and found.lastgroup is not None else None
