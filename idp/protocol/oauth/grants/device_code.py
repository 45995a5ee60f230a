"""``urn:ietf:params:oauth:grant-type:device_code``: a device asks whether its owner has said yes (RFC 8628 3.4)."""

from __future__ import annotations

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.errors import unauthorized_client
from idp.protocol.oauth.device import service
from idp.protocol.oauth.device.service import DeviceRequest
from idp.protocol.oauth.grants.approved import Approved
from idp.protocol.oauth.grants.contract import TokenRequest
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.tokens.proofs import PersonProof


class DeviceCode(Approved[DeviceRequest]):
    """See :class:`idp.protocol.oauth.grants.contract.Grant`."""

    grant_type = service.GRANT
    success = OAuthLog.DEVICE_CODE_EXCHANGED
    failure = OAuthLog.DEVICE_CODE_EXCHANGE_FAILED
    parameter = "device_code"
    invalid = "Invalid or expired device code."
    pending = "User has yet to authorize device code."
    who = "The device"

    def __init__(self) -> None:
        super().__init__(service)

    def prove(self, request: TokenRequest, client: ClientConfig, found: DeviceRequest | None) -> PersonProof:
        """The owner said yes, where the tenant has devices."""
        if not service.allowed(request.work, client):
            raise unauthorized_client(f"Grant type '{self.grant_type}' not allowed for the client.")
        return super().prove(request, client, found)
