"""``urn:openid:params:grant-type:ciba``: an application asks whether a person has said yes (CIBA Core 10.1, 11)."""

from __future__ import annotations

from functools import partial

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.errors import OAuthError, invalid_grant, invalid_request
from idp.protocol.oauth.ciba import service
from idp.protocol.oauth.ciba.service import CibaRequest
from idp.protocol.oauth.grants.contract import NotYet, TokenRequest
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.oauth.polling import Wait
from idp.protocol.tokens import details
from idp.protocol.tokens.proofs import PersonProof

INVALID = "Invalid or expired auth_req_id."
LONGEST = 256


class Ciba:
    """See :class:`idp.protocol.oauth.grants.contract.Grant`."""

    grant_type = service.GRANT
    success, failure = OAuthLog.CIBA_EXCHANGED, OAuthLog.CIBA_EXCHANGE_FAILED

    def find(self, request: TokenRequest) -> CibaRequest | None:
        """The application's request."""
        if not request.params.get("auth_req_id"):
            raise invalid_request("Missing required parameter: auth_req_id")
        return service.read(request.work, _name(request))

    def prove(self, request: TokenRequest, client: ClientConfig, found: CibaRequest | None) -> PersonProof:
        """The person said yes, to that client."""
        work, auth_req_id = request.work, _name(request)
        if found is None:
            if service.expired(work, auth_req_id, client.client_id):
                raise OAuthError("expired_token", INVALID)
            raise invalid_grant(INVALID)
        if found.client_id != client.client_id:
            raise invalid_grant(INVALID)
        if found.state == "denied":
            raise service.DENIED
        if found.approval is None:
            raise _not_yet(service.poll(work, auth_req_id, found))
        said = found.approval
        return PersonProof(
            user_id=said.user_id,
            connection_id=said.connection_id,
            amr=said.amr,
            auth_time=said.auth_time,
            given_at=said.given_at or None,
            audience=found.audience or f"{work.config.issuer}userinfo",  # not the default one of this moment
            scope=found.scope,
            details=found.details,
            part=details.read(request.params.get("authorization_details")),
            spend=partial(service.spend, work, auth_req_id),
        )


def _not_yet(wait: Wait) -> NotYet:
    if wait.hurried:
        return NotYet("slow_down", f"The application may ask every {wait.interval_s} seconds")
    return NotYet("authorization_pending", "The user has yet to answer.")


def _name(request: TokenRequest) -> str:
    return request.params["auth_req_id"][:LONGEST]
