"""Whose sign-in is asked for, and how fresh: prompt, max_age, hints, connection (OIDC Core 3.1.2.1)."""

from __future__ import annotations

from idp.directory.connections import runtime as connections
from idp.foundation.kernel import sizes
from idp.foundation.kernel.errors import OAuthError, invalid_request
from idp.protocol.oauth import id_token_hint
from idp.protocol.oauth.authorize import acr
from idp.protocol.oauth.authorize.request import Draft
from idp.tenant.keys import signer

PROMPTS = frozenset({"none", "login", "consent", "select_account", "create"})
MAX_HINT = sizes.HINT.most
MAX_AGE_DIGITS = 10


def check_prompt(draft: Draft) -> None:
    """``none`` stands alone; values nobody defined are passed over."""
    values = tuple(dict.fromkeys((draft.params.get("prompt") or "").split()))
    if "none" in values and len(values) > 1:
        raise invalid_request("prompt=none must be the only value of prompt")
    draft.checked["prompt"] = tuple(value for value in values if value in PROMPTS)


def check_max_age(draft: Draft) -> None:
    """``max_age`` is a whole number of seconds."""
    raw = draft.params.get("max_age")
    if raw is None or raw == "":
        return
    if not (raw.isascii() and raw.isdecimal() and len(raw) <= MAX_AGE_DIGITS):
        raise invalid_request("max_age must be a whole number of seconds")
    draft.checked["max_age"] = int(raw)


def check_hints(draft: Draft) -> None:
    """Hints that only fill forms are cut to size, and never break a request; what proves something is refused."""
    params = draft.params
    problem = sizes.too_long(params, "nonce", "id_token_hint")
    if problem is not None:
        raise invalid_request(problem)
    draft.checked["nonce"] = params.get("nonce") or None
    claimed = acr.claimed(draft.work, draft.checked.get("id_token_claims") or {})
    draft.checked["acr_values"] = (*(params.get("acr_values") or "")[:MAX_HINT].split(), *claimed)
    for name in ("login_hint", "ui_locales", "screen_hint"):
        draft.checked[name] = (params.get(name) or "")[:MAX_HINT] or None
    if "create" in draft.checked["prompt"]:
        draft.checked["screen_hint"] = "signup"


def check_id_token_hint(draft: Draft) -> None:
    """An ID token this tenant issued to this client; its expiry does not matter (OIDC Core 3.1.2.1)."""
    raw = draft.params.get("id_token_hint")
    if not raw:
        return
    try:
        claims, audience = id_token_hint.read(draft.work, raw)
    except signer.InvalidToken as error:
        raise invalid_request("The id_token_hint is not valid", detail=str(error)) from error
    if draft.known_client.known_as not in audience:
        raise invalid_request("The id_token_hint was not issued to this client")
    if draft.checked.get("hinted_user") not in (None, claims["sub"]):
        raise invalid_request("The id_token_hint and the claims parameter name two people")
    draft.checked["hinted_user"] = claims["sub"]


def check_connection(draft: Draft) -> None:
    """A named connection must be enabled for the client (security.md A14)."""
    name = draft.params.get("connection")
    if not name:
        return
    found = next((c for c in connections.for_client(draft.work, draft.known_client.client_id) if c.name == name), None)
    if found is None:
        raise invalid_request("The connection is not enabled for this client")
    draft.checked["connection_id"] = found.id
    draft.checked["connection_scope"] = (draft.params.get("connection_scope") or "")[:MAX_HINT] or None


def refuse_organizations(draft: Draft) -> None:
    """Organizations are not available: saying nothing would sign people in outside the one that was asked for."""
    if draft.params.get("organization") or draft.params.get("invitation"):
        raise OAuthError("invalid_request", "The parameter organization is not allowed for this client")
