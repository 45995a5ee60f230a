"""What clients sign with keys of their own: assertions and request objects. Keys that a token brings along or points to
(``jwk``, ``jku``, ``x5c``, ``x5u``) are never looked at (security.md E5, A12).
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from idp.applications.clients import compliance, public_keys
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import signer, store

SKEW_S = 30
"""What clocks may differ by."""


def claims(
    work: Work,
    client: ClientConfig,
    raw: str,
    *,
    use: Sequence[str],
    types: Container[str],
    most: int = signer.MAX_TOKEN_LENGTH,
) -> dict[str, Any]:
    """The claims of a compact JWS of these ``types`` that the client signed with a key that is in force for that
    ``use``. Raises InvalidToken.
    """
    head, said = signer.opened(raw, types, most)
    alg, kid = str(head.get("alg")), head.get("kid")
    if client.profile is not None and alg not in compliance.ALGORITHMS:
        raise signer.InvalidToken(f"signed with {alg[:20]!r}, which the client's profile does not have")
    body, signature = parts(raw)
    keys = public_keys.fitting(work, client, use, alg, kid if isinstance(kid, str) else None)
    if not any(key.verifies(alg, body, signature) for key in keys):
        raise signer.BadSignature(f"no key of the client made this signature ({alg[:20]!r}, kid {str(kid)[:64]!r})")
    return said


def parts(raw: str) -> tuple[bytes, bytes]:
    """What is signed, and the signature. Raises BadSignature."""
    body, _, signature = raw.rpartition(".")
    try:
        return body.encode("ascii"), store.decode_segment(signature)
    except ValueError as error:
        raise signer.BadSignature("unreadable signature") from error


def audience(said: dict[str, Any]) -> list[str]:
    """``aud`` as a list, which is empty where it is no text and no list of texts."""
    found = said.get("aud")
    named: list[Any] = found if isinstance(found, list) else [found]
    return named if all(isinstance(each, str) for each in named) else []


def timely(said: dict[str, Any], most_s: int) -> bool:
    """Whether it is good now, with an end that lies ``most_s`` seconds ahead at most, clocks a little apart."""
    now, ends = clock.now(), _moment(said.get("exp"))
    if ends is None or not now - SKEW_S < ends <= now + most_s + SKEW_S:
        return False
    return begun(said)


def begun(said: dict[str, Any]) -> bool:
    """Whether it is good already, as far as it says since when."""
    begins = [_moment(said[name]) for name in ("nbf", "iat") if name in said]
    return all(begin is not None and begin <= clock.now() + SKEW_S for begin in begins)


def _moment(value: object) -> float | None:
    """A NumericDate (RFC 7519 2)."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
