"""Signed requests of OAuth 1.0a (RFC 5849 3), by Authlib's signer, through the product's own way out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from connectors.contract import ConnectorError, HttpAnswer
from connectors.oauth2.documents import MOST_TOKEN, alive, garbage
from connectors.oauth2.exchange import BAD_REQUEST, DENIED
from connectors.oauth2.quirks import Call

RSA = "RSA-SHA1"
METHODS = ("HMAC-SHA1", RSA, "PLAINTEXT")
"""RFC 5849 3.4."""
NOT_SIGNED = "This way to sign in is not set up yet."
_MOST_MEMBERS = 100


def header(call: Call, method: str, http_method: str, url: str, **said: str) -> dict[str, str]:
    """The ``Authorization`` of a request without a body of its own. ``said`` are ``token``, ``token_secret``,
    ``redirect_uri`` and ``verifier``, as far as there are any.

    :raises ConnectorError: what the operator entered cannot sign.
    """
    from authlib.oauth1 import ClientAuth

    key = {"rsa_key": call.client_secret} if method == RSA else {"client_secret": call.client_secret}
    auth: Any = ClientAuth(call.client_id, **key, **said, signature_method=method)
    try:
        _, headers, _ = auth.prepare(http_method, url, {}, b"")
    except (ValueError, TypeError) as error:  # a private key that is none
        raise ConnectorError("access_denied", NOT_SIGNED, detail=f"{method}: {error}"[:300]) from error
    return {"Authorization": str(headers["Authorization"])}


def exchanged(call: Call, method: str, what: str, url: str, **said: str) -> dict[str, str]:
    """The credentials that an endpoint gives for a signed POST (RFC 5849 2.1, 2.3): a form.

    :raises ConnectorError: it refuses, answers nonsense, or does not answer.
    """
    headers = {"Accept": "application/x-www-form-urlencoded, */*;q=0.1", **header(call, method, "POST", url, **said)}
    answer = alive(call.http.post_form(url, {}, headers=headers), what)
    if answer.status >= BAD_REQUEST:
        raise ConnectorError("access_denied", DENIED, detail=f"{what}: status {answer.status} {_words(answer)}".strip())
    found = _form(answer, what)
    for name in ("oauth_token", "oauth_token_secret"):
        if not 0 < len(found.get(name, "")) <= MOST_TOKEN:
            raise garbage(what, f"no {name}")
    return found


def asked(call: Call, method: str, url: str, credentials: Mapping[str, str]) -> HttpAnswer:
    """The answer to a signed GET. Raises ConnectorError where nobody answers."""
    said = {"token": credentials["oauth_token"], "token_secret": credentials["oauth_token_secret"]}
    headers = {"Accept": "application/json", **header(call, method, "GET", url, **said)}
    return alive(call.http.get(url, headers=headers), "profile")


def _form(answer: HttpAnswer, what: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(answer.body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_MEMBERS))
    except ValueError as error:  # UnicodeDecodeError is one
        raise garbage(what, f"status {answer.status}, no form") from error


def _words(answer: HttpAnswer) -> str:
    """What a refusal says, for the log: the problem that it names (OAuth Problem Reporting), else its first words."""
    said = answer.body[:300].decode("utf-8", "replace")
    return dict(parse_qsl(said)).get("oauth_problem", " ".join(said.split()))[:200]
