"""The forms of an application: what everybody sets, what only protocols ask for, and how it authenticates (decision
0359).
"""

from __future__ import annotations

from idp.admin.desk.resource import Field, Section
from idp.applications.clients import compliance

TYPES = ("regular_web", "spa", "native", "non_interactive")
GRANTS = (
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "implicit",
    "password",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:openid:params:grant-type:ciba",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
)


def _of(what: str, *, signed: bool = True) -> tuple[Field, ...]:
    """The signature of something that the application is sent, and its encryption."""
    signature = (Field(f"{what}_signed_response_alg", hint=True),) if signed else ()
    return (
        *signature,
        Field(f"{what}_encrypted_response_alg", hint=True),
        Field(f"{what}_encrypted_response_enc", hint=True),
    )


SETTINGS = (
    Section(
        "basic",
        (
            Field("name"),
            Field("description", "area"),
            Field("app_type", "choice", TYPES),
            Field("is_first_party", hint=True, careful=True),
            Field("logo_uri", hint=True),
        ),
    ),
    Section(
        "uris",
        (
            Field("callbacks", hint=True, careful=True),
            Field("allowed_logout_urls", hint=True),
            Field("web_origins", hint=True),
            Field("allowed_origins", hint=True),
            Field("initiate_login_uri", hint=True),
        ),
    ),
    Section(
        "tokens",
        (
            Field("jwt_configuration.alg"),
            Field("jwt_configuration.lifetime_in_seconds", hint=True),
        ),
    ),
    Section(
        "refresh",
        (
            Field("refresh_token.rotation_type", hint=True),
            Field("refresh_token.expiration_type"),
            Field("refresh_token.token_lifetime", hint=True),
            Field("refresh_token.idle_token_lifetime", hint=True),
            Field("refresh_token.leeway", hint=True),
            Field("refresh_token.policies", "json", hint=True),
        ),
    ),
)
ADVANCED = (
    Section(
        "grants",
        (
            Field("grant_types", "choices", GRANTS, careful=True),
            Field("oidc_logout.backchannel_logout_urls", hint=True),
            Field("frontchannel_logout_uri", hint=True),
            Field("frontchannel_logout_session_required", hint=True),
            Field("client_metadata", hint=True),
        ),
    ),
    Section(
        "profile",
        (
            Field("compliance_level", "choice", tuple(compliance.LEVELS), careful=True, hint=True),
            Field("require_pushed_authorization_requests", hint=True),
            Field("require_proof_of_possession", careful=True, hint=True),
            Field("dpop_bound_access_tokens", careful=True, hint=True),
            Field("tls_client_certificate_bound_access_tokens", careful=True, hint=True),
            Field("require_dpop_nonce", careful=True, hint=True),
        ),
    ),
    Section(
        "sessions",
        (Field("session_cookie_mode", hint=True),),
    ),
    Section(
        "subjects",
        (Field("subject_type", careful=True, hint=True), Field("sector_identifier_uri", careful=True, hint=True)),
    ),
    Section(
        "answers",
        (
            *_of("id_token", signed=False),
            *_of("userinfo"),
            *_of("authorization"),
            *_of("introspection"),
        ),
        folded=True,
    ),
    Section(
        "requests",
        (
            Field("signed_request_object.required", hint=True, careful=True),
            Field("request_object_signing_alg", hint=True),
            Field("request_object_encryption_alg", hint=True),
            Field("request_object_encryption_enc", hint=True),
            Field("request_uris", hint=True),
            Field("par_request_expiry", hint=True),
        ),
        folded=True,
    ),
    Section(
        "exchange",
        (
            Field("token_exchange.allow_any_profile_of_type", careful=True),
            Field("native_social_login.apple.enabled"),
            Field("native_social_login.google.enabled"),
            Field("native_social_login.facebook.enabled"),
            Field("trusted_issuers", "json", hint=True, careful=True),
        ),
        folded=True,
    ),
    Section(
        "ciba",
        (
            Field("backchannel_token_delivery_mode"),
            Field("backchannel_client_notification_endpoint", hint=True),
            Field("backchannel_authentication_request_signing_alg"),
        ),
        folded=True,
    ),
)
CREDENTIALS = (
    Section("authentication", (Field("token_endpoint_auth_method", careful=True, fresh=True, hint=True),)),
    Section(
        "keys",
        (
            Field("token_endpoint_auth_signing_alg", hint=True),
            Field("jwks_uri", hint=True, careful=True, fresh=True),
            Field("jwks", "json", hint=True, careful=True, fresh=True),
            Field("client_authentication_methods", "json", hint=True, careful=True, fresh=True),
        ),
    ),
    Section(
        "certificates",
        (
            Field("tls_client_auth_subject_dn", hint=True, careful=True, fresh=True),
            Field("tls_client_auth_san_dns", careful=True, fresh=True),
            Field("tls_client_auth_san_uri", careful=True, fresh=True),
            Field("tls_client_auth_san_ip", careful=True, fresh=True),
            Field("tls_client_auth_san_email", careful=True, fresh=True),
        ),
        folded=True,
    ),
)
"""How it proves itself: whoever changes that could be it, by whichever form."""
