"""Apple: the client's secret is a token that is signed for each exchange, and the name comes once, beside the code
(https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from connectors.contract import ConnectorError
from connectors.oauth2.quirks import Quirks

AUDIENCE = "https://appleid.apple.com"
LIFETIME_S = 300
MOST_USER = 4_096
"""Characters of what is told of the name."""
_SAID = {"true": True, "false": False}
BAD_KEY = "This way to sign in is not set up yet."


class Apple(Quirks):
    """Signs the secret, and reads the form that Apple has browsers post."""

    def secret(self) -> str:
        """A JWT of the team, signed with its key (ES256)."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import ECKey

        now = self.call.now // 1000
        claims = {
            "iss": self.call.option("team_id"),
            "iat": now,
            "exp": now + LIFETIME_S,
            "aud": AUDIENCE,
            "sub": self.call.client_id,
        }
        try:
            key = ECKey.import_key(self.call.option("app_secret").strip())
            return jwt.encode({"alg": "ES256", "kid": self.call.option("kid")}, claims, key, algorithms=["ES256"])
        except (JoseError, ValueError, TypeError) as error:
            raise ConnectorError("access_denied", BAD_KEY, detail="options.app_secret is no key for ES256") from error

    def claims(self, claims: dict[str, Any]) -> dict[str, Any]:
        """Apple documents ``email_verified`` and ``is_private_email`` as "true" or true: its own texts count here."""
        for name in ("email_verified", "is_private_email"):
            said = claims.get(name)
            if isinstance(said, str):
                claims[name] = _SAID.get(said)
        return claims

    def profile(
        self, document: dict[str, Any], tokens: Mapping[str, Any], arrival: Mapping[str, str]
    ) -> dict[str, Any]:
        """``user`` holds the name, at the first sign-in only. It came through the browser: whoever signs in may have
        written it, as they may their name; the address in it is nobody's proof and is left out.
        """
        said = arrival.get("user", "")
        if not said or len(said) > MOST_USER:
            return document
        try:
            user = msgspec.json.decode(said)
        except (msgspec.DecodeError, RecursionError):
            return document
        name = user.get("name") if isinstance(user, dict) else None
        return {**document, "user": {"name": name}} if isinstance(name, dict) else document


QUIRKS = Apple
