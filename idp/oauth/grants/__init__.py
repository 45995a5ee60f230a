"""The grant types: a new one is a file here and a line below."""

from __future__ import annotations

from collections.abc import Mapping

from idp.oauth.grants.authorization_code import AuthorizationCode
from idp.oauth.grants.client_credentials import ClientCredentials
from idp.oauth.grants.contract import Grant
from idp.oauth.grants.refresh_token import RefreshToken

GRANTS: Mapping[str, Grant] = {
    grant.grant_type: grant for grant in (AuthorizationCode(), RefreshToken(), ClientCredentials())
}
