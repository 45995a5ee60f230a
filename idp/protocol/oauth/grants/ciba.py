"""``urn:openid:params:grant-type:ciba``: an application asks whether a person has said yes (CIBA Core 10.1, 11)."""

from __future__ import annotations

from idp.protocol.oauth.ciba import service
from idp.protocol.oauth.ciba.service import CibaRequest
from idp.protocol.oauth.grants.approved import Approved
from idp.protocol.oauth.log_types import OAuthLog


class Ciba(Approved[CibaRequest]):
    """See :class:`idp.protocol.oauth.grants.contract.Grant`."""

    grant_type = service.GRANT
    success, failure = OAuthLog.CIBA_EXCHANGED, OAuthLog.CIBA_EXCHANGE_FAILED
    parameter = "auth_req_id"
    invalid = "Invalid or expired auth_req_id."
    pending = "The user has yet to answer."
    who = "The application"

    def __init__(self) -> None:
        super().__init__(service)
