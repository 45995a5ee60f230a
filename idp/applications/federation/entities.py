"""Relying parties of a federation as clients: who comes by the address of an entity, with something that it signed, is
a client while a chain joins it to an anchor of the tenant's (OpenID Federation 1.0, 12.1).

Such a client is a row like any other, and somebody else's: people are asked. What a chain proved counts until the chain
ends, and is proven anew after an hour; where the tenant trusts nobody by that anchor any more, at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from idp.applications.clients import public_keys
from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import MOST_ID, ClientConfig
from idp.applications.federation import chains, marks
from idp.applications.federation.chains import Trusted
from idp.applications.federation.fetching import Fetching, Unavailable
from idp.applications.federation.log_types import FederationLog
from idp.applications.federation.statements import NoEntity, TrustProblem, check_signature, is_entity, mapping, opened
from idp.applications.registration import documents, metadata, policy, service
from idp.applications.registration.documents import Source
from idp.applications.registration.metadata import Metadata
from idp.applications.registration.models import Registration as R
from idp.applications.registration.policy import Allowed
from idp.applications.registration.under_way import UnderWay
from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.ephemeral import limits
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import OAuthError, invalid_request
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import failures
from idp.tenant.keys import decrypter, signer, store

AUTOMATIC = "automatic"
BY_KEY = "private_key_jwt"
FRESH_S = 3_600
"""How long a chain is not proven anew; it may end before."""
AGAIN_S = 10.0
"""How long an entity is left alone that nobody vouched for."""
MOST_FAILED = 1_000
MOST_SHOWN = 65_536
"""Characters of something signed."""
MOST_CHAIN = 64_000
"""Of one that brings its chain along."""
KEY_SET = "jwk-set+jwt"
ENDED = ""
LATER = "temporarily_unavailable"
_NEVER = frozenset({"client_secret", "client_secret_expires_at", "software_statement", "sector_identifier_uri"})
_SOURCE = Source(service.FEDERATION, FederationLog.TRUSTED)


class Standing(msgspec.Struct, frozen=True):
    """What a registration says of the chain that let its client in; moments in ms. ``by`` names the anchor as it was
    configured then, and is :data:`ENDED` where a chain was looked for since and there was none.
    """

    by: str
    anchor: str
    path: list[str]
    ends_at: int
    issued: dict[str, int] = {}
    """When each entity of the chain had said what it says in it (s), by its address."""


class NotSigned(OAuthError):
    """What came by the address of an entity is not signed with a key of that entity."""

    def __init__(self, detail: str) -> None:
        super().__init__("invalid_request_object", "The request object is not the client's", detail=detail)


class _Row(msgspec.Struct, frozen=True):
    document: Json[dict[str, Any]]
    fresh_until: int | None


_STANDING = Statement(
    "federation_standing",
    select(R.document, R.fresh_until).where(
        R.tenant_id == bindparam("tenant"), R.client_id == bindparam("client_id"), R.kind == service.FEDERATION
    ),
    row=_Row,
)
_failed: dict[tuple[str, str], tuple[float, OAuthError]] = {}
_lock = threading.Lock()
_under_way = UnderWay()


def client(work: Work, client_id: str, *, shown: str | None = None) -> ClientConfig | None:
    """The client of that id, whichever way it is known here; None where there is none. ``shown`` is what it signed: a
    request object or an assertion, without which no entity of a federation becomes a client. Something may be fetched:
    whoever calls has no transaction open.

    :raises NotSigned: it is not known, and did not sign that.
    :raises OAuthError: ``invalid_trust_chain``, ``invalid_trust_anchor``, ``invalid_metadata``: nobody vouches for it;
        ``temporarily_unavailable``; see also :func:`idp.applications.registration.documents.client`.
    """
    found = clients.find(work, client_id)
    if found is not None and found.federated:
        return _known(work, found, shown)
    settings = work.config.settings
    if found is None and shown and settings.federation.enabled and is_entity(client_id) and len(client_id) <= MOST_ID:
        try:
            return _taken(work, client_id, shown)
        except NoEntity:
            if not settings.client_id_metadata_document_dynamic_registration_supported:
                raise
    return documents.client(work, client_id)


def check_trusted(work: Work, known: ClientConfig) -> None:
    """Whether the tenant, as it is configured at this moment, trusts the client by the anchor that it was taken by.
    Raises ``invalid_request``.
    """
    if not known.federated or known.is_first_party:
        return
    standing, _ = _standing(work, known)
    if not work.config.settings.federation.enabled or standing is None or standing.by not in _anchors(work):
        raise invalid_request("Nobody whom this provider trusts vouches for the client any more")


def looked_at(work: Work, entity: str) -> tuple[Trusted, Metadata]:
    """The chain of an entity that could become a client now, and what client: nothing is kept.

    :raises OAuthError: see :func:`client`.
    """
    chain, _, said = _resolved(work, entity, None)
    return chain, said


def _known(work: Work, found: ClientConfig, shown: str | None) -> ClientConfig | None:
    """A client that was taken before. One that an administrator made the tenant's own is what they see."""
    if found.is_first_party:
        return found
    if not work.config.settings.federation.enabled:
        return None
    standing, fresh_until = _standing(work, found)
    trusted = standing is not None and standing.by in _anchors(work)
    now = clock.now_ms()
    if trusted and fresh_until > now:
        return found
    counts, name = trusted and standing is not None and standing.ends_at > now, (work.tenant_id, found.client_id)
    if counts and name in _under_way:
        return found
    gone = standing is not None and standing.by == ENDED
    issued = standing.issued if standing is not None else {}
    try:
        with _under_way.looking(name):
            return _taken(work, str(found.external_id), None if gone else shown, issued)
    except TrustProblem:
        if trusted and standing is not None:
            _end(work, found, standing)
        raise
    except OAuthError as problem:
        if problem.error == LATER and counts:
            return found
        raise


def _end(work: Work, known: ClientConfig, standing: Standing) -> None:
    """Nobody vouches for the client any more: it is as if its chain had ended, until another one is fetched. Else a
    client would come back by not answering, or by what it kept of the chain.
    """
    with work.transaction():
        row = work.rows.lock_one(R, known.client_id)
        if row is None or row.document.get(service.TRUST) != msgspec.to_builtins(standing):
            return  # proven anew meanwhile
        ended = msgspec.structs.replace(standing, by=ENDED, ends_at=min(standing.ends_at, clock.now_ms()))
        row.document = {**row.document, service.TRUST: msgspec.to_builtins(ended)}
        work.rows.flush()
        work.configuration_changed()


def _standing(work: Work, known: ClientConfig) -> tuple[Standing | None, int]:
    """How the client stands, and until when (ms) nobody has to look again: it changes with the configuration alone."""
    return work.config.remember("federation standing", known.client_id, lambda: _read_standing(work, known.client_id))


def _read_standing(work: Work, client_id: str) -> tuple[Standing | None, int]:
    row = work.hot.one(_STANDING, tenant=work.tenant_id, client_id=client_id)
    said = row.document.get(service.TRUST) if row is not None else None
    if row is None or said is None:
        return None, 0
    return msgspec.convert(said, Standing), row.fresh_until or 0


def _anchors(work: Work) -> Mapping[str, str]:
    """The tenant's anchors as they are configured, each with its address, by a name for exactly that."""
    settings = work.config.settings.federation
    return work.config.remember(
        "trust anchors",
        "names",
        lambda: {
            digest(msgspec.json.encode([each, settings.required_trust_marks]).decode()): each.entity_id
            for each in settings.trust_anchors
        },
    )


def _keys(work: Work) -> chains.Anchors:
    return work.config.remember(
        "trust anchors",
        "keys",
        lambda: {
            each.entity_id: public_keys.readable(each.jwks.get("keys"))
            for each in work.config.settings.federation.trust_anchors
        },
    )


def _taken(work: Work, entity: str, shown: str | None, issued: Mapping[str, int] | None = None) -> ClientConfig | None:
    """Prove a chain of the entity, and make or change its client accordingly. ``issued`` is of the chain by which it is
    known; None of an entity that is not, which has to have signed what is shown: nobody makes clients of others.

    :raises OAuthError: see :func:`client`.
    """
    with _lock:
        until, problem = _failed.get((work.tenant_id, entity), (0.0, None))
    if problem is not None and until > time.monotonic():
        raise problem.again()
    service.counted(work, limits.ENTITIES_RESOLVED, work.network)
    try:
        chain, ends_at, said = _resolved(work, entity, shown, issued)
        if issued is None:
            _check_signed(work, said, str(shown))
        _keep(work, chain, ends_at, said)
    except service.NoRoom:
        raise
    except NotSigned as refused:  # by whoever sent it, for which the entity is not left alone
        about = {"client_id": entity, "error": refused.error, "reason": refused.detail}
        failures.write(work, FederationLog.REFUSED, refused.description, details=about)
        raise
    except OAuthError as refused:
        with _lock:
            if len(_failed) >= MOST_FAILED:
                _failed.clear()
            _failed[work.tenant_id, entity] = time.monotonic() + AGAIN_S, refused.again()
        about = {"client_id": entity, "error": refused.error, "reason": refused.detail}
        failures.write(work, FederationLog.REFUSED, refused.description, details=about)
        raise
    work.refresh()
    return clients.find(work, entity)


def _keep(work: Work, chain: Trusted, ends_at: int, said: Metadata) -> None:
    by = next(name for name, address in _anchors(work).items() if address == chain.path[-1])
    standing = Standing(by, chain.path[-1], list(chain.path), ends_at * 1000, dict(chain.issued))
    fresh_s = max(min(ends_at - clock.now(), FRESH_S), 1)
    beside = {service.TRUST: msgspec.to_builtins(standing)}
    try:
        documents.keep(work, chain.path[0], said, fresh_s, made_by="client", source=_SOURCE, beside=beside)
    except OAuthError as problem:
        if problem.error != "invalid_client_metadata":
            raise
        raise _invalid(problem.description) from problem


def _resolved(
    work: Work, entity: str, shown: str | None, issued: Mapping[str, int] | None = None
) -> tuple[Trusted, int, Metadata]:
    """A chain of the entity, until when (s) it counts, and the client that it makes. One that came along is a hint:
    where anybody in it said something later by now (``issued``), or no client comes of it, what is fetched decides.
    """
    fetching, anchors = Fetching(work), _keys(work)
    brought, known = _brought(entity, shown, anchors), issued or {}
    if brought is not None and all(at >= known.get(who, 0) for who, at in brought.issued.items()):
        try:
            return _vouched(work, brought, fetching)
        except (TrustProblem, Unavailable):
            pass
    return _vouched(work, fetching.chain(entity, anchors), fetching)


def _vouched(work: Work, chain: Trusted, fetching: Fetching) -> tuple[Trusted, int, Metadata]:
    ends_at = marks.check(chain, work.config.settings.federation.required_trust_marks, fetching)
    return chain, ends_at, _checked(work, chain, fetching)


def _check_signed(work: Work, said: Metadata, shown: str) -> None:
    """Something is signed with a key of the client that was proven, whatever it says. Raises NotSigned."""
    try:
        raw = decrypter.opened(work, shown) if decrypter.is_encrypted(shown) else shown
        head = signer.header(raw, MOST_SHOWN)
        body, _, signature = raw.rpartition(".")
        made = store.decode_segment(signature)
    except (signer.InvalidToken, ValueError) as error:
        raise NotSigned(str(error)) from error
    alg, kid = str(head.get("alg")), head.get("kid")
    kid = kid if isinstance(kid, str) else None
    if said.jwks is not None:
        keys = public_keys.readable(said.jwks.get("keys"))
    else:
        keys = public_keys.published(work, str(said.jwks_uri), alg, kid)
    if not any(key.fits(alg, kid) and key.verifies(alg, body.encode(), made) for key in keys):
        raise NotSigned(f"no key of the entity made this signature ({alg[:20]!r}, kid {str(kid)[:64]!r})")


def _brought(entity: str, shown: str | None, anchors: chains.Anchors) -> Trusted | None:
    """The chain that came along (4.3, ``trust_chain``): a hint, which proves itself or counts for nothing."""
    if not shown or len(shown) > MOST_CHAIN:
        return None
    try:
        raw = signer.protected(shown).get("trust_chain")
        return chains.proven(raw, entity, anchors) if isinstance(raw, list) else None
    except (signer.InvalidToken, TrustProblem):
        return None


def _checked(work: Work, chain: Trusted, fetching: Fetching) -> Metadata:
    """The client that the chain's metadata are: an automatic one that signs. Raises TrustProblem."""
    document = dict(chain.metadata)
    if AUTOMATIC not in _list(document.get("client_registration_types")):
        raise _invalid("The entity does not register automatically (client_registration_types)")
    if document.get("client_id", chain.path[0]) != chain.path[0]:
        raise _invalid("client_id is not the address of the entity")
    if not _NEVER.isdisjoint(document):
        raise _invalid("Clients of a federation share no secret")
    document.setdefault("token_endpoint_auth_method", BY_KEY)
    if document["token_endpoint_auth_method"] != BY_KEY:
        raise _invalid(f"Clients of a federation authenticate with {BY_KEY}")
    if "signed_jwks_uri" in document:
        document["jwks"] = _signed_keys(chain, document.pop("signed_jwks_uri"), fetching)
        document.pop("jwks_uri", None)
    if "jwks" in document:
        document.pop("jwks_uri", None)  # either holds the same (5.2.1)
    elif "jwks_uri" not in document:
        raise _invalid("The entity says no keys that it signs with")
    allowed = Allowed.of(work.config.settings.client_registration)
    try:
        said = metadata.read(document, development=False)
        grants = [each for each in metadata.grant_types(said) if each in allowed.grant_types]
        said = msgspec.structs.replace(said, grant_types=grants, response_types=None)
        policy.check(said, allowed)
    except OAuthError as problem:
        raise _invalid(problem.description) from problem
    if said.jwks is not None and not public_keys.readable(said.jwks.get("keys")):
        raise _invalid("The entity says no keys that verify anything")
    return said


def _signed_keys(chain: Trusted, url: object, fetching: Fetching) -> dict[str, Any]:
    """Keys at an address, signed with a federation key of the entity (5.2.1, ``signed_jwks_uri``)."""
    if not isinstance(url, str) or not url.startswith("https://") or "#" in url:
        raise _invalid("signed_jwks_uri is no address")
    raw = fetching.get(url, f"application/{KEY_SET}")
    said, entity = opened(raw, KEY_SET), chain.path[0]
    check_signature(raw, chain.keys[entity], entity)
    if said.get("iss") != entity or said.get("sub") != entity or not isinstance(said.get("keys"), list):
        raise _invalid("signed_jwks_uri leads to somebody else's keys")
    return {"keys": [dict(mapping(each, "keys")) for each in said["keys"]]}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _invalid(text: str) -> TrustProblem:
    return TrustProblem("invalid_metadata", text[:300])
