"""``/attack-protection/...``: the shields of a tenant."""

from __future__ import annotations

from typing import Any

from idp.foundation.apikit import Api, as_view, changes
from idp.foundation.kernel import document_encryption
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import settings_service as service
from idp.signin.attack_protection.schemas import (
    BotDetectionUpdate,
    BotDetectionView,
    BreachedPasswordsUpdate,
    BreachedPasswordsView,
    BruteForceUpdate,
    BruteForceView,
    CaptchaUpdate,
    CaptchaView,
    PhoneProviderUpdate,
    PhoneProviderView,
    SuspiciousIpUpdate,
    SuspiciousIpView,
)

api = Api("attack-protection")
READ, UPDATE = {"read:attack_protection"}, {"update:attack_protection"}


@api.get("/attack-protection/brute-force-protection", scopes=READ, summary="Get brute-force settings")
def get_brute_force(work: Work) -> BruteForceView:
    """The settings in force."""
    return as_view(BruteForceView, service.current(work, service.BRUTE_FORCE))


@api.patch("/attack-protection/brute-force-protection", scopes=UPDATE, summary="Update brute-force settings")
def update_brute_force(work: Work, body: BruteForceUpdate) -> BruteForceView:
    """Change some of them."""
    return as_view(BruteForceView, service.change(work, service.BRUTE_FORCE, changes(body)))


@api.get("/attack-protection/suspicious-ip-throttling", scopes=READ, summary="Get suspicious IP throttling settings")
def get_suspicious_ip(work: Work) -> SuspiciousIpView:
    """The settings in force."""
    return as_view(SuspiciousIpView, service.current(work, service.SUSPICIOUS_IP))


@api.patch(
    "/attack-protection/suspicious-ip-throttling", scopes=UPDATE, summary="Update suspicious IP throttling settings"
)
def update_suspicious_ip(work: Work, body: SuspiciousIpUpdate) -> SuspiciousIpView:
    """Change some of them; the stages change one by one."""
    return as_view(SuspiciousIpView, service.change(work, service.SUSPICIOUS_IP, changes(body)))


@api.get(
    "/attack-protection/breached-password-detection", scopes=READ, summary="Get breached password detection settings"
)
def get_breached_passwords(work: Work) -> BreachedPasswordsView:
    """The settings in force."""
    return as_view(BreachedPasswordsView, service.current(work, service.BREACHED_PASSWORDS))


@api.patch(
    "/attack-protection/breached-password-detection",
    scopes=UPDATE,
    summary="Update breached password detection settings",
)
def update_breached_passwords(work: Work, body: BreachedPasswordsUpdate) -> BreachedPasswordsView:
    """Change some of them; the stages change one by one."""
    return as_view(BreachedPasswordsView, service.change(work, service.BREACHED_PASSWORDS, changes(body)))


@api.get("/attack-protection/bot-detection", scopes=READ, summary="Get bot detection settings")
def get_bot_detection(work: Work) -> BotDetectionView:
    """The settings in force."""
    return as_view(BotDetectionView, service.current(work, service.BOT_DETECTION))


@api.patch("/attack-protection/bot-detection", scopes=UPDATE, summary="Update bot detection settings")
def update_bot_detection(work: Work, body: BotDetectionUpdate) -> BotDetectionView:
    """Change some of them."""
    return as_view(BotDetectionView, service.change(work, service.BOT_DETECTION, changes(body)))


@api.get("/attack-protection/phone-provider-protection", scopes=READ, summary="Get phone provider protection")
def get_phone_provider(work: Work) -> PhoneProviderView:
    """The settings in force."""
    return as_view(PhoneProviderView, service.current(work, service.PHONE_PROVIDER))


@api.patch("/attack-protection/phone-provider-protection", scopes=UPDATE, summary="Update phone provider protection")
def update_phone_provider(work: Work, body: PhoneProviderUpdate) -> PhoneProviderView:
    """How long people wait between two messages."""
    return as_view(PhoneProviderView, service.change(work, service.PHONE_PROVIDER, changes(body)))


@api.get("/attack-protection/captcha", scopes=READ, summary="Get the CAPTCHA configuration")
def get_captcha(work: Work) -> CaptchaView:
    """The providers, without their secrets."""
    return _captcha_view(service.captcha(work))


@api.patch("/attack-protection/captcha", scopes=UPDATE, summary="Update the CAPTCHA configuration")
def update_captcha(work: Work, body: CaptchaUpdate) -> CaptchaView:
    """Change some of them."""
    return _captcha_view(service.change_captcha(work, changes(body), CaptchaUpdate))


def _captcha_view(document: dict[str, Any]) -> CaptchaView:
    return as_view(CaptchaView, document_encryption.without_secrets(document, CaptchaUpdate))
