"""What would come of a profile that a tenant's database answers: every member under its own name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.contract import Identity
from connectors.database.custom.hooks import identity

EXAMPLE: Mapping[str, Any] = {
    "user_id": "248289761001",
    "email": "jane@example.com",
    "email_verified": True,
    "name": "Jane Doe",
    "department": "Orchards",
}


class MapsProfiles:
    """See :class:`connectors.contract.Maps`."""

    def example(self) -> Mapping[str, Any]:
        """See :class:`connectors.contract.Maps`."""
        return EXAMPLE

    def configured(self) -> Mapping[str, str]:
        """See :class:`connectors.contract.Maps`: whoever wrote the database's answers chose their names."""
        return {}

    def maps(self, said: Mapping[str, Any]) -> Identity:
        """See :class:`connectors.contract.Maps`."""
        return identity(dict(said))

    def recalled(self, known: Identity) -> Mapping[str, Any]:
        """See :class:`connectors.contract.Maps`. Attributes have the names that the database gave them."""
        return {"user_id": known.user_id, **known.profile}
