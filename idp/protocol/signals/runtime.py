"""Streams as the rest of the product sees them: typed, read once per configuration version, so that whoever has no
receivers pays nothing for them.
"""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import bindparam, select

from idp.applications.clients import runtime as clients
from idp.applications.clients import sectors
from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers import runtime as resource_servers
from idp.applications.resource_servers.shared_signals import MANAGE, READ
from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.tenancy.configuration import Configuration, signals_audience
from idp.foundation.tenancy.work import Work
from idp.protocol.signals import types
from idp.protocol.signals.models import SignalStream as S
from idp.protocol.tokens import requirements, subjects

MOST_STREAMS: Final = 100
"""Of a tenant."""


class StreamConfig(msgspec.Struct, frozen=True):
    """A stream at one configuration version; the members are those of :class:`.models.SignalStream`."""

    id: str
    client_id: str
    domain: str | None
    method: str
    endpoint_url: str | None
    authorization_sealed: str | None
    events: Json[list[str]]
    subject_format: str
    description: str | None
    status: str
    reason: str | None
    held_by: str | None

    @property
    def delivered(self) -> list[str]:
        """What it is told of: what the receiver asked for and we have."""
        return [each for each in types.SUPPORTED if each in self.events]

    def wants(self, event: str) -> bool:
        """Whether events of that type are kept for it."""
        return event in self.events and self.status != types.DISABLED


_COLUMNS = (
    S.id,
    S.client_id,
    S.domain,
    S.method,
    S.endpoint_url,
    S.authorization_sealed,
    S.events,
    S.subject_format,
    S.description,
    S.status,
    S.reason,
    S.held_by,
)
_OF_TENANT = Statement(
    "signal_streams_of_tenant",
    select(*_COLUMNS).where(S.tenant_id == bindparam("tenant")).order_by(S.id).limit(MOST_STREAMS),
    row=StreamConfig,
)
_BY_ID = Statement(
    "signal_stream_by_id",
    select(*_COLUMNS).where(S.tenant_id == bindparam("tenant"), S.id == bindparam("stream")),
    row=StreamConfig,
)
_OF_CLIENT = Statement(
    "signal_stream_of_client",
    select(*_COLUMNS).where(S.tenant_id == bindparam("tenant"), S.client_id == bindparam("client")),
    row=StreamConfig,
)


def of_tenant(work: Work) -> list[StreamConfig]:
    """Every stream; one read for each configuration version."""
    return work.config.remember("signal streams", "", lambda: work.hot.all(_OF_TENANT, tenant=work.tenant_id))


def read(work: Work, stream_id: str) -> StreamConfig | None:
    """The stream as its row is now."""
    return work.hot.one(_BY_ID, tenant=work.tenant_id, stream=stream_id)


def of_client(work: Work, client_id: str) -> StreamConfig | None:
    """The stream of that receiver, as its row is now."""
    return work.hot.one(_OF_CLIENT, tenant=work.tenant_id, client=client_id)


def receiver(work: Work, stream: StreamConfig) -> ClientConfig | None:
    """The client behind a stream."""
    return clients.find(work, stream.client_id)


def may_hear(work: Work, stream: StreamConfig) -> bool:
    """Whether the receiver could fetch its events at this moment: whoever may not is not sent them, either."""
    api = resource_servers.find(work, signals_audience(work.config.issuer))
    return not {READ, MANAGE}.isdisjoint(requirements.reach_of_client(work, receiver(work, stream), api) or ())


def issuer(work: Work, stream: StreamConfig) -> str:
    """Who tells it: the issuer by which it was made, or the tenant's own where that domain is gone."""
    own: Configuration = work.config.own or work.config
    domain = work.domains().get(stream.domain) if stream.domain else None
    return own.under(domain).issuer if domain is not None else own.issuer


def authorization(work: Work, stream: StreamConfig) -> str | None:
    """What the receiver wants in the header ``Authorization`` of deliveries."""
    if stream.authorization_sealed is None:
        return None
    return work.sealer(S.authorization_sealed, id=stream.id).open(stream.authorization_sealed)


def by_address(client: ClientConfig) -> bool:
    """Whether the client may know people by their addresses here: one of the tenant's own, which knows their ids."""
    return client.is_first_party and client.data.subject_type != sectors.PAIRWISE


def subject(work: Work, stream: StreamConfig, client: ClientConfig, user_id: str, email: str | None) -> dict[str, str]:
    """How the stream names a person (RFC 9493 3.2.2, 3.2.3): by an address only where they have one."""
    if stream.subject_format == types.EMAIL and email and by_address(client):
        return {"format": types.EMAIL, "email": email}
    return {"format": types.ISS_SUB, "iss": issuer(work, stream), "sub": subjects.of(work, client, user_id)}
