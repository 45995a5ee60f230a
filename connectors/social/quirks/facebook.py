"""Facebook: calls prove that they come from the app's server
(https://developers.facebook.com/docs/graph-api/guides/secure-requests).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from connectors.oauth2.provider import Fetch
from connectors.oauth2.quirks import Quirks


class Facebook(Quirks):
    """``appsecret_proof``: HMAC-SHA256 of the access token, keyed with the app secret."""

    def fetch(
        self, fetch: Fetch, url: str, params: dict[str, str], headers: dict[str, str], tokens: Mapping[str, Any]
    ) -> str:
        """With the proof."""
        token, secret = str(tokens.get("access_token", "")), self.call.client_secret
        if secret:
            params["appsecret_proof"] = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        return url


QUIRKS = Facebook
