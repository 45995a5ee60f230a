"""A tenant's attack protection as the rest of the product reads it, with Auth0's names and defaults
(spec/attack-protection.md, "Settings").

Each of them may be on without shields: then it watches, writes log entries, and keeps nobody out.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

BLOCK, USER_NOTIFICATION, ADMIN_NOTIFICATION = "block", "user_notification", "admin_notification"
DAY_MS = 86_400_000


class BruteForce(msgspec.Struct, frozen=True):
    """``brute-force-protection``: wrong passwords for one account."""

    enabled: bool = True
    shields: list[str] = msgspec.field(default_factory=lambda: [BLOCK, USER_NOTIFICATION])
    allowlist: list[str] = []
    mode: str = "count_per_identifier_and_ip"
    max_attempts: int = 10
    form_submission_mode: str = "auto"


class Bucket(msgspec.Struct, frozen=True):
    """What one network may do: ``max_attempts`` at once, and one more each ``rate`` ms."""

    max_attempts: int
    rate: int


class SuspiciousIpStages(msgspec.Struct, frozen=True, rename="kebab"):
    """``stage`` of suspicious-IP throttling: failed sign-ins, sign-ups, and custom token exchanges."""

    pre_login: Bucket = Bucket(100, 864_000)
    pre_user_registration: Bucket = Bucket(50, 1_728_000)
    pre_custom_token_exchange: Bucket = Bucket(10, 600_000)


class SuspiciousIp(msgspec.Struct, frozen=True):
    """``suspicious-ip-throttling``: one network that tries many accounts."""

    enabled: bool = True
    shields: list[str] = msgspec.field(default_factory=lambda: [BLOCK, ADMIN_NOTIFICATION])
    allowlist: list[str] = []
    stage: SuspiciousIpStages = SuspiciousIpStages()


class Shields(msgspec.Struct, frozen=True):
    """The shields of one stage."""

    shields: list[str] = []


class BreachedPasswordStages(msgspec.Struct, frozen=True, rename="kebab"):
    """``stage`` of breached-password detection; signing in goes by the shields of the whole."""

    pre_user_registration: Shields = Shields()
    pre_change_password: Shields = Shields()


class BreachedPasswords(msgspec.Struct, frozen=True):
    """``breached-password-detection``. ``method``: the list on this machine alone, or the range service besides."""

    enabled: bool = False
    shields: list[str] = []
    admin_notification_frequency: list[str] = []
    method: str = "standard"
    stage: BreachedPasswordStages = BreachedPasswordStages()


Policy = Literal["never", "when_risky", "always"]
Level = Literal["low", "medium", "high"]


class BotDetection(msgspec.Struct, frozen=True):
    """``bot-detection``: when a page asks for a challenge."""

    bot_detection_level: Level = "medium"
    challenge_password_policy: Policy = "never"  # noqa: S105 - no password
    challenge_passwordless_policy: Policy = "never"
    challenge_password_reset_policy: Policy = "never"  # noqa: S105 - no password
    allowlist: list[str] = []
    monitoring_mode_enabled: bool = False


class PhoneProvider(msgspec.Struct, frozen=True):
    """``phone-provider-protection``: how long the wait between two messages to one number is. ``exponential``: twice as
    long each time.
    """

    type: Literal["default", "exponential"] = "default"


class DashboardAccess(msgspec.Struct, frozen=True):
    """Whom the dashboard lets in: everybody from any address where there is none. Ours."""

    mfa_required: str = "in_production"
    allowed_ips: list[str] = []


class AttackProtection(msgspec.Struct, frozen=True, rename="kebab"):
    """The tenant's attack protection. ``captcha`` is the stored object, whose secrets are sealed."""

    brute_force_protection: BruteForce = BruteForce()
    suspicious_ip_throttling: SuspiciousIp = SuspiciousIp()
    breached_password_detection: BreachedPasswords = BreachedPasswords()
    bot_detection: BotDetection = BotDetection()
    phone_provider_protection: PhoneProvider = PhoneProvider()
    dashboard_access: DashboardAccess = DashboardAccess()
    captcha: dict[str, Any] = {}
