"""What FAPI 2.0 demands of the requests of a client that has a ``compliance_level`` (Security Profile 5.3.2.2)."""

from __future__ import annotations

from idp.foundation.kernel.errors import OAuthError, invalid_request
from idp.protocol.oauth.authorize.request import Draft


def check_profile(draft: Draft) -> None:
    """Codes alone, PKCE, and no answer in the clear over http; that the request was pushed, and signed where that is
    demanded, is checked with the client's other requirements.
    """
    client = draft.known_client
    if client.profile is None:
        return
    if draft.params.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", "The client's profile has the response type code alone")
    if not draft.params.get("code_challenge"):
        raise invalid_request("The client's profile needs PKCE: code_challenge is missing")
    if draft.checked["redirect_uri"].startswith("http://"):
        raise invalid_request("The client's profile needs a redirect_uri with https")
