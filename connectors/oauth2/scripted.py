"""Profiles that a script of the tenant's own fetches (``scripts.fetchUserProfile``), under Auth0's contract: the token,
what came with it, and a callback that is given a profile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.contract import UNAVAILABLE, ConnectorContext, ConnectorError
from connectors.oauth2.documents import bounded, garbage

FETCH, LOGOUT = "fetchUserProfile", "getLogoutUrl"
IDS = ("user_id", "id", "sub")
"""Where the id of the account stands in what a script gives."""
REFUSED = "The identity provider did not sign you in."
_NEVER = frozenset(
    {"access_token", "access_token_secret", "app_metadata", "id_token", "refresh_token", "user_metadata"}
)
"""Members that are no attributes, and not for a source to say."""
_WAITING = frozenset({"timeout", "busy"})


def profile(context: ConnectorContext, source: str, args: Sequence[Any]) -> dict[str, Any]:
    """What the script gives its callback.

    :raises ConnectorError: it gives no profile, an error, or comes to no end; ``temporarily_unavailable`` where it
        took too long, since it waits for the provider.
    """
    said = _ran(context, FETCH, source, args)
    if not isinstance(said, Mapping):
        raise garbage(FETCH, "the script gave its callback no profile")
    try:
        json.dumps(said, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise garbage(FETCH, f"the profile cannot be kept: {error}"[:300]) from error
    found: dict[str, Any] = bounded({str(name): value for name, value in said.items()}, FETCH)
    return {name: value for name, value in found.items() if name not in _NEVER}


def others(said: Mapping[str, Any]) -> dict[str, Any]:
    """Members of a profile that are attributes under their own names."""
    return {name: value for name, value in said.items() if name not in IDS and value is not None}


def logout_url(context: ConnectorContext, source: str, query: Mapping[str, str]) -> str | None:
    """The address that the script makes of the parameters of a logout. Raises ConnectorError."""
    said = _ran(context, LOGOUT, source, [dict(query)])
    return said if isinstance(said, str) and said else None


def _ran(context: ConnectorContext, entry: str, source: str, args: Sequence[Any]) -> Any:
    if context.scripts is None:
        raise ValueError("a script needs somebody who runs it")
    answer = context.scripts.run(source, entry, args, {})
    if answer.failed is not None:
        code = UNAVAILABLE if answer.failed in _WAITING else "access_denied"
        raise ConnectorError(code, REFUSED, detail=f"script {entry}: {answer.failed}: {answer.detail}")
    thrown = answer.thrown
    if thrown is None:
        return answer.value
    words = thrown.message[:300] if thrown.name == "UnauthorizedError" else REFUSED
    where = f" ({answer.detail})" if answer.detail else ""
    raise ConnectorError(
        "access_denied", words, detail=f"script {entry}: {thrown.name}: {thrown.message}{where}"[:1000]
    )
