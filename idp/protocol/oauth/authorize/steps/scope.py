"""What is asked for: audience, scopes, details, claims."""

from __future__ import annotations

from typing import Any

from idp.applications.resource_servers import runtime as resource_servers
from idp.foundation.kernel import scopes, sizes, strict_json
from idp.foundation.kernel.errors import OAuthError, invalid_request
from idp.foundation.kernel.strict_json import InvalidJson
from idp.protocol.oauth import resource
from idp.protocol.oauth.authorize.request import Draft
from idp.protocol.tokens import details, requirements, subjects
from idp.signin.sessions.lent import EPHEMERAL


def check_audience(draft: Draft) -> None:
    """``audience``, ``resource``, or the tenant's default; it must be a registered API."""
    audience = resource.meant(draft.work, draft.params)
    if audience is None:
        return
    draft.api = resource_servers.find(draft.work, audience[:600])
    if draft.api is None:
        raise OAuthError("access_denied", "Service not found: the audience names no registered API")
    requirements.check_api(draft.api)
    draft.checked["audience"] = draft.api.identifier


def check_scope(draft: Draft) -> None:
    """The scopes that can be granted: identity scopes, and those the API knows. Unknown ones are left out, as Auth0
    does.
    """
    raw = draft.params.get("scope") or ""
    if len(raw) > sizes.SCOPE.most or not scopes.is_valid(raw):
        raise OAuthError("invalid_scope", "The scope parameter is malformed")
    wanted = scopes.parse(raw)
    if draft.params.get("access_type") == "offline" and "offline_access" not in wanted:
        wanted.append("offline_access")
    granted = requirements.scopes_of_user(draft.work, draft.known_client, draft.api, wanted)
    by_code = "code" in draft.checked["response_type"].split()  # no refresh token comes to a browser (OIDC Core 11)
    offline = by_code and requirements.offline_allowed(draft.known_client, draft.api)
    online = by_code and "redirect_uri" in draft.checked and _online(draft)
    draft.checked["scope"] = scopes.join(requirements.lasting(granted, offline=offline, online=online))


def _online(draft: Draft) -> bool:
    """Whether the session that answers may be lent to the client, as sessions begin now."""
    ephemeral = draft.work.config.settings.session_cookie.mode == EPHEMERAL
    return requirements.online_allowed(draft.known_client, draft.api, ephemeral=ephemeral)


def check_details(draft: Draft) -> None:
    """``authorization_details``: each of a type that the API offers to the client (RFC 9396 5)."""
    wanted = details.read(draft.params.get("authorization_details"))
    if wanted is not None:
        details.check(draft.work, draft.known_client, draft.api, wanted)
        draft.checked["details"] = wanted


def check_claims(draft: Draft) -> None:
    """The ``claims`` parameter (OIDC Core 5.5): an object with ``userinfo`` and ``id_token`` objects; unknown names
    are passed over.
    """
    raw = draft.params.get("claims")
    if not raw:
        return
    parsed = _parse(raw)
    for member in ("id_token", "userinfo"):
        asked = parsed.get(member)
        if isinstance(asked, dict) and asked:
            draft.checked[f"{member}_claims"] = {str(name): value for name, value in asked.items()}
            _check_subject(draft, asked.get("sub"))


def _check_subject(draft: Draft, asked: Any) -> None:
    """``sub`` with a value asks for that person and nobody else (OIDC Core 5.5.1)."""
    wanted = asked.get("value") if isinstance(asked, dict) else None
    if not isinstance(wanted, str):
        return
    wanted = subjects.asked_for(draft.work, draft.known_client, wanted)
    if draft.checked.get("hinted_user") not in (None, wanted):
        raise invalid_request("The claims parameter names two people")
    draft.checked["hinted_user"] = wanted


def _parse(raw: str) -> dict[str, Any]:
    if len(raw) > sizes.CLAIMS.most:
        raise invalid_request("The claims parameter is too long")
    try:
        parsed = strict_json.decode(raw)
    except InvalidJson as error:
        raise invalid_request("The claims parameter is not valid JSON") from error
    if not isinstance(parsed, dict):
        raise invalid_request("The claims parameter must be a JSON object")
    return parsed
