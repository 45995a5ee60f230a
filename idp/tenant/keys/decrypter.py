"""What clients encrypt to us (RFC 7516): request objects. The tenant's keys for that stand beside its signing keys, are
published with ``use`` ``enc``, and turn with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

from idp.foundation.tenancy.work import Work
from idp.tenant.keys import service, signer, store
from idp.tenant.keys.signer import InvalidToken

KEYS: Mapping[str, str] = {
    "RSA-OAEP": service.RSA_ENCRYPTION,
    "RSA-OAEP-256": service.RSA_ENCRYPTION,
    **dict.fromkeys(("ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"), service.EC_ENCRYPTION),
}
"""Algorithms that are taken, and the key of ours that each is for."""
CONTENT = ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")
PARTS = 5
_ALLOWED = frozenset({"alg", "enc", "kid", "cty", "typ", "epk", "apu", "apv", "iss", "aud"})
"""Members of a header; no ``zip``, no ``crit``, nothing with passwords (``p2c``)."""


def is_encrypted(token: str) -> bool:
    """Whether it looks like a compact JWE."""
    return token.count(".") == PARTS - 1


def opened(work: Work, token: str) -> str:
    """The token inside. Raises InvalidToken, with one text for whatever is wrong with the content."""
    from joserfc import jwe  # once somebody sends such a token, and not in every process

    if len(token) > signer.MAX_TOKEN_LENGTH:
        raise InvalidToken("too long")
    head = signer.protected(token)
    alg, enc, kid = str(head.get("alg")), str(head.get("enc")), head.get("kid")
    if alg not in KEYS or enc not in CONTENT or not _ALLOWED.issuperset(head):
        raise InvalidToken("encrypted in a way that is not taken")
    ours = [each for each in store.ring(work).keys if each.alg == KEYS[alg] and each.state != "revoked"]
    for key in ours:
        if kid in (None, key.kid):
            try:
                plain = jwe.decrypt_compact(token, _private(work, key), algorithms=[alg, enc]).plaintext
                return (plain or b"").decode("ascii")
            except (JoseError, ValueError):
                continue
    raise InvalidToken("not encrypted to a key of ours")


def _private(work: Work, key: store.Key) -> Any:
    return JWKRegistry.import_key(store.pem(work, key), key_type="RSA" if key.alg == service.RSA_ENCRYPTION else "EC")
