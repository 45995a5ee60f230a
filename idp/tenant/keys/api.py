"""``/keys/signing``."""

from __future__ import annotations

from http import HTTPStatus

from msgspec import UNSET, UnsetType
from sqlalchemy import select

from idp.foundation.apikit import Api, View
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import certificates, service
from idp.tenant.keys.models import SigningKey

api = Api("keys")
SHOWN_ALG = "RS256"
"""Auth0 knows one kind of signing key; the other algorithms' keys rotate along with it."""


class SigningKeyView(View):
    """A signing key, as the JWKS of the tenant has it."""

    kid: str
    cert: str
    pkcs7: str
    current: bool
    next: bool
    previous: bool
    fingerprint: str
    thumbprint: str
    revoked: bool
    current_since: str | UnsetType = UNSET
    current_until: str | UnsetType = UNSET
    revoked_at: str | UnsetType = UNSET


@api.get("/keys/signing", scopes={"read:signing_keys"}, summary="Get all application signing keys")
def list_keys(work: Work) -> list[SigningKeyView]:
    """Every signing key, newest first."""
    statement = select(SigningKey).where(SigningKey.alg == SHOWN_ALG).order_by(SigningKey.created_at.desc())
    return [key_view(row) for row in work.rows.scalars(statement)]


@api.get("/keys/signing/{kid}", scopes={"read:signing_keys"}, summary="Get an application signing key")
def get_key(work: Work, kid: str) -> SigningKeyView:
    """One key."""
    row = work.rows.get(SigningKey, (work.tenant_id, kid))
    if row is None:
        raise NotFound("The signing key does not exist.", "inexistent_signing_key")
    return key_view(row)


@api.post(
    "/keys/signing/rotate",
    scopes={"create:signing_keys", "update:signing_keys"},
    summary="Rotate the application signing key",
)
def rotate(work: Work) -> SigningKeyView:
    """The next key takes over; the one before stays in the JWKS until it is revoked."""
    return key_view(service.rotate(work))


@api.put(
    "/keys/signing/{kid}/revoke",
    scopes={"update:signing_keys"},
    status=HTTPStatus.OK,
    summary="Revoke an application signing key",
)
def revoke(work: Work, kid: str) -> SigningKeyView:
    """Take a key out of the JWKS at once."""
    return key_view(service.revoke(work, kid))


def key_view(row: SigningKey) -> SigningKeyView:
    """One key as it is answered."""
    certificate = certificates.opened(row.certificate)
    return SigningKeyView(
        kid=row.kid,
        cert=row.certificate,
        pkcs7=certificates.as_pkcs7(certificate),
        current=row.state == "current",
        next=row.state == "next",
        previous=row.state == "previous",
        fingerprint=certificates.fingerprint(certificate),
        thumbprint=certificates.thumbprint(certificate),
        revoked=row.state == "revoked",
        current_since=_moment(row.current_since),
        current_until=_moment(row.current_until),
        revoked_at=_moment(row.revoked_at),
    )


def _moment(value: int | None) -> str | UnsetType:
    return UNSET if value is None else clock.iso(value)
