"""Entity statements: signed words of one entity about another, or about itself (OpenID Federation 1.0, 3)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from idp.applications.clients import public_keys
from idp.applications.clients.public_keys import ClientKey
from idp.foundation.kernel import clock, redirects
from idp.foundation.kernel.errors import OAuthError
from idp.tenant.keys import signer, store

TYPE = "entity-statement+jwt"
SKEW_S = 30
"""What clocks may differ by."""
MOST_BYTES = 65_536
"""Of one statement."""
MOST_ADDRESS = 1_024
_HOST = re.compile(r"([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:[0-9]*)?")
"""A name, or an address of version 4 or 6, with or without a port."""
RELYING_PARTY = "openid_relying_party"
FEDERATION_ENTITY = "federation_entity"


class TrustProblem(OAuthError):
    """Why somebody is not trusted: ``invalid_trust_chain``, ``invalid_trust_anchor`` or ``invalid_metadata``."""


class NoEntity(TrustProblem):
    """The address is none of an entity: it publishes no configuration."""


@dataclass(frozen=True)
class Statement:
    """One statement; ``keys`` are those of its subject. Moments in seconds."""

    raw: str
    iss: str
    sub: str
    iat: int
    exp: int
    keys: tuple[ClientKey, ...]
    said: Mapping[str, Any]

    @property
    def is_configuration(self) -> bool:
        """Whether an entity speaks of itself."""
        return self.iss == self.sub

    def metadata(self, kind: str) -> Mapping[str, Any] | None:
        """What it says of the subject as an entity of that kind; None where it says nothing."""
        found = mapping(self.said.get("metadata"), "metadata").get(kind)
        return None if found is None else mapping(found, f"metadata.{kind}")

    def hints(self) -> list[str]:
        """The superiors that the entity names."""
        found = self.said.get("authority_hints", [])
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise broken("authority_hints is no list of addresses")
        return found


def broken(text: str, detail: str | None = None) -> TrustProblem:
    """A chain that proves nothing."""
    return TrustProblem("invalid_trust_chain", text, detail=detail)


def mapping(value: object, name: str) -> Mapping[str, Any]:
    """An object that may be left out. Raises TrustProblem for anything else."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise broken(f"{name} is no object")
    return value


def read(raw: str) -> Statement:
    """A statement, believed by nobody yet: its form and its time are good (3.2).

    :raises TrustProblem: they are not.
    """
    said = opened(raw, TYPE)
    iss, sub = said.get("iss"), said.get("sub")
    if not is_entity(iss) or not is_entity(sub):
        raise broken("iss or sub of a statement names no entity")
    exp = _moment(said.get("exp"), "exp")
    if "crit" in said:
        raise broken("A statement needs something that is not known here (crit)")
    keys = _keys(said.get("jwks"))
    return Statement(raw, str(iss), str(sub), _moment(said.get("iat"), "iat"), exp, keys, said)


def opened(raw: str, typ: str) -> dict[str, Any]:
    """The claims of a JWS of that type that is good at this moment, as far as it says so; believed by nobody yet.
    Raises TrustProblem.
    """
    try:
        head, said = signer.opened(raw, {typ, f"application/{typ}"}, most=MOST_BYTES)
    except signer.InvalidToken as error:
        raise broken(f"Something that should be signed ({typ}) can't be read", str(error)) from error
    if not isinstance(head.get("kid"), str) or head.get("alg") not in public_keys.ALGORITHMS:
        raise broken("A signature names no key (kid), or an algorithm that is not taken (alg)")
    now = clock.now()
    if _moment(said.get("iat"), "iat") > now + SKEW_S:
        raise broken("A statement is of the future (iat)")
    if "exp" in said and _moment(said["exp"], "exp") <= now - SKEW_S:
        raise broken("A statement is over (exp)")
    return said


def check_signature(raw: str, keys: Sequence[ClientKey], whose: str) -> None:
    """One of the keys made it. Raises TrustProblem."""
    head = signer.protected(raw)
    alg, kid = str(head.get("alg")), str(head.get("kid"))
    body, _, signature = raw.rpartition(".")
    try:
        made = store.decode_segment(signature)
    except ValueError as error:
        raise broken("A signature can't be read") from error
    if not any(key.verifies(alg, body.encode(), made) for key in keys if key.kid == kid and key.fits(alg, kid)):
        raise broken(f"A statement is not signed with a key of {whose}"[:300])


def is_entity(value: object) -> bool:
    """Whether it is the address of an entity (1.2): https, a host, neither query nor fragment. A host with a dot at its
    end, or written with ``%``, is one that superiors may have excluded by its usual name.
    """
    if not isinstance(value, str) or len(value) > MOST_ADDRESS:
        return False
    parts = redirects.parse(value)
    if parts is None or parts.scheme != "https" or not parts.hostname or not _HOST.fullmatch(parts.netloc.lower()):
        return False
    return not (parts.query or parts.fragment or parts.username or "?" in value or "#" in value)


def host(entity: str) -> str:
    """The host of an entity."""
    return (urlsplit(entity).hostname or "").lower()


def _keys(jwks: object) -> tuple[ClientKey, ...]:
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not keys:
        raise broken("A statement has no keys (jwks)")
    named = [each.get("kid") for each in keys if isinstance(each, dict)]
    if len(named) != len(keys) or not all(isinstance(each, str) and each for each in named):
        raise broken("A key of a statement has no kid")
    if len(set(named)) != len(named):
        raise broken("Two keys of a statement have one kid")
    return tuple(public_keys.readable(keys))


def _moment(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise broken(f"{name} of a statement is missing, or no moment")
    return int(value)
