"""Tokens that a provider encrypted to the connection's own key (RFC 7516, OIDC Core 10.2).

Who encrypts is anybody: it proves nothing, and whatever comes out is verified as if it had come so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.contract import KeyPair
from connectors.oauth2.documents import MOST_TOKEN
from connectors.oauth2.id_tokens import header_of, refused

KEY_ALGORITHMS = frozenset({"RSA-OAEP", "RSA-OAEP-256"})
"""How the key of the content is encrypted: not with RSA 1.5, which oracles are made of, and with no shared secret."""
CONTENT_ALGORITHMS = frozenset(
    {"A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM"},
)
_PARTS = 5
_MOST_TRIED = 2
"""Keys that are tried for a token that names none: the one in use, and the one before."""


def is_encrypted(token: str) -> bool:
    """Whether it has the form of an encrypted one."""
    return token.count(".") == _PARTS - 1


def content(token: str, pairs: Sequence[KeyPair]) -> bytes:
    """What was encrypted to one of our keys.

    :raises ConnectorError: it was not, or in a way that is not opened here.
    """
    if len(token) > MOST_TOKEN:
        raise refused(f"the token is longer than {MOST_TOKEN} characters")
    header = header_of(token)
    algorithm, enc = header.get("alg"), header.get("enc")
    if algorithm not in KEY_ALGORITHMS or enc not in CONTENT_ALGORITHMS:
        raise refused(f"encrypted with {str(algorithm)[:20]!r} and {str(enc)[:20]!r}, which is not supported")
    if "crit" in header or "zip" in header:
        raise refused("crit or zip of an encrypted token is not understood")
    for pair in _fitting(pairs, header.get("kid")):
        found = _opened(token, pair, [str(algorithm), str(enc)])
        if found is not None:
            return found
    raise refused(f"encrypted to no key of this connection (kid {str(header.get('kid'))[:100]!r})")


def _fitting(pairs: Sequence[KeyPair], kid: object) -> list[KeyPair]:
    own = [each for each in pairs if each.encrypts]
    return own[:_MOST_TRIED] if kid is None else [each for each in own if each.kid == kid]


def _opened(token: str, pair: KeyPair, algorithms: list[str]) -> bytes | None:
    from joserfc import jwe
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey

    key: Any = RSAKey.import_key(pair.private_key)
    registry = jwe.JWERegistry(algorithms=algorithms, strict_check_header=False)  # RFC 7516 4: others are ignored
    try:
        found = jwe.decrypt_compact(token, key, registry=registry).plaintext
    except (JoseError, ValueError, TypeError):
        return None
    return found
