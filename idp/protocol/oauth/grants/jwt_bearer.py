"""``urn:ietf:params:oauth:grant-type:jwt-bearer``: an issuer that the client trusts says who somebody is (RFC 7523
2.1). No client has the grant unless it asks for it and names its issuers (``trusted_issuers``).
"""

from __future__ import annotations

from typing import Final

from idp.applications.clients import trusted_issuers
from idp.applications.clients.runtime import ClientConfig
from idp.applications.clients.trusted_issuers import TrustedIssuer
from idp.foundation.kernel.errors import OAuthError
from idp.protocol.oauth import actors, trusted
from idp.protocol.oauth.grants.contract import TokenRequest
from idp.protocol.oauth.grants.resource_owner import ResourceOwner
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.oauth.trusted import NotTrusted
from idp.signin.attack_protection import throttling
from idp.signin.login import direct
from idp.signin.login.direct import Proven
from idp.tenant.keys import signer

WRONG: Final = "The assertion is not valid, or is about nobody here."
LIFETIME_S: Final = 3_600
"""How far ahead the end of an assertion may lie."""


class JwtBearer(ResourceOwner):
    """See :class:`idp.protocol.oauth.grants.contract.Grant`."""

    grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    success, failure = OAuthLog.ASSERTION_EXCHANGED, OAuthLog.ASSERTION_EXCHANGE_FAILED
    needs = ("assertion",)
    gty = "jwt-bearer"

    def wrong(self) -> str:
        """The words for an assertion about nobody."""
        return WRONG

    def proven(self, request: TokenRequest, client: ClientConfig) -> Proven:
        """Whom the assertion is about."""
        work, raw = request.work, request.params["assertion"]
        refused = throttling.before_exchange(work)
        if refused is not None:
            raise direct.TooMany(refused.wait_s)
        try:
            issuer = _issuer(client, raw)
            said = trusted.claims(work, client, issuer, raw, most_s=LIFETIME_S, once=True)
            actors.check_nobody(work, client, said)
        except (NotTrusted, signer.InvalidToken) as error:
            throttling.exchange_failed(work)
            raise OAuthError("invalid_grant", WRONG, detail=str(error)) from error
        return trusted.person(work, client, issuer, said)


def _issuer(client: ClientConfig, raw: str) -> TrustedIssuer:
    """The one that the assertion names, which nobody believes yet. Raises InvalidToken, NotTrusted."""
    _, said = signer.opened(raw, trusted.TYPES)
    found = trusted_issuers.named(client.data.trusted_issuers, said.get("iss"))
    if found is None:
        raise NotTrusted("iss is no trusted issuer of the client")
    return found
