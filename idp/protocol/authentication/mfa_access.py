"""Access tokens for ``{issuer}mfa/``: the API by which people manage their second factors from an application
(spec/authentication-api.md section 5; security.md O2, O3).
"""

from __future__ import annotations

from dataclasses import dataclass

from idp.applications.resource_servers import runtime as resource_servers
from idp.directory.users import service as users
from idp.foundation.kernel import scopes
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call
from idp.protocol.oauth import bearer
from idp.protocol.possession import resource
from idp.protocol.possession.resource import Sent
from idp.protocol.tokens import gate
from idp.signin.factors import policy


@dataclass(frozen=True)
class MfaAccess:
    """A token that is good now. ``proven``: a second factor was, for it; ``methods`` are the values of ``amr``."""

    user_id: str
    client_id: str
    connection_id: str
    audience: str
    scope: str
    methods: tuple[str, ...]

    @property
    def proven(self) -> bool:
        """Whether a second factor was proven for it."""
        return policy.MFA in self.methods


def is_access_token(value: str) -> bool:
    """Whether it is a JWT: an ``mfa_token`` is not."""
    return value.count(".") == 2


def access_token(work: Work, call: Call, came: Sent, scope: str) -> MfaAccess:
    """The token, if it is one of this API, good now, and holds ``scope``. Somebody who has a second factor has proven
    it for the token: one from before they had it changes nothing.

    :raises OAuthError: 401 ``invalid_token``, 403 ``insufficient_scope`` or ``access_denied``.
    """
    found, _ = bearer.find(work, came.token)
    if found is None or found.kind != "access" or found.granted.request.api_id != resource_servers.MFA:
        raise OAuthError("invalid_token", "The access token is not valid here", status=401)
    stands = gate.presented(work, found)
    if stands is None or stands.asks:
        raise OAuthError("invalid_token", "The access token is not valid", status=401)
    if scope not in stands.scopes:
        raise OAuthError("insufficient_scope", f"The access token lacks the scope {scope}", status=403)
    resource.check(work, call, came, found.bound, found.client_id)
    granted = found.granted
    token = MfaAccess(
        granted.user_id,
        granted.client_id,
        granted.connection_id or "",
        found.audience or "",
        scopes.join(stands.scopes),
        tuple(granted.request.amr or ()),
    )
    if not token.proven and policy.enrolled(users.get(work, token.user_id).factors):
        raise OAuthError("access_denied", "The access token was given without a second factor", status=403)
    return token
