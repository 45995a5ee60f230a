"""Microsoft Entra ID: one directory alone, known by the ``tid`` of its tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.contract import ConnectorError
from connectors.oauth2.quirks import Quirks

_DIRECTORY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
FOREIGN = "Your account belongs to another organization."


class Entra(Quirks):
    """Refuses other directories, and takes the id that the connection says."""

    def claims(self, claims: dict[str, Any]) -> dict[str, Any]:
        """The directory is the configured one. A domain says nothing of its ID; then the token endpoint, which is that
        of the directory, vouches for it.
        """
        entered = (self.call.option("tenantId") or self.call.option("tenant_domain")).lower()
        if _DIRECTORY.match(entered) and str(claims.get("tid", "")).lower() != entered:
            raise ConnectorError("access_denied", FOREIGN, detail=f"tid {str(claims.get('tid'))[:64]}")
        claims["account"] = claims.get(self._names)
        return claims

    def profile(
        self, document: dict[str, Any], tokens: Mapping[str, Any], arrival: Mapping[str, str]
    ) -> dict[str, Any]:
        """Claims that are tried without a token name the account, too."""
        return {**document, "account": document[self._names]} if self._names in document else document

    @property
    def _names(self) -> str:
        """The claim that names it."""
        return "oid" if self.call.option("userid_attribute") == "oid" else "sub"


QUIRKS = Entra
