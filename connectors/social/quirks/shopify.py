"""Shopify: the answer that comes back with the browser is signed
(https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from connectors.contract import ConnectorError
from connectors.oauth2.quirks import Quirks

REFUSED = "The identity provider's answer could not be verified."


class Shopify(Quirks):
    """Checks ``hmac`` and the shop before the code is redeemed."""

    def arrived(self, params: Mapping[str, str]) -> None:
        """HMAC-SHA256 of the other parameters, in order of their names, keyed with the client secret."""
        signed = "&".join(f"{name}={value}" for name, value in sorted(params.items()) if name != "hmac")
        expected = hmac.new(self.call.client_secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), params.get("hmac", "").encode()):
            raise ConnectorError("access_denied", REFUSED, detail="hmac does not fit")
        if params.get("shop") != f"{self.call.option('shop')}.myshopify.com":
            raise ConnectorError("access_denied", REFUSED, detail=f"shop {params.get('shop', '')[:100]}")


QUIRKS = Shopify
