"""Google Workspace: accounts of one domain (``hd``, which Google says must be checked in the token)."""

from __future__ import annotations

from typing import Any

from connectors.contract import ConnectorError
from connectors.oauth2.quirks import Quirks

FOREIGN = "Your account belongs to another organization."


class Workspace(Quirks):
    """Refuses accounts of other domains, and personal ones."""

    def authorize(self, params: dict[str, str]) -> None:
        """Google shows the accounts of the domain."""
        params["hd"] = self.call.option("domain")

    def claims(self, claims: dict[str, Any]) -> dict[str, Any]:
        """``hd`` is the domain."""
        if str(claims.get("hd", "")).lower() != self.call.option("domain").lower():
            raise ConnectorError("access_denied", FOREIGN, detail=f"hd {str(claims.get('hd'))[:253]}")
        return claims


QUIRKS = Workspace
