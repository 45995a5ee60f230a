"""QQ: the account's id is asked for with a call of its own, which the profile's call needs
(https://wiki.connect.qq.com/).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from connectors.contract import ConnectorError
from connectors.oauth2.documents import alive, garbage, value
from connectors.oauth2.quirks import Quirks

ME = "https://graph.qq.com/oauth2.0/me"


class Qq(Quirks):
    """Adds ``openid`` (and ``unionid``) to the token answer, as WeChat does."""

    def token_answer(self, answer: dict[str, Any]) -> dict[str, Any]:
        """With the ids."""
        token = answer.get("access_token")
        if not isinstance(token, str):
            return answer
        query = urlencode({"access_token": token, "unionid": "1", "fmt": "json"})
        said = value(alive(self.call.http.get(f"{ME}?{query}"), "openid"), "openid")
        if not isinstance(said, dict) or said.get("client_id") != self.call.client_id:
            raise garbage("openid", f"not a token for this application: {str(said)[:200]}")
        if not isinstance(said.get("openid"), str):
            raise ConnectorError("access_denied", "The identity provider did not say who you are.", detail="no openid")
        return {**answer, **{name: said[name] for name in ("openid", "unionid") if isinstance(said.get(name), str)}}


QUIRKS = Qq
