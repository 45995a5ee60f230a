"""What keys do about news from elsewhere."""

from __future__ import annotations

from idp.foundation.kernel.events import FederationSet
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import service


def make_federation_key(work: Work, event: FederationSet) -> None:
    """Who is to be an entity of a federation can sign as one."""
    if event.enabled:
        service.ensure_federation(work)


REACTIONS = (On(FederationSet, make_federation_key),)
