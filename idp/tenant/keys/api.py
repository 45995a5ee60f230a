"""``/keys/signing``."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from sqlalchemy import select

from idp.foundation.apikit import Api, Query
from idp.foundation.apikit.document import list_of, shown
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.management import Call
from idp.tenant.keys import service
from idp.tenant.keys.models import SigningKey

api = Api("keys")
SHOWN_ALG = "RS256"
"""Auth0 knows one kind of signing key; the other algorithms' keys rotate along with it."""

KeyView = shown(
    "SigningKey",
    extra={
        **dict.fromkeys(
            ("kid", "cert", "pkcs7", "fingerprint", "thumbprint", "current_since", "current_until", "revoked_at"), str
        ),
        **dict.fromkeys(("current", "next", "previous", "revoked"), bool),
    },
)


@api.get(
    "/keys/signing", scopes={"read:signing_keys"}, returns=list_of(KeyView), summary="Get all application signing keys"
)
def list_keys(call: Call[Query, None]) -> list[dict[str, Any]]:
    """Every signing key, newest first."""
    statement = select(SigningKey).where(SigningKey.alg == SHOWN_ALG).order_by(SigningKey.created_at.desc())
    return [_shown(row) for row in call.work.rows.scalars(statement)]


@api.get("/keys/signing/{kid}", scopes={"read:signing_keys"}, returns=KeyView, summary="Get an application signing key")
def get_key(call: Call[Query, None]) -> dict[str, Any]:
    """One key."""
    row = call.work.rows.get(SigningKey, (call.work.tenant_id, call.params["kid"]))
    if row is None:
        raise NotFound("The signing key does not exist.", "inexistent_signing_key")
    return _shown(row)


@api.post(
    "/keys/signing/rotate",
    scopes={"create:signing_keys", "update:signing_keys"},
    returns=KeyView,
    summary="Rotate the application signing key",
)
def rotate(call: Call[Query, None]) -> dict[str, Any]:
    """The next key takes over; the one before stays in the JWKS until it is revoked."""
    return _shown(service.rotate(call.work))


@api.put(
    "/keys/signing/{kid}/revoke",
    scopes={"update:signing_keys"},
    returns=KeyView,
    status=HTTPStatus.OK,
    summary="Revoke an application signing key",
)
def revoke(call: Call[Query, None]) -> dict[str, Any]:
    """Take a key out of the JWKS at once."""
    return _shown(service.revoke(call.work, call.params["kid"]))


def _shown(row: SigningKey) -> dict[str, Any]:
    certificate = x509.load_pem_x509_certificate(row.certificate.encode())
    digest = hashlib.sha1(certificate.public_bytes(Encoding.DER), usedforsecurity=False).hexdigest().upper()
    times = {"current_since": row.current_since, "current_until": row.current_until, "revoked_at": row.revoked_at}
    return {
        "kid": row.kid,
        "cert": row.certificate,
        "pkcs7": pkcs7.serialize_certificates([certificate], Encoding.PEM).decode(),
        "current": row.state == "current",
        "next": row.state == "next",
        "previous": row.state == "previous",
        "fingerprint": ":".join(digest[at : at + 2] for at in range(0, len(digest), 2)),
        "thumbprint": digest,
        "revoked": row.state == "revoked",
        **{name: clock.iso(value) for name, value in times.items() if value is not None},
    }
