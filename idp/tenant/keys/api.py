"""``/keys/signing``."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field
from sqlalchemy import select

from idp.foundation.apikit import Api, Body, View, changes
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.kernel.secret import HARMLESS, HarmlessDocument
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import certificates, custom, service
from idp.tenant.keys.models import SigningKey

api = Api("keys")
KeyPart = Annotated[str, HARMLESS, Meta(min_length=1, max_length=8192)]
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


class CustomKey(Body, kw_only=True):
    """A public key of the tenant's own (RFC 7517); private members are refused."""

    kty: Literal["EC", "RSA"]
    kid: Annotated[str, Meta(min_length=1, max_length=255)] | UnsetType = UNSET
    use: Literal["sig"] | UnsetType = UNSET
    key_ops: list[Literal["verify"]] | UnsetType = UNSET
    alg: Literal["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512"] | UnsetType = UNSET
    n: KeyPart | UnsetType = UNSET
    e: KeyPart | UnsetType = UNSET
    crv: Literal["P-256", "P-384", "P-521"] | UnsetType = UNSET
    x: KeyPart | UnsetType = UNSET
    y: KeyPart | UnsetType = UNSET
    x5u: KeyPart | UnsetType = UNSET
    x5c: list[KeyPart] | UnsetType = UNSET
    x5t: KeyPart | UnsetType = UNSET
    x5t_s256: KeyPart | UnsetType = field(default=UNSET, name="x5t#S256")


class CustomKeys(Body, kw_only=True):
    """PUT /keys/custom-signing."""

    keys: Annotated[list[CustomKey], Meta(max_length=20)]


class CustomKeysView(View):
    """The keys as they were set."""

    keys: list[HarmlessDocument]


@api.get("/keys/custom-signing", scopes={"read:custom_signing_keys"}, summary="Get custom signing keys")
def get_custom(work: Work) -> CustomKeysView:
    """Public keys that stand beside ours in the JWKS."""
    return CustomKeysView(keys=custom.get(work))


@api.put(
    "/keys/custom-signing",
    scopes={"create:custom_signing_keys", "update:custom_signing_keys"},
    summary="Create or replace custom signing keys",
)
def set_custom(work: Work, body: CustomKeys) -> CustomKeysView:
    """Publish these beside ours."""
    return CustomKeysView(keys=custom.replace(work, changes(body)["keys"]))


@api.delete("/keys/custom-signing", scopes={"delete:custom_signing_keys"}, summary="Delete custom signing keys")
def delete_custom(work: Work) -> None:
    """Publish our own alone."""
    custom.remove(work)


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
