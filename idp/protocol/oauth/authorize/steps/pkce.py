"""PKCE (RFC 7636, security.md D1-D5)."""

from __future__ import annotations

import re

from idp.foundation.kernel.errors import invalid_request
from idp.protocol.oauth.authorize.request import Draft

_CHALLENGE = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


def check_pkce(draft: Draft) -> None:
    """Public clients must send a challenge; only S256 unless compatibility says otherwise."""
    client = draft.known_client
    challenge, method = draft.params.get("code_challenge"), draft.params.get("code_challenge_method")
    if not challenge:
        if method:
            raise invalid_request("code_challenge_method without code_challenge")
        if client.public and _has_code(draft) and not client.compatibility.public_clients_without_pkce:
            raise invalid_request("Public clients must use PKCE: code_challenge is missing")
        return
    method = method or "plain"
    if method != "S256" and not (method == "plain" and client.compatibility.plain_pkce):
        raise invalid_request("Unsupported code_challenge_method: use S256")
    if not _CHALLENGE.fullmatch(challenge):
        raise invalid_request("The code_challenge is malformed")
    if not _has_code(draft):
        return
    draft.checked["code_challenge"], draft.checked["code_challenge_method"] = challenge, method


def _has_code(draft: Draft) -> bool:
    return "code" in (draft.params.get("response_type") or "").split()
