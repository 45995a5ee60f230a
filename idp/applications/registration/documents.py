"""Clients whose id is the address of a document that describes them (OAuth Client ID Metadata Document).

The document is fetched when such a client is asked for and is not known, or known for longer than the document said.
Fetching goes through the guard, outside of transactions, a bounded number of times for each network. What a document
may hold is less than what a registration may: nobody shares a secret with its client.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult

import msgspec
from sqlalchemy import bindparam, select

from idp.applications.clients import runtime as clients
from idp.applications.clients.models import Client
from idp.applications.clients.runtime import MOST_ID, ClientConfig
from idp.applications.registration import metadata, policy, service
from idp.applications.registration.cleanup import remove, unused
from idp.applications.registration.log_types import RegistrationLog
from idp.applications.registration.metadata import LOOPBACK, Metadata
from idp.applications.registration.models import Registration as R
from idp.applications.registration.policy import Allowed
from idp.applications.registration.under_way import UnderWay
from idp.foundation import egress
from idp.foundation.db.driver_errors import UniqueViolation
from idp.foundation.db.hot import Statement
from idp.foundation.ephemeral import limits
from idp.foundation.kernel import clock, redirects, strict_json
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.kernel.log_types import LogType
from idp.foundation.kernel.strict_json import InvalidJson
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import failures, log

FETCH_S = 4.0
MOST_BYTES = 16_384
LEAST_FRESH_S, MOST_FRESH_S = 300, 86_400
"""How long a document counts, whatever its headers say."""
KEPT_S = 7 * 86_400
"""How long one counts whose address does not answer any more."""
AGAIN_S = 10.0
"""How long an address is left alone that did not answer well."""
MOST_FAILED = 1_000
ROOM_AFTER_S = 3_600
"""How old one has to be that nobody used, to make room for another."""
ADMIN = "admin"
METHODS = frozenset({"none", "private_key_jwt"})
_NEVER = frozenset({"client_secret", "client_secret_expires_at", "software_statement", "sector_identifier_uri"})


@dataclass(frozen=True)
class Source:
    """How clients that are known by an address make themselves known: the ``kind`` of their registrations, and what the
    log says when one was read.
    """

    kind: str
    read: LogType


CIMD = Source(service.CIMD, RegistrationLog.DOCUMENT_READ)


class _Freshness(msgspec.Struct, frozen=True):
    """Moments in ms; None of a client that an administrator made."""

    fetched_at: int | None
    fresh_until: int | None


_FRESH = Statement(
    "client_document_fresh",
    select(R.fetched_at, R.fresh_until).where(
        R.tenant_id == bindparam("tenant"), R.client_id == bindparam("client_id")
    ),
    row=_Freshness,
)
_failed: dict[tuple[str, str], float] = {}
_lock = threading.Lock()
_under_way = UnderWay()


def client(work: Work, client_id: str) -> ClientConfig | None:
    """The client of that id, whichever way it is known here; None where there is none. One whose id is an address may
    be fetched: whoever calls has no transaction open. One that an administrator made the tenant's own is what they see:
    nobody is asked for consent there, so where people are sent is no longer for its document to say.

    :raises OAuthError: ``invalid_client_metadata``, ``temporarily_unavailable``: there is a document, or should be.
    """
    found = clients.find(work, client_id)
    if not clients.is_address(client_id):
        return found
    settings = work.config.settings
    unknown = found is None and not settings.client_id_metadata_document_dynamic_registration_supported
    if unknown or not settings.client_id_metadata_document_supported:
        return None
    if found is not None and found.is_first_party:
        return found
    fresh = work.hot.one(_FRESH, tenant=work.tenant_id, client_id=found.client_id) if found is not None else None
    still = fresh is not None and (fresh.fetched_at or 0) > clock.now_ms() - KEPT_S * 1000
    name = (work.tenant_id, client_id)
    if fresh is not None and ((fresh.fresh_until or 0) > clock.now_ms() or (still and name in _under_way)):
        return found
    try:
        with _under_way.looking(name):
            said, fresh_s = fetched(work, client_id)
    except OAuthError as problem:
        if still and problem.error == "temporarily_unavailable":
            return found
        raise
    keep(work, client_id, said, fresh_s, made_by="client")
    work.refresh()
    return clients.find(work, client_id)


def fetched(work: Work, url: str) -> tuple[Metadata, int]:
    """What the document at ``url`` says, checked, and for how many seconds it counts.

    :raises OAuthError: ``invalid_client_metadata``, ``invalid_redirect_uri``; ``temporarily_unavailable`` where the
        address does not answer.
    """
    _check_address(work, url)
    with _lock:
        if _failed.get((work.tenant_id, url), 0.0) > time.monotonic():
            raise OAuthError("temporarily_unavailable", "The client's metadata document could not be read just now")
    service.counted(work, limits.DOCUMENTS_FETCHED, work.network)
    try:
        document, fresh_s = _read(work, url)
        said = checked(work, url, document)
    except OAuthError as problem:
        with _lock:
            if len(_failed) >= MOST_FAILED:
                _failed.clear()
            _failed[work.tenant_id, url] = time.monotonic() + AGAIN_S
        about = {"client_id": url, "error": problem.error, "reason": problem.detail}
        failures.write(work, RegistrationLog.DOCUMENT_REFUSED, problem.description, details=about)
        raise
    return said, fresh_s


def checked(work: Work, url: str, document: Mapping[str, Any]) -> Metadata:
    """The document of the client whose id is ``url``. Raises OAuthError."""
    if document.get("client_id") != url:
        raise _invalid("The document's client_id is not its own address")
    if not _NEVER.isdisjoint(document):
        raise _invalid("A document that everybody reads holds no secret")
    method = document.get("token_endpoint_auth_method") or "none"
    if method not in METHODS:
        raise _invalid("Clients with a document authenticate with none or private_key_jwt")
    settings = work.config.settings.client_registration
    allowed = Allowed.of(settings)
    said = metadata.read(
        {**document, "token_endpoint_auth_method": method}, development=work.platform.settings.development
    )
    grants = [each for each in metadata.grant_types(said) if each in allowed.grant_types]
    said = msgspec.structs.replace(said, grant_types=grants, response_types=None)
    policy.check(said, allowed)
    return said


def keep(
    work: Work,
    url: str,
    said: Metadata,
    fresh_s: int,
    *,
    made_by: str,
    source: Source = CIMD,
    beside: Mapping[str, Any] | None = None,
) -> str:
    """Make the client that the document describes, or change it to that; answers its own id. Of two processes that do
    so at once one makes it. ``beside`` is kept with its registration.

    :raises OAuthError: ``invalid_client_metadata``, or there is no room.
    """
    try:
        with work.transaction():
            return _kept(work, url, said, fresh_s, made_by, source, beside or {})
    except UniqueViolation:
        work.refresh()
        found = clients.find(work, url)
        if found is None:
            raise
        return found.client_id


def by_address(work: Work, url: str) -> Client | None:
    """The client's row."""
    mine = (Client.tenant_id == work.tenant_id, Client.external_client_id == url)
    return work.rows.scalars(select(Client).where(*mine)).first()


def _kept(
    work: Work, url: str, said: Metadata, fresh_s: int, made_by: str, source: Source, more: Mapping[str, Any]
) -> str:
    moment, row = clock.now_ms(), by_address(work, url)
    if row is None:
        _make_room(work, source.kind)
        beside = {"external_metadata_type": source.kind, "external_metadata_created_by": made_by}
        row = service.create(work, said, external_client_id=url, **beside)
        used_at = moment if made_by == ADMIN else None
        about = {"client_id": row.client_id, "kind": source.kind, "created_at": moment, "used_at": used_at}
        work.rows.add(R(tenant_id=work.tenant_id, **about))
        work.rows.flush()
    elif made_by != ADMIN and row.is_first_party:  # made so while the document was fetched
        return row.client_id
    else:
        work.rows.lock_one(R, row.client_id)  # before the client, as whoever removes it does
        service.change(work, row, said)
    kept = work.rows.lock_one(R, row.client_id)
    if kept is not None and kept.kind != source.kind:
        raise _invalid("The client at that address made itself known in another way")
    if kept is not None:
        kept.document, kept.fetched_at = {**metadata.kept(said), **more}, moment
        kept.fresh_until = moment + fresh_s * 1000
        work.rows.flush()
    log.write(work, source.read, client_id=row.client_id, client_name=row.name, details={"url": url})
    return row.client_id


def _make_room(work: Work, kind: str) -> None:
    """Where as many are known as the tenant takes, the oldest that nobody used goes: it can come back any time. Of many
    who come at once none goes beyond that number.
    """
    try:
        service.check_room(work, kind)
    except OAuthError:
        before = clock.now_ms() - ROOM_AFTER_S * 1000
        oldest = unused(work, kind=kind, before=before, most=1)
        if not oldest:
            raise
        remove(work, oldest[0])
    work.rows.lock_one(Tenant, work.tenant_id)  # it stands for the number of them
    service.check_room(work, kind)


def _check_address(work: Work, url: str) -> None:
    """Client ID Metadata Document 3: https, a path, no fragment, no user, no dots to resolve."""
    parts = redirects.parse(url)
    if parts is None or not parts.hostname or len(url) > MOST_ID:
        raise _invalid("The client_id is no address of a document")
    if parts.scheme != "https" and not _own_machine(work, parts):
        raise _invalid("The address of a client's document begins with https://")
    segments = parts.path.split("/")
    if parts.path in {"", "/"} or "." in segments or ".." in segments or parts.query or "%2e" in parts.path.lower():
        raise _invalid("The address of a client's document has a path, and nothing behind it")
    if not policy.hosted(parts.hostname, work.config.settings.client_registration.document_hosts):
        raise _invalid(f"Documents of clients are not read from {parts.hostname}"[:200])


def _own_machine(work: Work, parts: SplitResult) -> bool:
    return work.platform.settings.development and parts.scheme == "http" and parts.hostname in LOOPBACK


def _read(work: Work, url: str) -> tuple[dict[str, Any], int]:
    try:
        answer = egress.load().get(work.platform.settings, url, headers={"Accept": "application/json"}, seconds=FETCH_S)
    except egress.Refused as error:
        raise OAuthError("invalid_client_metadata", "The client's document is not read", detail=str(error)) from error
    except egress.EgressError as error:
        text = "The client's metadata document could not be read"
        raise OAuthError("temporarily_unavailable", text, detail=str(error)) from error
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status != HTTPStatus.OK:
        late = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS
        error_code = "temporarily_unavailable" if late else "invalid_client_metadata"
        raise OAuthError(error_code, f"The client's metadata document answers with status {answer.status}")
    if kind != "application/json" and not kind.endswith("+json"):
        raise _invalid("The client's metadata document is no JSON")
    if len(answer.body) > MOST_BYTES:
        raise _invalid(f"The client's metadata document has more than {MOST_BYTES} bytes")
    try:
        found = strict_json.decode(answer.body)
    except InvalidJson as error:
        raise _invalid("The client's metadata document can't be read") from error
    if not isinstance(found, dict):
        raise _invalid("The client's metadata document is no object")
    return found, fresh_for(answer.headers)


def fresh_for(headers: Mapping[str, str]) -> int:
    """Seconds, by ``Cache-Control`` (RFC 9111 5.2.2), within our bounds."""
    said = LEAST_FRESH_S
    for each in headers.get("cache-control", "").lower().split(","):
        name, _, value = each.strip().partition("=")
        if name in {"no-store", "no-cache"}:
            return LEAST_FRESH_S
        if name == "max-age" and value.strip('"').isdigit():
            said = int(value.strip('"')[:10])
    return min(max(said, LEAST_FRESH_S), MOST_FRESH_S)


def _invalid(text: str) -> OAuthError:
    return OAuthError("invalid_client_metadata", text)
