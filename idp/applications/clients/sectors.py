"""Sectors (OpenID Connect Core 8.1): clients of one sector know a person by one name, other sectors by other names.

A sector is the host of ``sector_identifier_uri``, or that of the redirect URIs where they have one in common. What
stands at the URI lists every redirect URI of the sector; it is fetched when a client is made or changed, outside of
transactions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from idp.foundation import egress
from idp.foundation.kernel import strict_json
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.strict_json import InvalidJson
from idp.foundation.tenancy.work import Work

PAIRWISE = "pairwise"
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that are everybody's own machine: applications there have nothing in common but that."""
URI = "sector_identifier_uri"
FETCH_S = 4.0
MOST_BYTES = 65_536


def of(callbacks: Sequence[str], uri: str | None) -> str | None:
    """The sector, None where there is no one host."""
    if uri:
        return urlsplit(uri).hostname
    hosts = {urlsplit(each).hostname or each for each in callbacks}
    return next(iter(hosts)) if len(hosts) == 1 else None


def check(members: Mapping[str, Any]) -> None:
    """Refuse a client with pairwise subjects and without a sector.

    :raises BadRequest: ``invalid_body``.
    """
    if members.get("subject_type") == PAIRWISE and of(members.get("callbacks") or (), members.get(URI)) is None:
        raise BadRequest("Pairwise subjects need callbacks of one host, or a sector_identifier_uri.", "invalid_body")


def read(work: Work, before: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Look at the file of the sector, where these changes name one or add callbacks to a client that has one. No
    transaction is open.

    :raises BadRequest: ``invalid_body``: it can't be read, or lacks a redirect URI.
    """
    uri = changes.get(URI, before.get(URI))
    if not uri or (URI not in changes and "callbacks" not in changes):
        return
    listed = _listed(work, uri)
    wanted = changes.get("callbacks", before.get("callbacks")) or ()
    missing = [each for each in wanted if each not in listed]
    if missing:
        raise BadRequest(f"The file at sector_identifier_uri does not list {missing[0][:200]}", "invalid_body")


def _listed(work: Work, uri: str) -> Sequence[str]:
    if urlsplit(uri).scheme != "https" and not work.platform.settings.development:
        raise BadRequest("sector_identifier_uri has to begin with https://", "invalid_body")
    try:
        answer = egress.load().get(work.platform.settings, uri, seconds=FETCH_S)
        if answer.status != HTTPStatus.OK or len(answer.body) > MOST_BYTES:
            raise egress.Unreachable(f"status {answer.status}, {len(answer.body)} bytes")
        found = strict_json.decode(answer.body)
    except (egress.EgressError, InvalidJson) as error:
        raise BadRequest(
            "The file at sector_identifier_uri can't be read.", "invalid_body", detail=str(error)
        ) from error
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise BadRequest("The file at sector_identifier_uri is no list of addresses.", "invalid_body")
    return found
