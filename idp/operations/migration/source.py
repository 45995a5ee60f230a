"""The tenant that is copied, as its Management API answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Protocol
from urllib.parse import urlencode

import msgspec

from idp.foundation import egress
from idp.foundation.egress import EgressError
from idp.foundation.kernel import strict_json
from idp.foundation.kernel.strict_json import InvalidJson
from idp.foundation.settings import Settings

PAGE = 50
TRIES = 5
LONGEST_PAUSE_S = 30
_TOO_MANY = 429


class SourceError(Exception):
    """The other tenant does not answer, or not as it should. The text is for people and repeats no secret."""


class Source(Protocol):
    """Reads from the tenant."""

    def get(self, path: str, **query: str) -> Any:
        """The answer of ``GET /api/v2{path}``, decoded. Raises SourceError."""


def base_of(domain: str) -> str:
    """The address of that domain, without a slash at its end."""
    return domain.rstrip("/") if "://" in domain else f"https://{domain.rstrip('/')}"


class ManagementApi:
    """The API at ``domain``, with the credentials of a machine that may read everything."""

    def __init__(self, settings: Settings, domain: str, client_id: str, client_secret: str) -> None:
        self._settings = settings
        self._base = base_of(domain)
        self._machine = {"client_id": client_id, "client_secret": client_secret}
        self._token = ""

    def get(self, path: str, **query: str) -> Any:
        """See :class:`Source`: a token is got when it is needed, and again when it has ended."""
        url = f"{self._base}/api/v2{path}" + (f"?{urlencode(query)}" if query else "")
        for attempt in range(TRIES):
            self._token = self._token or self._new_token()
            try:
                answer = egress.get(self._settings, url, headers={"Authorization": f"Bearer {self._token}"})
            except EgressError as error:
                raise SourceError(f"{self._base} cannot be reached: {error}") from error
            if answer.status == _TOO_MANY:
                time.sleep(min(LONGEST_PAUSE_S, 2**attempt))
            elif answer.status == 401:
                self._token = ""
            elif answer.status == 200:
                return _decoded(answer.body, path)
            else:
                raise SourceError(f"GET {path} is answered with {answer.status}")
        raise SourceError(f"GET {path} was not answered after {TRIES} tries")

    def _new_token(self) -> str:
        form = {"grant_type": "client_credentials", "audience": f"{self._base}/api/v2/", **self._machine}
        body = msgspec.json.encode(form)
        headers = {"Content-Type": "application/json"}
        try:
            answer = egress.post(self._settings, f"{self._base}/oauth/token", body=body, headers=headers)
        except EgressError as error:
            raise SourceError(f"{self._base} cannot be reached: {error}") from error
        found = _decoded(answer.body, "/oauth/token") if answer.status == 200 else {}
        token = found.get("access_token") if isinstance(found, dict) else None
        if not isinstance(token, str):
            raise SourceError(f"{self._base} gives this client no token ({answer.status})")
        return token


def _decoded(body: bytes, path: str) -> Any:
    try:
        return strict_json.decode(body)
    except InvalidJson as error:
        raise SourceError(f"The answer of {path} is no JSON") from error


def listed(source: Source, path: str, **query: str) -> Iterator[dict[str, Any]]:
    """Every row of a list, page by page. Raises SourceError."""
    page = 0
    while True:
        found = source.get(path, page=str(page), per_page=str(PAGE), **query)
        rows = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
        yield from rows
        if len(rows) < PAGE:
            return
        page += 1


def users(source: Source, after: str) -> Iterator[list[dict[str, Any]]]:
    """Every user who was made at ``after`` (ISO 8601) or later, in batches by the moment they were made: a search shows
    a thousand, so each goes on where the last one ended. Whoever was made at the same moment comes twice.
    """
    while True:
        query = {"q": f"created_at:[{after} TO *]", "sort": "created_at:1", "search_engine": "v3"}
        before, page = after, 0
        while page < 1000 // PAGE:
            found = source.get("/users", page=str(page), per_page=str(PAGE), **query)
            rows = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
            if rows:
                yield rows
                after = str(rows[-1].get("created_at", after))
            if len(rows) < PAGE:
                return
            page += 1
        if after == before:
            raise SourceError(f"More than a thousand users were made at {after}: import an export instead")
