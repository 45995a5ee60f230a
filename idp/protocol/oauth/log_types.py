"""Types of log entries about the protocol endpoints."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class OAuthLog(LogType):
    """Written by ``/authorize``, ``/oauth/token`` and back-channel logout."""

    SILENT_AUTH = "ssa", "Silent authentication succeeded."
    SILENT_AUTH_FAILED = "fsa", "Silent authentication failed: a page would have been needed."
    CODE_EXCHANGED = "seacft", "Authorization code exchanged for tokens."
    CODE_EXCHANGE_FAILED = (
        "feacft",
        "Authorization code exchange failed: used, expired, another client's, or a wrong verifier.",
    )
    PUSHED_REQUEST_REFUSED = "fpar", "Pushed authorization request refused."
    REFRESH_TOKEN_EXCHANGED = "sertft", "Refresh token exchanged."
    REFRESH_TOKEN_EXCHANGE_FAILED = "fertft", "Refresh token exchange failed."
    CLIENT_CREDENTIALS_EXCHANGED = "seccft", "Client credentials exchanged for an access token."
    CLIENT_CREDENTIALS_EXCHANGE_FAILED = "feccft", "Client credentials exchange failed."
    PASSWORD_EXCHANGED = "sepft", "Password or one-time code exchanged for tokens."
    PASSWORD_EXCHANGE_FAILED = "fepft", "Password or one-time code exchange failed."
    SOURCE_TOKEN_GIVEN = "seta", "Token exchanged for the access token of the user's identity provider."
    SOURCE_TOKEN_REFUSED = "feta", "Exchange for an access token of the user's identity provider failed."
    OTP_EXCHANGED = "seotpft", "Code of an app exchanged for tokens."
    OTP_EXCHANGE_FAILED = "feotpft", "Exchange of a code of an app failed."
    OOB_EXCHANGED = "seoobft", "Code that was sent as a second factor exchanged for tokens."
    OOB_EXCHANGE_FAILED = "feoobft", "Exchange of a code that was sent as a second factor failed."
    RECOVERY_CODE_EXCHANGED = "sercft", "Recovery code exchanged for tokens."
    RECOVERY_CODE_EXCHANGE_FAILED = "fercft", "Exchange of a recovery code failed."
    DEVICE_CODE_EXCHANGED = "sede", "Device code exchanged for tokens."
    DEVICE_CODE_EXCHANGE_FAILED = "fede", "Device code exchange failed."
    DEVICE_REQUEST_FAILED = "fdeaz", "A device's request for a code was refused."
    DEVICE_ACTIVATION_FAILED = "fdeac", "A device was not activated."
    DEVICE_DENIED = "fdecc", "A person said no to a device."
    TOKEN_EXCHANGED = "secte", "Token of somebody else's exchanged for tokens."
    TOKEN_EXCHANGE_FAILED = "fecte", "Exchange of a token of somebody else's failed."
    DELEGATED = "seobo", "Access token exchanged for one of another API, on behalf of its user."
    DELEGATION_FAILED = "feobo", "Exchange of an access token for one of another API failed."
    NATIVE_SIGN_IN = "sens", "What a social provider gave a native application exchanged for tokens."
    NATIVE_SIGN_IN_FAILED = "fens", "Exchange of what a social provider gave a native application failed."
    ASSERTION_EXCHANGED = "sejbt", "Assertion of a trusted issuer exchanged for tokens."
    ASSERTION_EXCHANGE_FAILED = "fejbt", "Exchange of an assertion of a trusted issuer failed."
    CIBA_STARTED = "ciba_start_succeeded", "An application asked a person to confirm something."
    CIBA_START_FAILED = "ciba_start_failed", "A request that a person confirm something was refused."
    CIBA_DENIED = "ciba_denied", "A person said no to what an application asked them to confirm."
    CIBA_EXCHANGED = "ciba_exchange_succeeded", "What a person confirmed exchanged for tokens."
    CIBA_EXCHANGE_FAILED = "ciba_exchange_failed", "Exchange of what a person was asked to confirm failed."
    CIBA_NOTIFIED = "ciba_notification_succeeded", "An application was told that a person has answered."
    CIBA_NOTIFICATION_FAILED = (
        "ciba_notification_failed",
        "An application could not be told that a person has answered.",
    )
    SIMULATED = "simulation", "Sign-in simulated by an administrator: nobody was signed in."
    BACKCHANNEL_LOGOUT_SUCCEEDED = "oidc_backchannel_logout_succeeded", "Back-channel logout token accepted."
    BACKCHANNEL_LOGOUT_FAILED = (
        "oidc_backchannel_logout_failed",
        "Back-channel logout token not accepted; a failed delivery is tried again.",
    )
