"""Public keys of clients that authenticate with them (``private_key_jwt``, signed request objects).

They live in the client's document under ``credentials``; lists such as
``client_authentication_methods.private_key_jwt.credentials`` name those in force. Only public halves are ever stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from idp.applications.clients import public_keys
from idp.applications.clients.models import Client
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.errors import BadRequest, NotFound
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy.work import Work

MAX_CREDENTIALS = 10
USES = (
    ("client_authentication_methods", "private_key_jwt", "credentials"),
    ("client_authentication_methods", "tls_client_auth", "credentials"),
    ("client_authentication_methods", "self_signed_tls_client_auth", "credentials"),
    ("signed_request_object", "credentials"),
)
"""Where a client's document says which credentials are in force."""
_KINDS: Mapping[type, Any] = {
    rsa.RSAPublicKey: RSAKey,
    ec.EllipticCurvePublicKey: ECKey,
    ed25519.Ed25519PublicKey: OKPKey,
}
NAMES_OF_DN = {
    "emailAddress": NameOID.EMAIL_ADDRESS,
    "E": NameOID.EMAIL_ADDRESS,
    "serialNumber": NameOID.SERIAL_NUMBER,
}
"""Short names in distinguished names besides those of RFC 4514."""
_USUAL = {"RSA": "RS256", "P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "Ed25519": "EdDSA"}
"""The algorithm of a key of which nobody says it."""


def of(client: Client) -> list[dict[str, Any]]:
    """The client's credentials, oldest first."""
    return list(client.data.get("credentials") or ())


def get(client: Client, credential_id: str) -> dict[str, Any]:
    """One credential.

    :raises NotFound: the client has none of that id.
    """
    for credential in of(client):
        if credential["id"] == credential_id:
            return credential
    raise NotFound("The credential does not exist", "inexistent_client_credential")


def add(work: Work, client: Client, members: Mapping[str, Any]) -> dict[str, Any]:
    """Register a key; ``members`` have Auth0's names and need a ``credential_type``.

    :raises BadRequest: no readable key of a kind that clients may have, or ten are there already.
    """
    work.rows.lock(client)
    present = of(client)
    credential = _made(members, present)
    _store(work, client, [*present, credential])
    return credential


def registered(document: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """``sent`` (members of a client whose opened document is ``document``) with its keys registered: where a list of
    credentials in :data:`USES` brings a key along, the client gets the credential and the list its id.

    :raises BadRequest: a key can't be read, an id is none of the client's, or there would be too many.
    """
    result, known = dict(sent), list(document.get("credentials") or ())
    before = len(known)
    for member, *below in USES:
        result = _with_references(result, (member, *below), known)
    return {**result, "credentials": known} if len(known) > before else result


def _with_references(document: dict[str, Any], path: Sequence[str], known: list[dict[str, Any]]) -> dict[str, Any]:
    name, *below = path
    part = document.get(name)
    if not part:
        return document
    if below:
        return {**document, name: _with_references(dict(part), below, known)}
    return {**document, name: [_reference(entry, known) for entry in part]}


def _reference(entry: Mapping[str, Any], known: list[dict[str, Any]]) -> dict[str, str]:
    if "id" not in entry:
        known.append(_made(entry, known))
        return {"id": known[-1]["id"]}
    if all(each["id"] != entry["id"] for each in known):
        raise fault(BODY, "The client has no such credential", "credentials")
    return {"id": str(entry["id"])}


def _made(members: Mapping[str, Any], present: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if len(present) >= MAX_CREDENTIALS:
        raise BadRequest(f"A client can have {MAX_CREDENTIALS} credentials at most.", "invalid_body")
    if "credential_type" not in members:
        raise fault(BODY, "Missing required property: credential_type", "credentials")
    moment = clock.iso(clock.now_ms())
    return {
        "id": ids.prefixed("cred", 22),
        **{
            name: value
            for name, value in members.items()
            if name not in {"pem", "parse_expiry_from_cert", "expires_at"}
        },
        **_key(members),
        "created_at": moment,
        "updated_at": moment,
    }


def expire(work: Work, client: Client, credential: dict[str, Any], expires_at: str | None) -> dict[str, Any]:
    """Set or remove the end of a credential (ISO 8601)."""
    work.rows.lock(client)
    credential = get(client, credential["id"])
    changed = {**credential, "expires_at": _moment(expires_at), "updated_at": clock.iso(clock.now_ms())}
    _store(work, client, [changed if entry["id"] == credential["id"] else entry for entry in of(client)])
    return changed


def remove(work: Work, client: Client, credential_id: str) -> None:
    """Forget a credential. Unknown ids are no error.

    :raises BadRequest: it is in force as an authentication method.
    """
    work.rows.lock(client)
    if any(entry.get("id") == credential_id for use in USES for entry in _used(client.data, use)):
        raise BadRequest(
            "The credential is in use by an authentication method of the client.", "operation_not_supported"
        )
    _store(work, client, [entry for entry in of(client) if entry["id"] != credential_id])


def _used(document: Mapping[str, Any], path: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    part: Any = document
    for name in path:
        part = (part or {}).get(name)
    return part or ()


def _store(work: Work, client: Client, credentials: list[dict[str, Any]]) -> None:
    client.data = {**client.data, "credentials": credentials}
    client.updated_at = clock.now_ms()
    work.rows.flush()
    work.configuration_changed()


def _key(members: Mapping[str, Any]) -> dict[str, Any]:
    if members["credential_type"] == "cert_subject_dn":
        return {"subject_dn": _subject(members), "expires_at": _moment(members.get("expires_at"))}
    pem = str(members.get("pem") or "").encode()
    if not pem:
        raise fault(BODY, "Missing required property: pem")
    public, certificate = _read(pem)
    jwk = _jwk(public)
    alg = members.get("alg") or _USUAL.get(jwk.get("crv", "RSA"), "")
    try:
        public_keys.read(jwk, alg=alg)
    except public_keys.Unusable as error:
        raise fault(BODY, str(error), "alg" if "alg" in members else "pem") from error
    ends = members.get("expires_at")
    if certificate is not None and members.get("parse_expiry_from_cert"):
        ends = certificate.not_valid_after_utc.isoformat()
    thumbprint = {} if certificate is None else {"thumbprint_sha256": certificate.fingerprint(hashes.SHA256()).hex()}
    return {
        "alg": alg,
        "kid": members.get("kid") or JWKRegistry.import_key(jwk).thumbprint(),
        "jwk": jwk,
        "expires_at": _moment(ends),
        **thumbprint,
    }


def _subject(members: Mapping[str, Any]) -> str:
    """The name that certificates bear: as it is written, or that of a certificate."""
    pem = str(members.get("pem") or "").encode()
    if pem:
        _, certificate = _read(pem)
        if certificate is None:
            raise fault(BODY, "A certificate is needed, not a key", "pem")
        return certificate.subject.rfc4514_string()
    written = str(members.get("subject_dn") or "")
    try:
        names = list(x509.Name.from_rfc4514_string(written, NAMES_OF_DN))
    except ValueError as error:
        raise fault(BODY, "subject_dn is no distinguished name as RFC 4514 writes it", "subject_dn") from error
    if not names:
        raise fault(BODY, "Missing required property: subject_dn or pem", "subject_dn")
    return written


def _read(pem: bytes) -> tuple[Any, x509.Certificate | None]:
    try:
        if b"CERTIFICATE" in pem:
            certificate = x509.load_pem_x509_certificate(pem)
            return certificate.public_key(), certificate
        return serialization.load_pem_public_key(pem), None
    except (ValueError, TypeError) as error:
        raise fault(BODY, "The key or certificate can't be read", "pem") from error


def _jwk(public: Any) -> dict[str, Any]:
    for kind, made in _KINDS.items():
        if isinstance(public, kind):
            return dict(made.import_key(public).as_dict(private=False))
    raise fault(BODY, "Only RSA, elliptic curve and Ed25519 keys are accepted", "pem")


def _moment(text: str | None) -> str | None:
    """A moment (:data:`~idp.foundation.kernel.formats.DateTime`) in the store's spelling; one without offset is UTC."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return clock.iso(int(aware.timestamp() * 1000))
