"""Rich authorization requests (RFC 9396): ``authorization_details`` as a request sends them, as an API offers them, and
what of those that were granted a token gets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers import runtime as resource_servers
from idp.applications.resource_servers.runtime import ResourceServerConfig
from idp.foundation.kernel import strict_json
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.kernel.strict_json import InvalidJson
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens.store import Granted

Detail = dict[str, Any]
MOST: Final = 10
"""Objects of one request."""
MOST_BYTES: Final = 8_192
MOST_VALUES: Final = 60
"""Values of one object, however deep: all of them are on the page, and none shall be lost among others."""
DEEPEST: Final = 5
"""Levels of one object: a person is to understand it."""
ERROR: Final = "invalid_authorization_details"


def read(raw: str | None) -> list[Detail] | None:
    """The parameter, as RFC 9396 2 has it. Raises OAuthError ``invalid_authorization_details``."""
    if not raw:
        return None
    if len(raw.encode()) > MOST_BYTES:
        raise refused(f"authorization_details has at most {MOST_BYTES} bytes")
    try:
        said = strict_json.decode(raw.encode())
    except InvalidJson as error:
        raise refused("authorization_details is not valid JSON") from error
    if not isinstance(said, list) or not 0 < len(said) <= MOST:
        raise refused(f"authorization_details is an array of 1 to {MOST} objects")
    for each in said:
        if not isinstance(each, dict) or not isinstance(each.get("type"), str):
            raise refused("Each of authorization_details is an object with a type")
        if _depth(each) > DEEPEST:
            raise refused(f"One of authorization_details is nested more than {DEEPEST} deep")
        if _values(each) > MOST_VALUES:
            raise refused(f"One of authorization_details has more than {MOST_VALUES} values")
    return said


def check(work: Work, client: ClientConfig, api: ResourceServerConfig | None, wanted: Sequence[Detail]) -> None:
    """Each is of a type that the API offers to that client, about that API, and well formed where the standard says how
    (RFC 9396 2.2, 3). Raises OAuthError ``invalid_authorization_details``.
    """
    if api is None:
        raise refused("authorization_details needs the API that it is about: audience or resource")
    _check(api, _for_people(work, client, api), wanted)


def _check(api: ResourceServerConfig, offered: frozenset[str], wanted: Sequence[Detail]) -> None:
    for each in wanted:
        if each["type"] not in offered:
            raise refused("The API has no such type of authorization_details for the client")
        for name in ("locations", "actions", "datatypes", "privileges"):
            if name in each and not _texts(each[name]):
                raise refused(f"{name} is a list of texts")
        if any(location != api.identifier for location in each.get("locations") or ()):
            raise refused("locations names another API")
        if "identifier" in each and not isinstance(each["identifier"], str):
            raise refused("identifier is a text")


def of_client(
    work: Work, client: ClientConfig, api: ResourceServerConfig, wanted: Sequence[Detail] | None
) -> Mapping[str, Any]:
    """The member of a client's own token: what it asks for, of the types that its client grant names. Raises OAuthError
    ``invalid_authorization_details``.
    """
    if not wanted:
        return {}
    _check(api, _for_itself(work, client, api), wanted)
    return {"authorization_details": list(wanted)}


def standing(
    work: Work, client: ClientConfig, api: ResourceServerConfig | None, had: Sequence[Detail], *, own: bool = False
) -> list[Detail]:
    """Those of the details that were granted whose type the API offers to the client still, to the client itself where
    they are its ``own``: what is given up ends, as scopes do.
    """
    if not had or api is None:
        return []
    offered = (_for_itself if own else _for_people)(work, client, api)
    return [each for each in had if each.get("type") in offered]


def _for_people(work: Work, client: ClientConfig, api: ResourceServerConfig) -> frozenset[str]:
    offered = frozenset(types_of(api))
    if api.policy("user") == "require_client_grant":
        stored = resource_servers.stored_as(work, api.identifier)
        grant = clients.granted_scopes(work, client.client_id, stored, subject="user")
        offered &= frozenset(grant.details if grant else ())
    return offered


def _for_itself(work: Work, client: ClientConfig, api: ResourceServerConfig) -> frozenset[str]:
    grant = clients.granted_scopes(work, client.client_id, resource_servers.stored_as(work, api.identifier))
    return frozenset(types_of(api)).intersection(grant.details if grant else ())


def types_of(api: ResourceServerConfig) -> list[str]:
    """The types that an API offers (``authorization_details: [{"type": ...}]`` of a resource server)."""
    return [each["type"] for each in api.data.authorization_details if isinstance(each.get("type"), str)]


def narrowed(
    work: Work,
    client: ClientConfig,
    api: ResourceServerConfig | None,
    granted: Granted,
    wanted: list[Detail] | None,
) -> Granted:
    """The authorization with the part of its details that a token request asks for (RFC 9396 6): all that stand
    without one.

    :raises OAuthError: ``invalid_authorization_details``: that is no part of them.
    """
    had = standing(work, client, api, granted.request.details or ())
    if wanted is None:
        return replace(granted, request=replace(granted.request, details=had)) if granted.request.details else granted
    if any(not any(_within(each, one) for one in had) for each in wanted):
        raise refused("The authorization_details exceed what was granted")
    return replace(granted, request=replace(granted.request, details=wanted))


def told(granted: Granted) -> Mapping[str, Any]:
    """The member of tokens and answers, where anything was granted in detail."""
    return {"authorization_details": granted.request.details} if granted.request.details else {}


def refused(why: str) -> OAuthError:
    """The error of RFC 9396 5."""
    return OAuthError(ERROR, why)


def _within(wanted: Detail, had: Detail) -> bool:
    """The same members with the same values, except that a list may be shorter: leaving a member out could mean more,
    not less.
    """
    return wanted.keys() == had.keys() and all(_less(value, had[name]) for name, value in wanted.items())


def _less(value: Any, had: Any) -> bool:
    if _texts(value) and _texts(had):
        return bool(value) and set(value) <= set(had)
    return bool(msgspec.json.encode(value, order="sorted") == msgspec.json.encode(had, order="sorted"))


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _values(value: Any) -> int:
    """How many there are; a list of plain ones counts as one, as a person reads it."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
    plain = isinstance(value, list) and not any(isinstance(each, dict | list) for each in value)
    return 1 if plain or not inner else sum(_values(each) for each in inner)


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max((_depth(each) for each in inner), default=0)
