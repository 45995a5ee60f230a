"""Attack protection (``/admin/security/shields``): each shield is a tab, saved by its own operation.

Whatever can leave a shield without effect wants a fresh sign-in: its switch, what it does when it strikes, and whom it
leaves alone. How soon it strikes is bounded by the operation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from idp.admin import threats
from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.listing import MOST_COUNTED
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Field, Resource, Section, Tab
from idp.signin.attack_protection import settings_api as shields
from idp.signin.attack_protection.log_types import ProtectionLog
from idp.signin.attack_protection.settings_service import PARTS
from idp.tenant.audit import api as logs

BRUTE_FORCE = (
    Field("enabled", careful=True, fresh=True),
    Field("shields", careful=True, fresh=True),
    Field("mode"),
    Field("max_attempts", hint=True),
    Field("allowlist", fresh=True, hint=True),
)
SUSPICIOUS_IP = (
    Field("enabled", careful=True, fresh=True),
    Field("shields", careful=True, fresh=True),
    Field("stage.pre-login.max_attempts"),
    Field("stage.pre-login.rate", hint=True),
    Field("stage.pre-user-registration.max_attempts"),
    Field("stage.pre-user-registration.rate", hint=True),
    Field("stage.pre-custom-token-exchange.max_attempts"),
    Field("stage.pre-custom-token-exchange.rate", hint=True),
    Field("allowlist", fresh=True, hint=True),
)
BREACHED = (
    Field("enabled", careful=True, fresh=True),
    Field("shields", careful=True, fresh=True),
    Field("stage.pre-user-registration.shields", fresh=True),
    Field("stage.pre-change-password.shields", fresh=True),
    Field("admin_notification_frequency"),
)
BOTS = (
    Field("bot_detection_level"),
    Field("challenge_password_policy", careful=True, fresh=True),
    Field("challenge_passwordless_policy", fresh=True),
    Field("challenge_password_reset_policy", fresh=True),
    Field("monitoring_mode_enabled", fresh=True, hint=True),
    Field("allowlist", fresh=True, hint=True),
)
CAPTCHA = (
    Field("active_provider_id", hint=True),
    Field("hcaptcha.site_key"),
    Field("hcaptcha.secret"),
    Field("friendly_captcha.site_key"),
    Field("friendly_captcha.secret"),
    Field("recaptcha_v2.site_key"),
    Field("recaptcha_v2.secret"),
)
PHONE = (Field("type", hint=True),)

SAW: Mapping[str, Sequence[ProtectionLog]] = {
    "brute-force": (ProtectionLog.BLOCKED, ProtectionLog.ACCOUNT_BLOCKED),
    "suspicious-ip": (ProtectionLog.NETWORK_BLOCKED,),
    "breached": (ProtectionLog.BREACHED_LOGIN, ProtectionLog.BREACHED_SIGN_UP, ProtectionLog.BREACHED_RESET),
    "bots": (ProtectionLog.ASSESSED,),
}
"""What each shield writes down."""


def _shield(name: str, fields: Sequence[Field], **operations_of: Any) -> Tab:
    """The tab of a shield: its settings, beside how often it struck in a fortnight."""

    def view(visit: Visit, _there: Object) -> Mapping[str, Any]:
        kinds = [each.value for each in SAW[name]] if operations.may(visit.work, logs.list_logs) else []
        return {"seen": threats.seen(visit, kinds) if kinds else [], "most": MOST_COUNTED}

    return Tab(name, (Section(name, fields),), "admin/shields/shield.html", view, **operations_of)


RESOURCES = (
    Resource(
        group="security",
        name="shields",
        read=shields.get_brute_force,
        update=shields.update_brute_force,
        single=True,
        title=lambda _document: "",
        tabs=(
            _shield("brute-force", BRUTE_FORCE),
            _shield(
                "suspicious-ip",
                SUSPICIOUS_IP,
                read=shields.get_suspicious_ip,
                update=shields.update_suspicious_ip,
            ),
            _shield(
                "breached",
                BREACHED,
                read=shields.get_breached_passwords,
                update=shields.update_breached_passwords,
            ),
            _shield("bots", BOTS, read=shields.get_bot_detection, update=shields.update_bot_detection),
            Tab("captcha", (Section("captcha", CAPTCHA),), read=shields.get_captcha, update=shields.update_captcha),
            Tab(
                "phone",
                (Section("phone", PHONE),),
                read=shields.get_phone_provider,
                update=shields.update_phone_provider,
            ),
            history(),
        ),
        aliases=("Attack Protection", "brute-force-protection", "captcha", "bot-detection"),
        recorded=("tenants", ""),
        part=tuple(f"attack_protection.{each}" for each in PARTS),
    ),
)
