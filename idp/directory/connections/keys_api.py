"""``/connections/{id}/keys``."""

from __future__ import annotations

from http import HTTPStatus
from typing import Literal

from msgspec import UNSET, UnsetType

from idp.directory.connections import keys, service
from idp.directory.connections.models import ConnectionKey
from idp.foundation.apikit import Api, Body, View, given
from idp.foundation.kernel import clock
from idp.foundation.kernel.formats import ConnectionId
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import certificates

api = Api("connections.keys")
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "ES256", "ES384"]


class KeyWanted(Body):
    """POST /connections/{id}/keys and /keys/rotate."""

    signing_alg: Algorithm | UnsetType = UNSET


class ConnectionKeyView(View):
    """A key of a connection; what is secret of it is told to nobody."""

    kid: str
    cert: str
    pkcs: str
    fingerprint: str
    thumbprint: str
    algorithm: str
    key_use: str
    subject_dn: str
    current: bool | UnsetType = UNSET
    next: bool | UnsetType = UNSET
    previous: bool | UnsetType = UNSET
    current_since: str | UnsetType = UNSET


@api.get("/connections/{id}/keys", scopes={"read:connections_keys"}, summary="Get connection keys")
def list_keys(work: Work, id: ConnectionId) -> list[ConnectionKeyView]:
    """The keys of a connection: current, next and previous. None as long as nobody asked for any."""
    return [_view(row) for row in keys.listed(work, service.get(work, id))]


@api.post("/connections/{id}/keys", scopes={"create:connections_keys"}, summary="Create connection keys")
def create_keys(work: Work, id: ConnectionId, body: KeyWanted) -> list[ConnectionKeyView]:
    """The first keys of a connection, before its source is told of them."""
    with work.looking():
        connection = service.get(work, id)
    return [_view(row) for row in keys.create(work, connection, given(body.signing_alg, None))]


@api.post(
    "/connections/{id}/keys/rotate",
    scopes={"create:connections_keys", "update:connections_keys"},
    status=HTTPStatus.CREATED,
    summary="Rotate connection keys",
)
def rotate_keys(work: Work, id: ConnectionId, body: KeyWanted) -> ConnectionKeyView:
    """The next key takes over; answers the one that is next then."""
    with work.looking():
        connection = service.get(work, id)
    return _view(keys.rotate(work, connection, given(body.signing_alg, None)))


def _view(row: ConnectionKey) -> ConnectionKeyView:
    certificate = certificates.opened(row.certificate)
    return ConnectionKeyView(
        kid=row.kid,
        cert=row.certificate,
        pkcs=certificates.as_pkcs7(certificate),
        fingerprint=certificates.fingerprint(certificate),
        thumbprint=certificates.thumbprint(certificate),
        algorithm=row.alg,
        key_use=row.use,
        subject_dn=certificate.subject.rfc4514_string(),
        current_since=UNSET if row.current_since is None else clock.iso(row.current_since),
        **{row.state: True},
    )
