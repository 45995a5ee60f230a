"""Public keys of the tenant's own beside ours in the JWKS (``/keys/custom-signing``): tokens that somebody else signs
for its applications, as while it moves here, are verified by the same document. Nothing here trusts them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from idp.foundation.kernel.errors import BadRequest, NotFound
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import store

KIND: Final = "custom-signing-keys"
ONE: Final = "default"
LEAST_BITS: Final = 2048


def get(work: Work) -> list[dict[str, Any]]:
    """The keys as they were set. Raises NotFound where there are none."""
    row = documents.get(work, KIND, ONE)
    if row is None:
        raise NotFound("The custom signing keys do not exist.", "inexistent_custom_signing_keys")
    return list(row.document["keys"])


def replace(work: Work, keys: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Publish these, and no others of the tenant's own. Raises BadRequest for what is no public key, or has the id of
    another.
    """
    ours = {key.kid for key in store.ring(work).keys}
    named = [key["kid"] for key in keys if key.get("kid")]
    if len(set(named)) < len(named) or ours.intersection(named):
        raise BadRequest("Two keys have the same kid.", "invalid_body")
    for number, key in enumerate(keys):
        _check(key, f"keys[{number}]")
    kept = [dict(key) for key in keys]
    documents.put(work, KIND, ONE, {"keys": kept})
    return kept


def remove(work: Work) -> None:
    """Publish our own alone. That there were none is no error."""
    documents.remove(work, KIND, ONE)


def published(work: Work) -> list[dict[str, Any]]:
    """What stands in the JWKS beside our own keys."""
    found = documents.of_kind(work, KIND).get(ONE)
    return list(found["keys"]) if found else []


def _check(key: Mapping[str, Any], where: str) -> None:
    kind = RSAKey if key["kty"] == "RSA" else ECKey
    try:
        if kind is RSAKey and len(store.decode_segment(key["n"])) * 8 < LEAST_BITS:
            raise fault(BODY, f"Keys have at least {LEAST_BITS} bits", where)
        kind.import_key(dict(key))
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise fault(BODY, "Object is no public key", where) from error
