"""What the Management API takes and shows of second factors (spec/management-types.tsv, recorded-shapes.tsv)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from idp.foundation.apikit import Body, View
from idp.foundation.kernel.formats import UserId
from idp.foundation.kernel.secret import HARMLESS, ReadableSecret, Secret
from idp.signin.factors.settings import DAY_S, HOUR_S

Policy = Literal["all-applications", "confidence-score"]
Preferred = Literal["voice", "sms"]
Provider = Literal["auth0", "twilio", "phone-message-hook"]
Line = Annotated[str, Meta(max_length=256)]
Words = Annotated[str, HARMLESS, Meta(min_length=1, max_length=1_000)]
SecretText = Annotated[Secret, Meta(min_length=1, max_length=10_000)]
Address = Annotated[str, Meta(min_length=3, max_length=254)]
Name = Annotated[str, Meta(min_length=1, max_length=128)]


# ---- guardian
class FactorSettings(View):
    """``settings`` of a factor whose codes are sent."""

    otp_length: int
    otp_expiration_time: int


class FactorView(View):
    """A switch, with the members that were recorded: official tools send back whatever stands here besides."""

    name: str
    enabled: bool
    trial_expired: bool


class FactorSwitch(Body):
    """PUT /guardian/factors/{name}."""

    enabled: bool


class SwitchView(View):
    """Its answer."""

    enabled: bool


class SettingsBody(Body):
    """PUT /guardian/settings; seconds."""

    display_remember_me_checkbox: bool
    remember_me_default_value: bool
    mfa_session_inactivity_timeout: Annotated[int, Meta(ge=HOUR_S, le=30 * DAY_S)]
    mfa_session_overall_timeout: Annotated[int, Meta(ge=HOUR_S, le=90 * DAY_S)]


class SettingsView(View):
    """The timeouts in force."""

    display_remember_me_checkbox: bool
    remember_me_default_value: bool
    mfa_session_inactivity_timeout: int
    mfa_session_overall_timeout: int


class TicketBody(Body):
    """POST /guardian/enrollments/ticket."""

    user_id: UserId
    email: Address | UnsetType = UNSET
    send_mail: bool = False
    email_locale: Annotated[str, Meta(max_length=35)] | UnsetType = UNSET
    factor: (
        Literal["push-notification", "phone", "email", "otp", "webauthn-roaming", "webauthn-platform"] | UnsetType
    ) = UNSET
    allow_multiple_enrollments: bool = False


class TicketView(View):
    """The link."""

    ticket_id: ReadableSecret
    ticket_url: ReadableSecret


class EnrollmentView(View):
    """GET /guardian/enrollments/{id}."""

    id: str
    status: str
    name: str | UnsetType = UNSET
    identifier: str | UnsetType = UNSET
    phone_number: str | UnsetType = UNSET
    enrolled_at: str | UnsetType = UNSET
    last_auth: str | UnsetType = UNSET


class UserEnrollmentView(EnrollmentView, kw_only=True):
    """GET /users/{id}/enrollments."""

    type: str
    auth_method: str


# ---- providers and settings of factors
class MessageTypes(Body):
    """``phone/message-types``."""

    message_types: Annotated[list[Preferred], Meta(min_length=1, max_length=2)]


class MessageTypesView(View):
    """The like, as it is shown."""

    message_types: list[str]


class SelectedProvider(Body):
    """``phone/selected-provider``."""

    provider: Provider


class SelectedPushProvider(Body):
    """``push-notification/selected-provider``."""

    provider: Literal["guardian", "sns", "direct"]


class ProviderView(View):
    """The like, as it is shown."""

    provider: str


class TwilioBody(Body):
    """``phone/providers/twilio``."""

    sender: Annotated[str, Meta(max_length=20)] | UnsetType | None = field(default=UNSET, name="from")
    messaging_service_sid: Line | UnsetType | None = UNSET
    auth_token: SecretText | UnsetType | None = UNSET
    sid: Line | UnsetType | None = UNSET


class TwilioView(View):
    """The like without its secret."""

    sender: str | UnsetType | None = field(default=UNSET, name="from")
    messaging_service_sid: str | UnsetType | None = UNSET
    sid: str | UnsetType | None = UNSET


class TemplatesBody(Body):
    """``phone/templates``."""

    enrollment_message: Words
    verification_message: Words


class TemplatesView(View):
    """The like, as it is shown."""

    enrollment_message: Annotated[str, HARMLESS]
    verification_message: Annotated[str, HARMLESS]


class CodeSettings(Body):
    """``phone/settings`` and ``email/settings``; seconds."""

    otp_length: Annotated[int, Meta(ge=6, le=12)]
    otp_expiration_time: Annotated[int, Meta(ge=60, le=900)]


class DuoBody(Body):
    """``duo/settings``."""

    ikey: Line | UnsetType | None = UNSET
    skey: SecretText | UnsetType | None = UNSET
    host: Line | UnsetType | None = UNSET


class DuoView(View):
    """The like without its secret."""

    ikey: str | UnsetType | None = UNSET
    host: str | UnsetType | None = UNSET


class ApnsBody(Body):
    """``push-notification/providers/apns``."""

    sandbox: bool | UnsetType | None = UNSET
    bundle_id: Line | UnsetType | None = UNSET
    p12: SecretText | UnsetType | None = UNSET


class ApnsView(View):
    """The like without its secret."""

    sandbox: bool | UnsetType | None = UNSET
    bundle_id: str | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET


class FcmBody(Body):
    """``push-notification/providers/fcm``."""

    server_key: SecretText | UnsetType | None = UNSET


class FcmV1Body(Body):
    """``push-notification/providers/fcmv1``."""

    server_credentials: SecretText | UnsetType | None = UNSET


class NothingView(View):
    """Nothing is told of it."""


class SnsBody(Body):
    """``push-notification/providers/sns``."""

    aws_access_key_id: Line | UnsetType | None = UNSET
    aws_secret_access_key: SecretText | UnsetType | None = UNSET
    aws_region: Line | UnsetType | None = UNSET
    sns_apns_platform_application_arn: Line | UnsetType | None = UNSET
    sns_gcm_platform_application_arn: Line | UnsetType | None = UNSET


class SnsView(View):
    """The like without its secret."""

    aws_access_key_id: str | UnsetType | None = UNSET
    aws_region: str | UnsetType | None = UNSET
    sns_apns_platform_application_arn: str | UnsetType | None = UNSET
    sns_gcm_platform_application_arn: str | UnsetType | None = UNSET


class WebauthnBody(Body):
    """``webauthn-roaming/settings`` and ``webauthn-platform/settings``."""

    userVerification: Literal["discouraged", "preferred", "required"] | UnsetType = UNSET  # noqa: N815 - Auth0's name
    overrideRelyingParty: bool | UnsetType = UNSET  # noqa: N815 - Auth0's name
    relyingPartyIdentifier: Annotated[str, Meta(max_length=253)] | UnsetType | None = UNSET  # noqa: N815 - Auth0's name


class WebauthnView(View):
    """The like, as it is shown."""

    userVerification: str | UnsetType = UNSET  # noqa: N815 - Auth0's name
    overrideRelyingParty: bool | UnsetType = UNSET  # noqa: N815 - Auth0's name
    relyingPartyIdentifier: str | UnsetType | None = UNSET  # noqa: N815 - Auth0's name


# ---- methods of users
class Way(View):
    """One of ``authentication_methods``: a way to the same thing."""

    id: str
    type: str


class MethodView(View, kw_only=True):
    """An authentication method."""

    type: str
    id: str
    confirmed: bool | UnsetType = UNSET
    name: str | UnsetType = UNSET
    authentication_methods: list[Way] | UnsetType = UNSET
    preferred_authentication_method: str | UnsetType = UNSET
    phone_number: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    key_id: str | UnsetType = UNSET
    public_key: str | UnsetType = UNSET
    created_at: str
    enrolled_at: str | UnsetType = UNSET
    last_auth_at: str | UnsetType = UNSET
    credential_device_type: str | UnsetType = UNSET
    credential_backed_up: bool | UnsetType = UNSET
    identity_user_id: str | UnsetType = UNSET
    user_agent: str | UnsetType = UNSET
    user_handle: str | UnsetType = UNSET
    transports: list[str] | UnsetType = UNSET
    aaguid: str | UnsetType = UNSET
    relying_party_identifier: str | UnsetType = UNSET


class MethodMade(MethodView, kw_only=True):
    """An authentication method as it was just given to somebody."""

    totp_secret: ReadableSecret | UnsetType = UNSET
    """The key of an authenticator app, where the request named none: it is told this once."""


class MethodSet(Body):
    """One of PUT /users/{id}/authentication-methods."""

    type: Literal["phone", "email", "totp"]
    preferred_authentication_method: Preferred | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    phone_number: Annotated[str, Meta(min_length=2, max_length=30)] | UnsetType = UNSET
    email: Address | UnsetType = UNSET
    totp_secret: Annotated[Secret, Meta(min_length=1, max_length=256)] | UnsetType = UNSET


class MethodCreate(Body):
    """POST /users/{id}/authentication-methods."""

    type: Literal["phone", "email", "totp", "webauthn-roaming", "passkey"]
    preferred_authentication_method: Preferred | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    phone_number: Annotated[str, Meta(min_length=2, max_length=30)] | UnsetType = UNSET
    email: Address | UnsetType = UNSET
    totp_secret: Annotated[Secret, Meta(min_length=1, max_length=256)] | UnsetType = UNSET
    key_id: Annotated[str, Meta(min_length=1, max_length=1_366)] | UnsetType = UNSET
    public_key: Annotated[str, HARMLESS, Meta(min_length=1, max_length=4_000)] | UnsetType = UNSET
    aaguid: Annotated[str, Meta(max_length=36)] | UnsetType = UNSET
    relying_party_identifier: Annotated[str, Meta(max_length=253)] | UnsetType = UNSET
    credential_device_type: Literal["single_device", "multi_device"] | UnsetType = UNSET
    credential_backed_up: bool | UnsetType = UNSET
    identity_user_id: Annotated[str, Meta(max_length=255)] | UnsetType = UNSET
    user_agent: Annotated[str, Meta(max_length=512)] | UnsetType = UNSET
    user_handle: Annotated[str, Meta(max_length=128)] | UnsetType = UNSET
    transports: Annotated[list[Annotated[str, Meta(max_length=32)]], Meta(max_length=10)] | UnsetType = UNSET


class MethodUpdate(Body):
    """PATCH /users/{id}/authentication-methods/{authentication_method_id}."""

    name: Name | UnsetType = UNSET
    preferred_authentication_method: Preferred | UnsetType = UNSET


class RecoveryCodeView(View):
    """A new recovery code, told once."""

    recovery_code: ReadableSecret


# ---- risk assessments
class RiskBody(Body):
    """PATCH /risk-assessments/settings."""

    enabled: bool


class RiskView(View):
    """Its answer."""

    enabled: bool


class NewDeviceBody(Body):
    """PATCH /risk-assessments/settings/new-device; days."""

    remember_for: Annotated[int, Meta(ge=1, le=365)]


class NewDeviceView(View):
    """Its answer."""

    remember_for: int


class AssessmentsClear(Body):
    """POST /users/{id}/risk-assessments/clear."""

    connection: Annotated[str, Meta(min_length=1, max_length=128)]
    assessors: Annotated[list[Literal["new-device"]], Meta(min_length=1, max_length=5)]
