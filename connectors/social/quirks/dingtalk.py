"""DingTalk: names of its own in the token request
(https://open.dingtalk.com/document/orgapp/obtain-user-token).
"""

from __future__ import annotations

from connectors.oauth2.quirks import Quirks

_NAMES = {
    "client_id": "clientId",
    "client_secret": "clientSecret",
    "grant_type": "grantType",
    "refresh_token": "refreshToken",
}


class DingTalk(Quirks):
    """The exchange in its words."""

    def token_request(self, form: dict[str, str], headers: dict[str, str]) -> None:
        """Renamed; the redirect URI is not asked for."""
        form.pop("redirect_uri", None)
        for name, theirs in _NAMES.items():
            if name in form:
                form[theirs] = form.pop(name)


QUIRKS = DingTalk
