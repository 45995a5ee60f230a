"""What federations do about news from elsewhere."""

from __future__ import annotations

from idp.applications.clients import public_keys
from idp.applications.clients.public_keys import Unusable
from idp.foundation.kernel.events import FederationSet
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work


def check_anchors(_work: Work, event: FederationSet) -> None:
    """Whoever is trusted has keys that verify something, each with a name, and is named once."""
    met: set[str] = set()
    for position, anchor in enumerate(event.trust_anchors):
        here = f"federation.trust_anchors.{position}"
        if anchor["entity_id"] in met:
            raise fault(BODY, f"{anchor['entity_id']} is named twice", here)
        met.add(anchor["entity_id"])
        for at, jwk in enumerate(anchor["jwks"]["keys"]):
            try:
                key = public_keys.read(jwk)
            except Unusable as error:
                raise fault(BODY, str(error), f"{here}.jwks.keys.{at}") from error
            if key.kid is None:
                raise fault(BODY, "The key has no kid", f"{here}.jwks.keys.{at}")


REACTIONS = (On(FederationSet, check_anchors),)
