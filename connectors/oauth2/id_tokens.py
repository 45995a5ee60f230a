"""ID tokens of providers: verified, always, also where they come straight from the token endpoint (OIDC Core 3.1.3.7;
security.md CO1 to CO4).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from connectors.contract import ConnectorError, HttpClient
from connectors.oauth2 import key_sets
from connectors.oauth2.documents import MOST_TOKEN
from connectors.oauth2.paths import filled, text
from connectors.oauth2.provider import IdToken

if TYPE_CHECKING:
    from joserfc.jwk import Key

LEEWAY_S = 60
"""Clocks of providers may be off by that much (reliability RL11)."""
_PARTS = 3
_WITH_SECRET = frozenset({"HS256"})
REFUSED = "The identity provider's answer could not be verified."


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a token is held against. ``owner`` is the connection whose keys are remembered; ``nonce`` is what was sent,
    None where none was; ``secret`` is the client's, for HS256 alone.
    """

    rules: IdToken
    owner: str
    client_id: str
    now: int
    nonce: str | None = None
    secret: str = ""
    also_for: tuple[str, ...] = ()
    """Names of ours besides: of applications that sign people in at the source themselves. Who asked for the token is
    then another name (``azp``), and ``aud`` is us.
    """


def verified(http: HttpClient, token: object, expected: Expected) -> dict[str, Any]:
    """The claims of an ID token.

    :raises ConnectorError: it is not the one that was waited for; ``detail`` says why.
    """
    claims = signed(http, token, expected)
    check_parties(claims, expected)
    check_times(claims, expected.now)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise refused("sub is missing")
    if expected.nonce is not None:
        given = claims.get("nonce")
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), expected.nonce.encode()):
            raise refused("nonce is missing or another one")
    return claims


def signed(http: HttpClient, token: object, expected: Expected) -> dict[str, Any]:
    """The content of a token whose signature is the provider's. Nothing in it is looked at before.

    :raises ConnectorError: it has no such signature.
    """
    if not isinstance(token, str) or not token:
        raise refused("there is no ID token")
    if len(token) > MOST_TOKEN:
        raise refused(f"the token is longer than {MOST_TOKEN} characters")
    header = _header(token)
    algorithm = header.get("alg")
    if algorithm not in expected.rules.algorithms:
        raise refused(f"signed with {str(algorithm)[:20]!r}, which is not configured")
    if "crit" in header:
        raise refused("crit names extensions that are not understood")
    for key in _keys(http, header, expected):
        claims = _content(token, key, str(algorithm))
        if claims is not None:
            return claims
    url = expected.rules.jwks_uri
    if algorithm not in _WITH_SECRET:
        for key in key_sets.again(http, expected.owner, url, header, expected.now):
            claims = _content(token, key, str(algorithm))
            if claims is not None:
                return claims
    raise refused(f"no key of the provider made the signature (kid {str(header.get('kid'))[:100]!r})")


def half_hash(value: str, algorithm: str) -> str:
    """``at_hash`` and ``c_hash`` (OIDC Core 3.3.2.11)."""
    size = algorithm[-3:] if algorithm[-3:] in {"256", "384", "512"} else "512"
    digest = hashlib.new(f"sha{size}", value.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def check_hash(claims: Mapping[str, Any], name: str, value: str, token: str, *, required: bool = False) -> None:
    """``at_hash`` or ``c_hash`` of a token fits ``value``; one that is not there is fine unless it is required.

    :raises ConnectorError: it does not.
    """
    given = claims.get(name)
    if given is None and not required:
        return
    if given != half_hash(value, str(_header(token).get("alg"))):
        raise refused(f"{name} does not fit")


def refused(why: str) -> ConnectorError:
    """The error of a token that is refused."""
    return ConnectorError("access_denied", REFUSED, detail=f"token: {why}")


def check_times(claims: Mapping[str, Any], now: int, *, expires: bool = True) -> None:
    """``exp``, ``iat`` and ``nbf`` against the clock. Raises ConnectorError."""
    seconds = now // 1000
    if expires:
        check_expiry(claims, now)
    if not _is_time(claims.get("iat")):
        raise refused("iat is missing or no time")
    for name in ("iat", "nbf"):
        moment = claims.get(name)
        if moment is not None and (not _is_time(moment) or moment - LEEWAY_S > seconds):
            raise refused(f"{name} is in the future: the provider's clock and ours differ")


def check_expiry(claims: Mapping[str, Any], now: int) -> None:
    """``exp`` against the clock. Raises ConnectorError."""
    seconds = now // 1000
    if not _is_time(claims.get("exp")):
        raise refused("exp is missing or no time")
    if claims["exp"] + LEEWAY_S <= seconds:
        raise refused(f"exp is {seconds - int(claims['exp'])} s ago by our clock")


def check_parties(claims: Mapping[str, Any], expected: Expected) -> None:
    """``iss``, ``aud`` and ``azp``. Raises ConnectorError."""
    rules = expected.rules
    names = [rules.issuer, *rules.also]
    if rules.issuer_claims:
        allowed = {name: text(claims.get(name)) for name in rules.issuer_claims}
        names = [known for name in names if (known := filled(name, allowed.get)) is not None]
    if claims.get("iss") not in names:
        raise refused(f"iss is {str(claims.get('iss'))[:200]!r}")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if {expected.client_id, *expected.also_for}.isdisjoint(each for each in audiences if isinstance(each, str)):
        raise refused("aud is somebody else")
    if expected.also_for:
        return
    authorized = claims.get("azp")
    if (len(audiences) > 1 and authorized is None) or authorized not in (None, expected.client_id):
        raise refused("azp is somebody else")


def _keys(http: HttpClient, header: dict[str, Any], expected: Expected) -> list[Key]:
    if header["alg"] in _WITH_SECRET:
        from joserfc.jwk import OctKey

        if not expected.secret:
            raise refused("there is no secret to check the signature with")
        return [OctKey.import_key(expected.secret)]
    return key_sets.fitting(http, expected.owner, expected.rules.jwks_uri, header, expected.now)


def _content(token: str, key: Key, algorithm: str) -> dict[str, Any] | None:
    from joserfc import jws
    from joserfc.errors import JoseError

    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)  # RFC 7515 4: others are ignored
    try:
        payload = jws.deserialize_compact(token, key, registry=registry).payload
        claims = msgspec.json.decode(payload)
    except (JoseError, ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def _header(token: str) -> dict[str, Any]:
    if token.count(".") != _PARTS - 1:
        raise refused("it is no signed token")
    return header_of(token)


def header_of(token: str) -> dict[str, Any]:
    """What stands before a token's first point, believed by nobody yet. Raises ConnectorError."""
    first = token.partition(".")[0]
    try:
        padded = first + "=" * (-len(first) % 4)
        found = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise refused("its header is no JSON") from error
    if not isinstance(found, dict):
        raise refused("its header is no object")
    return found


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
