"""Auth0's prompts and their screens, and the languages and places that words and pieces are stored for
(spec/management-types.tsv, ``PromptGroupNameEnum``, ``PromptLanguageEnum``, ``PartialGroupsEnum``;
spec/login-factors.md, "Screens").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SCREENS: Final[Mapping[str, frozenset[str]]] = {
    "login": frozenset({"login"}),
    "login-id": frozenset({"login-id"}),
    "login-password": frozenset({"login-password"}),
    "login-passwordless": _words(
        """login-passwordless-email-code login-passwordless-email-link login-passwordless-sms-otp"""
    ),
    "login-email-verification": frozenset({"login-email-verification"}),
    "signup": frozenset({"signup"}),
    "signup-id": frozenset({"signup-id"}),
    "signup-password": frozenset({"signup-password"}),
    "phone-identifier-enrollment": frozenset({"phone-identifier-enrollment"}),
    "phone-identifier-challenge": frozenset({"phone-identifier-challenge"}),
    "email-identifier-challenge": frozenset({"email-identifier-challenge"}),
    "reset-password": _words(
        """reset-password reset-password-email reset-password-error reset-password-request reset-password-success
    reset-password-mfa-email-challenge reset-password-mfa-otp-challenge reset-password-mfa-phone-challenge
    reset-password-mfa-push-challenge-push reset-password-mfa-recovery-code-challenge
    reset-password-mfa-sms-challenge reset-password-mfa-voice-challenge
    reset-password-mfa-webauthn-platform-challenge reset-password-mfa-webauthn-roaming-challenge"""
    ),
    "custom-form": frozenset({"custom-form"}),
    "consent": frozenset({"consent"}),
    "customized-consent": frozenset({"customized-consent"}),
    "logout": _words("logout logout-aborted logout-complete"),
    "mfa-push": _words(
        """mfa-push-challenge-push mfa-push-enrollment-qr mfa-push-enrollment-code mfa-push-success mfa-push-list
    mfa-push-welcome"""
    ),
    "mfa-otp": _words("mfa-otp-challenge mfa-otp-enrollment-code mfa-otp-enrollment-qr"),
    "mfa-voice": _words("mfa-voice-challenge mfa-voice-enrollment"),
    "mfa-phone": _words("mfa-phone-challenge mfa-phone-enrollment"),
    "mfa-webauthn": _words(
        """mfa-webauthn-change-key-nickname mfa-webauthn-enrollment-success mfa-webauthn-error
    mfa-webauthn-not-available-error mfa-webauthn-platform-challenge mfa-webauthn-platform-enrollment
    mfa-webauthn-roaming-challenge mfa-webauthn-roaming-enrollment"""
    ),
    "mfa-sms": _words("mfa-country-codes mfa-sms-challenge mfa-sms-enrollment mfa-sms-list"),
    "mfa-email": _words("mfa-email-challenge mfa-email-list"),
    "mfa-recovery-code": _words(
        """mfa-recovery-code-challenge mfa-recovery-code-enrollment mfa-recovery-code-challenge-new-code"""
    ),
    "mfa": _words("""mfa-begin-enroll-options mfa-detect-browser-capabilities mfa-enroll-result mfa-login-options"""),
    "status": frozenset({"status"}),
    "device-flow": _words(
        """device-code-activation device-code-activation-allowed
    device-code-activation-denied device-code-confirmation"""
    ),
    "email-verification": frozenset({"email-verification-result"}),
    "email-otp-challenge": frozenset({"email-otp-challenge"}),
    "organizations": _words("organization-picker organization-selection"),
    "invitation": frozenset({"accept-invitation"}),
    "common": frozenset({"common"}),
    "passkeys": _words("passkey-enrollment passkey-enrollment-local"),
    "captcha": _words("captcha interstitial-captcha"),
    "brute-force-protection": _words(
        """brute-force-protection-unblock brute-force-protection-unblock-success
    brute-force-protection-unblock-failure"""
    ),
    "async-approval-flow": _words(
        """async-approval-wrong-user async-approval-accepted async-approval-denied async-approval-error"""
    ),
    "confirmation": frozenset({"confirmation"}),
}
"""Prompt -> its screens."""
PROMPTS: Final = frozenset(SCREENS)
PARTIAL_PROMPTS: Final = _words(
    """login login-id login-password login-passwordless signup signup-id signup-password customized-consent
    passkeys confirmation custom-form"""
)
"""Prompts whose pages take pieces."""
PLACES: Final = _words(
    """form-content-start form-content-end form-footer-start form-footer-end secondary-actions-start
    secondary-actions-end"""
)
"""Where on a page a piece stands."""
LANGUAGES: Final = _words(
    """am ar ar-EG ar-SA az bg bn bs ca-ES cnr cs cy da de el en en-CA es es-419 es-AR es-MX et eu-ES fa fi fr
    fr-CA fr-FR gl-ES gu he hi hr hu hy id is it ja ka kk kn ko lt lv mk ml mn mr ms my nb nl nn no pa pl pt
    pt-BR pt-PT ro ru sk sl so sq sr sv sw ta te th tl tr uk ur vi zgh zh-CN zh-HK zh-MO zh-TW"""
)
"""Languages that Auth0 knows."""
