"""What is known of an identity provider: from the options, and from its metadata, given or fetched.

Metadata behind a URL are asked for again after some hours, and at most once a minute when an answer is signed with a
key that is not known: that is how a certificate is exchanged there without anybody here. While the address does not
answer, what was read last stays good.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, TypeVar

from connectors.contract import ConnectorContext, ConnectorError
from connectors.saml.options import SamlOptions
from connectors.saml_format import keys, metadata
from connectors.saml_format.documents import SamlError
from connectors.saml_format.metadata import Entity
from connectors.saml_format.names import POST, REDIRECT

Described = TypeVar("Described")
FRESH_MS = 6 * 3_600_000
AGAIN_MS = 60_000
MOST_KEPT = 1_000
"""Documents of one process."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """An identity provider. Addresses by binding, certificates as PEM."""

    entity_id: str | None
    sign_in: dict[str, str]
    sign_out: dict[str, str]
    certificates: tuple[str, ...]
    wants_signed: bool = False


@dataclass
class _Kept(Generic[Described]):
    entity: Described
    at: int
    asked_at: int = 0


@dataclass
class Fetched(Generic[Described]):
    """Metadata that were fetched by this process, as ``read`` understands them."""

    read: Callable[[bytes], Described]
    kept: OrderedDict[tuple[str, str], _Kept[Described]] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, context: ConnectorContext, url: str, *, now: int, newer: bool) -> Described:
        """What stands at ``url``. ``newer``: what is kept did not do.

        :raises ConnectorError: the address does not answer and nothing is kept, or what it answers cannot be read.
        """
        key = (context.connection_id, url)
        found = self.kept.get(key)
        if found is not None:
            age = AGAIN_MS if newer else FRESH_MS
            if now - max(found.at, found.asked_at) < age:
                return found.entity
            found.asked_at = now
        try:
            entity = _fetch(context, url, self.read)
        except ConnectorError:
            if found is None:
                raise
            return found.entity
        with self.lock:
            self.kept[key] = _Kept(entity, now)
            self.kept.move_to_end(key)
            while len(self.kept) > MOST_KEPT:
                self.kept.popitem(last=False)
        return entity


FETCHED: Fetched[Entity] = Fetched(metadata.identity_provider)


def _fetch(context: ConnectorContext, url: str, read: Callable[[bytes], Described]) -> Described:
    if context.http is None:
        raise ConnectorError("server_error", "The identity provider cannot be reached.", detail="no outbound calls")
    answer = context.http.get(url, headers={"Accept": f"{metadata.CONTENT_TYPE}, application/xml, text/xml"})
    if answer.status != 200:
        raise ConnectorError(
            "temporarily_unavailable",
            "The identity provider does not answer.",
            detail=f"its metadata answered {answer.status}",
        )
    try:
        return read(answer.body)
    except SamlError as error:
        raise ConnectorError(
            "server_error", "The identity provider cannot be used.", detail=f"its metadata: {error}"
        ) from error


@lru_cache(maxsize=256)
def _given(document: str) -> Entity:
    return metadata.identity_provider(document)


def source(context: ConnectorContext, options: SamlOptions, *, now: int, newer: bool = False) -> Source:
    """The identity provider of a connection; what options say comes before what metadata say.

    :raises ConnectorError: its metadata cannot be had or read.
    """
    entity = None
    try:
        if options.metadataXml:
            entity = _given(options.metadataXml)
        elif options.metadataUrl:
            entity = FETCHED.get(context, options.metadataUrl, now=now, newer=newer)
        certificates = list(dict.fromkeys(_configured(options)))
    except SamlError as error:
        raise ConnectorError("server_error", "The identity provider cannot be used.", detail=str(error)) from error
    sign_in, sign_out = dict(entity.sign_in if entity else {}), dict(entity.sign_out if entity else {})
    own = options.signInEndpoint or _ping(options)
    if own:
        sign_in = {REDIRECT: own, POST: own}
    if options.signOutEndpoint:
        sign_out = {REDIRECT: options.signOutEndpoint, POST: options.signOutEndpoint}
    return Source(
        entity_id=entity.entity_id if entity else None,
        sign_in=sign_in,
        sign_out=sign_out,
        certificates=tuple(dict.fromkeys([*certificates, *(entity.signing if entity else ())])),
        wants_signed=bool(entity and entity.wants_signed),
    )


def _ping(options: SamlOptions) -> str | None:
    base = options.pingFederateBaseUrl
    return f"{base.rstrip('/')}/idp/SSO.saml2" if base else None


def _configured(options: SamlOptions) -> list[str]:
    texts = [options.signingCert, options.cert, *(options.certs or ())]
    return [pem for text in texts if text for pem in _read(text)]


@lru_cache(maxsize=256)
def _read(text: str) -> tuple[str, ...]:
    return tuple(keys.certificates(text))
