"""Authorizations by which somebody is in an application as another person (spec/misc.md, "Impersonation"): what their
tokens say, and when they are good no more.
"""

from __future__ import annotations

from typing import Any

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.errors import OAuthError, invalid_grant
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import store
from idp.protocol.tokens.claims import Subject
from idp.protocol.tokens.store import AuthorizationRequest, Granted
from idp.tenant.members import standing as administrators

RIGHT = "create:user_tickets"
"""Whoever has it makes links for impersonation."""
MARK = "impersonated"
"""The claim by which whoever reads a token or a profile knows."""


def allowed(work: Work) -> bool:
    """Whether the tenant has switched it on (``flags.disable_impersonation`` is false)."""
    return not work.config.settings.flags.disable_impersonation


def impersonator(work: Work, request: AuthorizationRequest, person_id: str) -> Subject:
    """Who acts, as far as they may now be ``person_id``: an administrator for as long as they are one, and the person
    none with more rights. Raises OAuthError ``access_denied``.
    """
    user_id = str(request.impersonator)
    if not allowed(work):
        raise OAuthError("access_denied", "Impersonation is switched off")
    found = store.subject(work, user_id)
    if found is None or found.blocked or found.deletion_due is not None:
        raise OAuthError("access_denied", "Whoever impersonates may not sign in any more")
    if request.by_administrator and not administrators.still_may(work, user_id, RIGHT, person_id):
        raise OAuthError("access_denied", "Whoever impersonates has not the rights to it any more")
    return found


def check(work: Work, granted: Granted) -> None:
    """Tokens of an impersonation are good for as long as it would be allowed again. Raises OAuthError."""
    if granted.request.impersonator is not None:
        impersonator(work, granted.request, granted.user_id)


def refuse(granted: Granted) -> None:
    """They are exchanged for nothing that reaches further than the application that they were made for.

    :raises OAuthError: it is one.
    """
    if granted.request.impersonator is not None:
        raise invalid_grant("The token is of an impersonation: it is exchanged for no other")


def claims(work: Work, client: ClientConfig, granted: Granted) -> dict[str, Any]:
    """What the profile of somebody who is impersonated says beside what it always says, so that an application can show
    it; nothing otherwise.
    """
    if granted.request.impersonator is None:
        return {}
    who = impersonator(work, granted.request, granted.user_id)
    about = {"user_id": who.user_id, **who.claims(client.compatibility, ("email", "name", "nickname", "picture"))}
    return {MARK: True, "impersonator": about}


def acting(granted: Granted) -> dict[str, Any]:
    """Who acts, as tokens say it (RFC 8693 4.1)."""
    return {"act": {"sub": granted.request.impersonator}} if granted.request.impersonator is not None else {}
