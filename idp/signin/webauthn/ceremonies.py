"""What browsers are asked, and what their answers prove (WebAuthn Level 3, 7.1 and 7.2).

The library ``webauthn`` checks type, challenge, origin, relying party, presence, verification, backup flags and
signature. Here is what it leaves to us: that the answer was not made in a frame of another site, that whoever it names
owns the credential, and that a credential does not change what it said it is. Counters are ours to compare
(:mod:`.service`): the library would refuse those of passkeys that several devices share.
"""

from __future__ import annotations

import binascii
import secrets
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from idp.foundation.kernel import strict_json
from idp.foundation.kernel.secrets import b64url, digest, equal
from idp.foundation.kernel.strict_json import InvalidJson
from idp.signin.webauthn.relying_party import RelyingParty

if TYPE_CHECKING:
    from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
    from webauthn.registration.verify_registration_response import VerifiedRegistration

ALGORITHMS = (-8, -7, -257)
"""EdDSA, ES256, RS256, as COSE numbers them; the ones that we like best first."""
TIMEOUT_MS = 60_000
HANDLE_BYTES = 32
LONGEST_RESPONSE = 16_384
LONGEST_ID = 1_364
"""Letters of a credential id in base64url: 1023 bytes (WebAuthn 3, 4)."""
TRANSPORTS = frozenset({"ble", "hybrid", "internal", "nfc", "smart-card", "usb", "cable"})


class NotProven(Exception):
    """The answer proves nothing: ``detail`` says why, for the log alone."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True)
class Response:
    """What a browser answered, read but not believed: the JSON of a ``PublicKeyCredential``."""

    document: Mapping[str, Any]
    credential_id: str
    challenge: str
    user_handle: str | None
    cross_platform: bool
    transports: tuple[str, ...]


@dataclass(frozen=True)
class Stored:
    """A credential as it is kept. One that was made elsewhere may have no handle, and nobody may know whether it can be
    backed up: nothing is held against that then.
    """

    public_key: str
    user_handle: str | None
    backup_eligible: bool | None


@dataclass(frozen=True)
class Assertion:
    """A key was shown: its count, whether it is backed up now, and whether its device made sure who used it."""

    sign_count: int
    backup_eligible: bool
    backed_up: bool
    user_verified: bool


@dataclass(frozen=True)
class Attestation:
    """A key was made."""

    credential_id: str
    public_key: str
    sign_count: int
    aaguid: str
    backup_eligible: bool
    backed_up: bool
    user_verified: bool
    transports: tuple[str, ...]


def new_handle() -> str:
    """What a credential knows its owner by: random, so that it says nothing about them."""
    return b64url(secrets.token_bytes(HANDLE_BYTES))


def credential_hash(rp_id: str, credential_id: str) -> str:
    """What a credential is found by."""
    return digest(f"{rp_id}\0{credential_id}")


def request_options(rp: RelyingParty, challenge: str, *, verification: str = "required") -> dict[str, Any]:
    """``PublicKeyCredentialRequestOptionsJSON`` for whichever passkey somebody has here."""
    return {
        "challenge": challenge,
        "timeout": TIMEOUT_MS,
        "rpId": rp.id,
        "userVerification": verification,
    }


def creation_options(
    rp: RelyingParty,
    challenge: str,
    *,
    handle: str,
    name: str,
    display_name: str,
    exclude: Sequence[tuple[str, Sequence[str]]] = (),
    verification: str = "required",
) -> dict[str, Any]:
    """``PublicKeyCredentialCreationOptionsJSON``; ``exclude`` are the (id, transports) somebody has already."""
    return {
        "challenge": challenge,
        "timeout": TIMEOUT_MS,
        "rp": {"id": rp.id, "name": rp.name},
        "user": {"id": handle, "name": name, "displayName": display_name},
        "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in ALGORITHMS],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": verification,
        },
        "attestation": "none",
        "excludeCredentials": [
            {"type": "public-key", "id": each, **({"transports": list(ways)} if ways else {})} for each, ways in exclude
        ],
    }


def read(raw: str) -> Response:
    """The answer that a browser gave. Raises NotProven for what is none."""
    if not raw or len(raw) > LONGEST_RESPONSE:
        raise NotProven("no answer, or one that is too large")
    document = _object(raw, "the answer")
    response = document.get("response")
    credential_id = document.get("id")
    if not isinstance(response, dict) or not isinstance(credential_id, str) or len(credential_id) > LONGEST_ID:
        raise NotProven("the answer is no credential")
    client = _object(_decoded(response.get("clientDataJSON")), "clientDataJSON")
    if client.get("crossOrigin") not in (None, False) or client.get("topOrigin") is not None:
        raise NotProven("made in a frame of another site")
    challenge, handle, ways = client.get("challenge"), response.get("userHandle"), response.get("transports")
    return Response(
        document,
        credential_id,
        challenge if isinstance(challenge, str) else "",
        handle if isinstance(handle, str) and handle else None,
        document.get("authenticatorAttachment") == "cross-platform",
        tuple(dict.fromkeys(each for each in _texts(ways) if each in TRANSPORTS)),
    )


def asserted(
    response: Response,
    stored: Stored,
    *,
    challenge: str,
    rp_id: str,
    origins: Sequence[str],
    verified: bool,
    discovered: bool = True,
) -> Assertion:
    """What an answer to :func:`request_options` proves of a stored credential. ``verified``: the device has to have
    made sure who used it; ``discovered``: the answer itself has to say whose it is. Raises NotProven.
    """
    if response.user_handle is None and discovered:
        raise NotProven("no userHandle")
    known = stored.user_handle
    if response.user_handle is not None and known is not None and not equal(response.user_handle, known):
        raise NotProven("the userHandle is another one's")
    found = _assertion(response, stored, challenge, rp_id, origins, verified)
    eligible = found.credential_device_type.value == "multi_device"
    if stored.backup_eligible not in (None, eligible):
        raise NotProven("the credential changed whether it may be backed up")
    return Assertion(found.new_sign_count, eligible, found.credential_backed_up, found.user_verified)


def attested(response: Response, *, challenge: str, rp_id: str, origins: Sequence[str], verified: bool) -> Attestation:
    """The credential that was made for :func:`creation_options`. Raises NotProven."""
    found = _attestation(response, challenge, rp_id, origins, verified)
    if b64url(found.credential_id) != response.credential_id:
        raise NotProven("the credential was made under another id")
    return Attestation(
        response.credential_id,
        b64url(found.credential_public_key),
        found.sign_count,
        found.aaguid,
        found.credential_device_type.value == "multi_device",
        found.credential_backed_up,
        found.user_verified,
        response.transports,
    )


def _assertion(
    response: Response, stored: Stored, challenge: str, rp_id: str, origins: Sequence[str], verified: bool
) -> VerifiedAuthentication:
    from webauthn import verify_authentication_response

    try:
        return verify_authentication_response(
            credential=dict(response.document),
            expected_challenge=_bytes(challenge),
            expected_rp_id=rp_id,
            expected_origin=list(origins),
            credential_public_key=_bytes(stored.public_key),
            credential_current_sign_count=0,  # the service compares
            require_user_verification=verified,
        )
    except Exception as error:  # whatever a stranger's bytes do inside of parsers: they prove nothing
        raise NotProven(_reason(error)) from error


def _attestation(
    response: Response, challenge: str, rp_id: str, origins: Sequence[str], verified: bool
) -> VerifiedRegistration:
    from webauthn import verify_registration_response
    from webauthn.helpers.cose import COSEAlgorithmIdentifier

    try:
        return verify_registration_response(
            credential=dict(response.document),
            expected_challenge=_bytes(challenge),
            expected_rp_id=rp_id,
            expected_origin=list(origins),
            require_user_verification=verified,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(number) for number in ALGORITHMS],
        )
    except Exception as error:  # as above
        raise NotProven(_reason(error)) from error


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]


def _object(raw: str | bytes, what: str) -> dict[str, Any]:
    try:
        found = strict_json.decode(raw)
    except InvalidJson as error:
        raise NotProven(f"{what} is no JSON") from error
    if not isinstance(found, dict):
        raise NotProven(f"{what} is no object")
    return found


def _decoded(value: object) -> bytes:
    if not isinstance(value, str):
        raise NotProven("clientDataJSON is missing")
    try:
        return _bytes(value)
    except (binascii.Error, ValueError) as error:
        raise NotProven("clientDataJSON is no base64url") from error


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
