"""The grant types: a new one is a file here and a line below."""

from __future__ import annotations

from collections.abc import Mapping

from idp.protocol.oauth.grants.authorization_code import AuthorizationCode
from idp.protocol.oauth.grants.ciba import Ciba
from idp.protocol.oauth.grants.client_credentials import ClientCredentials
from idp.protocol.oauth.grants.contract import Grant
from idp.protocol.oauth.grants.device_code import DeviceCode
from idp.protocol.oauth.grants.jwt_bearer import JwtBearer
from idp.protocol.oauth.grants.multifactor import MfaOob, MfaOtp, MfaRecoveryCode
from idp.protocol.oauth.grants.passkey import Passkey
from idp.protocol.oauth.grants.refresh_token import RefreshToken
from idp.protocol.oauth.grants.resource_owner import Password, PasswordlessOtp, PasswordRealm
from idp.protocol.oauth.grants.source_token import SourceToken
from idp.protocol.oauth.grants.token_exchange import CustomToken

GRANTS: Mapping[str, Grant] = {
    grant.grant_type: grant
    for grant in (
        AuthorizationCode(),
        RefreshToken(),
        ClientCredentials(),
        SourceToken(),
        CustomToken(),
        JwtBearer(),
        DeviceCode(),
        Ciba(),
        Password(),
        PasswordRealm(),
        PasswordlessOtp(),
        MfaOtp(),
        MfaOob(),
        MfaRecoveryCode(),
        Passkey(),
    )
}
