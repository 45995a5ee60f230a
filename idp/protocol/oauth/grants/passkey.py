"""``urn:okta:params:oauth:grant-type:webauthn``: a person showed their passkey to an application with pages of its own,
or made an account with one; ``/passkey/challenge`` or ``/passkey/register`` began it (spec/authentication-api.md
section 3). No client has the grant unless it asks for it.
"""

from __future__ import annotations

from idp.applications.clients.native_apps import WEBAUTHN_GRANT
from idp.applications.clients.runtime import ClientConfig
from idp.protocol.oauth.grants.contract import TokenRequest
from idp.protocol.oauth.grants.resource_owner import ResourceOwner
from idp.signin.login import direct
from idp.signin.login.direct import Proven


class Passkey(ResourceOwner):
    """See :class:`idp.protocol.oauth.grants.contract.Grant`."""

    grant_type = WEBAUTHN_GRANT
    needs = ("auth_session", "authn_response")

    def wrong(self) -> str:
        """The words for a passkey that does not count."""
        return direct.WRONG_PASSKEY

    def proven(self, request: TokenRequest, client: ClientConfig) -> Proven:
        """Whose passkey it is."""
        params = request.params
        return direct.with_passkey(
            request.work,
            client,
            params["authn_response"],
            bound_to=direct.passkey_session(client, params["auth_session"]),
            realm=params.get("realm", "")[:128],
        )
