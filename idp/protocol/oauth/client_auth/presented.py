"""What a request shows of its client: Basic header (client_secret_basic), body (client_secret_post), an assertion
(private_key_jwt, client_secret_jwt), or only an id (none).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import unquote_plus

from idp.foundation.kernel.errors import invalid_client, invalid_request
from idp.protocol.oauth.client_auth import assertion


@dataclass(frozen=True)
class Presented:
    """A client id, and a secret or an assertion where one was sent. ``basic`` says that a 401 needs
    ``WWW-Authenticate`` (RFC 6749 5.2).
    """

    client_id: str
    secret: str | None
    basic: bool
    assertion: str | None = None

    @property
    def proves_nothing(self) -> bool:
        """Whether there is an id alone."""
        return self.secret is None and self.assertion is None


def presented(authorization: str | None, params: dict[str, str]) -> Presented:
    """Read them from the request. Raises ``invalid_request`` for two identities in one request (security.md E2)."""
    if "client_assertion" in params or "client_assertion_type" in params:
        return _asserted(authorization, params)
    in_body = params.get("client_id"), params.get("client_secret")
    if authorization and authorization[:6].lower() == "basic ":
        client_id, secret = _basic(authorization[6:])
        if in_body[1] or (in_body[0] and in_body[0] != client_id):
            raise invalid_request("Use one way of client authentication, not two")
        return Presented(client_id, secret, True)
    if not in_body[0]:
        raise invalid_client("Client authentication is missing")
    return Presented(in_body[0][:256], in_body[1] or None, False)


def _asserted(authorization: str | None, params: dict[str, str]) -> Presented:
    """RFC 7521 4.2: a ``client_id`` beside the assertion has to be the same."""
    if authorization or params.get("client_secret"):
        raise invalid_request("Use one way of client authentication, not two")
    raw = params.get("client_assertion")
    if params.get("client_assertion_type") != assertion.TYPE or not raw:
        raise invalid_client("This client authentication method is not supported")
    client_id = assertion.client_id(raw)
    if params.get("client_id") not in (None, "", client_id):
        raise invalid_request("client_id and the client assertion name two clients")
    return Presented(client_id, None, False, raw)


def _basic(encoded: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise invalid_client("The Authorization header is malformed") from error
    client_id, colon, secret = text.partition(":")
    pair = unquote_plus(client_id)[:256], unquote_plus(secret)
    if not colon or not client_id or any("\0" in each for each in pair):
        raise invalid_client("The Authorization header is malformed")
    return pair
