"""``urn:ietf:params:oauth:grant-type:device_code``: a device asks whether its owner has said yes (RFC 8628 3.4)."""

from __future__ import annotations

from functools import partial

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.errors import OAuthError, invalid_grant, invalid_request, unauthorized_client
from idp.protocol.oauth.device import service
from idp.protocol.oauth.device.service import DeviceRequest
from idp.protocol.oauth.grants.contract import NotYet, TokenRequest
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.oauth.polling import Wait
from idp.protocol.tokens import details
from idp.protocol.tokens.proofs import PersonProof

INVALID = "Invalid or expired device code."
LONGEST = 256


class DeviceCode:
    """See :class:`idp.protocol.oauth.grants.contract.Grant`."""

    grant_type = service.GRANT
    success = OAuthLog.DEVICE_CODE_EXCHANGED
    failure = OAuthLog.DEVICE_CODE_EXCHANGE_FAILED

    def find(self, request: TokenRequest) -> DeviceRequest | None:
        """The device's request."""
        if not request.params.get("device_code"):
            raise invalid_request("Missing required parameter: device_code")
        return service.read(request.work, _code(request))

    def prove(self, request: TokenRequest, client: ClientConfig, found: DeviceRequest | None) -> PersonProof:
        """The owner said yes, to that client (security.md G1)."""
        work, code = request.work, _code(request)
        if not service.allowed(work, client):
            raise unauthorized_client(f"Grant type '{self.grant_type}' not allowed for the client.")
        if found is None:
            if service.expired(work, code, client.client_id):
                raise OAuthError("expired_token", INVALID)
            raise invalid_grant(INVALID)
        if found.client_id != client.client_id:
            raise invalid_grant(INVALID)
        if found.state == "denied":
            raise service.DENIED
        if found.approval is None:
            raise _not_yet(service.poll(work, code, found))
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
            spend=partial(service.spend, work, code),
        )


def _not_yet(wait: Wait) -> NotYet:
    if wait.hurried:
        return NotYet("slow_down", f"The device may ask every {wait.interval_s} seconds")
    return NotYet("authorization_pending", "User has yet to authorize device code.")


def _code(request: TokenRequest) -> str:
    return request.params["device_code"][:LONGEST]
