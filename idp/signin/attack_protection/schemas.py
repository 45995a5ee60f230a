"""What the Management API takes and shows of attack protection (spec/attack-protection.md, "Settings")."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Body, View
from idp.foundation.kernel.formats import IpOrNetwork, whole
from idp.foundation.kernel.secret import HarmlessDocument, Secret
from idp.foundation.tenancy.protection import Level, Policy

AllowList = Annotated[list[IpOrNetwork], Meta(max_length=100)]
SiteKey = Annotated[str, Meta(max_length=200)]
CaptchaSecret = Annotated[Secret, Meta(min_length=1, max_length=500)]
Subdomain = Annotated[str, whole("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")]
Provider = Literal[
    "arkose", "auth_challenge", "friendly_captcha", "hcaptcha", "recaptcha_v2", "recaptcha_enterprise", "simple_captcha"
]


class BruteForceUpdate(Body):
    """PATCH /attack-protection/brute-force-protection."""

    enabled: bool | UnsetType = UNSET
    shields: list[Literal["block", "user_notification"]] | UnsetType = UNSET
    allowlist: AllowList | UnsetType = UNSET
    mode: Literal["count_per_identifier_and_ip", "count_per_identifier"] | UnsetType = UNSET
    max_attempts: Annotated[int, Meta(ge=1, le=100)] | UnsetType = UNSET
    form_submission_mode: Literal["auto", "manual"] | UnsetType = UNSET


class BruteForceView(BruteForceUpdate, View, kw_only=True):
    """Brute-force protection in force."""


class PreLogin(Body):
    """``stage.pre-login``: failed sign-ins of one network at once, and ms until it has one more."""

    max_attempts: Annotated[int, Meta(ge=1, le=2_500)] | UnsetType = UNSET
    rate: Annotated[int, Meta(ge=34_560, le=86_400_000)] | UnsetType = UNSET


class PreUserRegistration(Body):
    """``stage.pre-user-registration``: attempts to sign up."""

    max_attempts: Annotated[int, Meta(ge=1, le=72_000)] | UnsetType = UNSET
    rate: Annotated[int, Meta(ge=1_200, le=86_400_000)] | UnsetType = UNSET


class Stages(Body, rename="kebab"):
    """``stage`` of suspicious-IP throttling."""

    pre_login: PreLogin | UnsetType = UNSET
    pre_user_registration: PreUserRegistration | UnsetType = UNSET
    pre_custom_token_exchange: PreUserRegistration | UnsetType = UNSET


class SuspiciousIpUpdate(Body):
    """PATCH /attack-protection/suspicious-ip-throttling."""

    enabled: bool | UnsetType = UNSET
    shields: list[Literal["block", "admin_notification"]] | UnsetType = UNSET
    allowlist: AllowList | UnsetType = UNSET
    stage: Stages | UnsetType = UNSET


class SuspiciousIpView(SuspiciousIpUpdate, View, kw_only=True):
    """Suspicious-IP throttling in force."""


class StageShields(Body):
    """The shields of a stage of breached-password detection."""

    shields: list[Literal["block", "admin_notification"]] | UnsetType = UNSET


class BreachedStages(Body, rename="kebab"):
    """``stage`` of breached-password detection."""

    pre_user_registration: StageShields | UnsetType = UNSET
    pre_change_password: StageShields | UnsetType = UNSET


class BreachedPasswordsUpdate(Body):
    """PATCH /attack-protection/breached-password-detection."""

    enabled: bool | UnsetType = UNSET
    shields: list[Literal["block", "user_notification", "admin_notification"]] | UnsetType = UNSET
    admin_notification_frequency: list[Literal["immediately", "daily", "weekly", "monthly"]] | UnsetType = UNSET
    method: Literal["standard", "enhanced"] | UnsetType = UNSET
    stage: BreachedStages | UnsetType = UNSET


class BreachedPasswordsView(BreachedPasswordsUpdate, View, kw_only=True):
    """Breached-password detection in force."""


class PhoneProviderUpdate(Body):
    """PATCH /attack-protection/phone-provider-protection."""

    type: Literal["default", "exponential"]


class PhoneProviderView(View):
    """Its answer."""

    type: str


class BotDetectionUpdate(Body):
    """PATCH /attack-protection/bot-detection."""

    bot_detection_level: Level | UnsetType = UNSET
    challenge_password_policy: Policy | UnsetType = UNSET
    challenge_passwordless_policy: Policy | UnsetType = UNSET
    challenge_password_reset_policy: Policy | UnsetType = UNSET
    allowlist: AllowList | UnsetType = UNSET
    monitoring_mode_enabled: bool | UnsetType = UNSET


class BotDetectionView(BotDetectionUpdate, View, kw_only=True):
    """Bot detection in force."""


class AuthChallenge(Body):
    """``auth_challenge``: our own challenge, which no other host sees."""

    fail_open: bool


class AuthChallengeView(View):
    """The same as it is shown."""

    fail_open: bool | UnsetType = UNSET


class SiteKeyed(Body):
    """A provider with a site key and a secret."""

    site_key: SiteKey
    secret: CaptchaSecret


class SiteKeyedView(View):
    """What is shown of it."""

    site_key: SiteKey | UnsetType = UNSET


class RecaptchaEnterprise(Body):
    """``recaptcha_enterprise``."""

    site_key: SiteKey
    api_key: CaptchaSecret
    project_id: Annotated[str, whole("[A-Za-z0-9:._-]{0,200}")]


class RecaptchaEnterpriseView(View):
    """What is shown of it."""

    site_key: SiteKey | UnsetType = UNSET
    project_id: str | UnsetType = UNSET


class Arkose(Body):
    """``arkose``; the subdomains are those of ``arkoselabs.com``."""

    site_key: SiteKey
    secret: CaptchaSecret
    client_subdomain: Subdomain | UnsetType = UNSET
    verify_subdomain: Subdomain | UnsetType = UNSET
    fail_open: bool | UnsetType = UNSET


class ArkoseView(View):
    """What is shown of it."""

    site_key: SiteKey | UnsetType = UNSET
    client_subdomain: str | UnsetType = UNSET
    verify_subdomain: str | UnsetType = UNSET
    fail_open: bool | UnsetType = UNSET


class CaptchaUpdate(Body):
    """PATCH /attack-protection/captcha."""

    active_provider_id: Provider | UnsetType = UNSET
    arkose: Arkose | UnsetType = UNSET
    auth_challenge: AuthChallenge | UnsetType = UNSET
    hcaptcha: SiteKeyed | UnsetType = UNSET
    friendly_captcha: SiteKeyed | UnsetType = UNSET
    recaptcha_enterprise: RecaptchaEnterprise | UnsetType = UNSET
    recaptcha_v2: SiteKeyed | UnsetType = UNSET
    simple_captcha: HarmlessDocument | UnsetType = UNSET


class CaptchaView(View):
    """The providers, without their secrets."""

    active_provider_id: str | UnsetType = UNSET
    arkose: ArkoseView | UnsetType = UNSET
    auth_challenge: AuthChallengeView | UnsetType = UNSET
    hcaptcha: SiteKeyedView | UnsetType = UNSET
    friendly_captcha: SiteKeyedView | UnsetType = UNSET
    recaptcha_enterprise: RecaptchaEnterpriseView | UnsetType = UNSET
    recaptcha_v2: SiteKeyedView | UnsetType = UNSET
    simple_captcha: HarmlessDocument | UnsetType = UNSET
