"""Auth0's prompts and their screens, and the languages and places that words and pieces are stored for
(spec/management-types.tsv, ``PromptGroupNameEnum``, ``PromptLanguageEnum``, ``PartialGroupsEnum``;
spec/login-factors.md, "Screens").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SCREENS: Final[Mapping[str, frozenset[str]]] = {
    "login": frozenset({"login"}),
    "login-id": frozenset({"login-id"}),
    "login-password": frozenset({"login-password"}),
    "login-passwordless": frozenset(
        """login-passwordless-email-code login-passwordless-email-link login-passwordless-sms-otp""".split()
    ),
    "login-email-verification": frozenset({"login-email-verification"}),
    "signup": frozenset({"signup"}),
    "signup-id": frozenset({"signup-id"}),
    "signup-password": frozenset({"signup-password"}),
    "phone-identifier-enrollment": frozenset({"phone-identifier-enrollment"}),
    "phone-identifier-challenge": frozenset({"phone-identifier-challenge"}),
    "email-identifier-challenge": frozenset({"email-identifier-challenge"}),
    "reset-password": frozenset(
        """reset-password reset-password-email reset-password-error reset-password-request reset-password-
        success reset-password-mfa-email-challenge reset-password-mfa-otp-challenge reset-password-mfa-
        phone-challenge reset-password-mfa-push-challenge-push reset-password-mfa-recovery-code-challenge
        reset-password-mfa-sms-challenge reset-password-mfa-voice-challenge reset-password-mfa-webauthn-
        platform-challenge reset-password-mfa-webauthn-roaming-challenge""".split()
    ),
    "custom-form": frozenset({"custom-form"}),
    "consent": frozenset({"consent"}),
    "customized-consent": frozenset({"customized-consent"}),
    "logout": frozenset("logout logout-aborted logout-complete".split()),
    "mfa-push": frozenset(
        """mfa-push-challenge-push mfa-push-enrollment-qr mfa-push-enrollment-code mfa-push-success mfa-push-
        list mfa-push-welcome""".split()
    ),
    "mfa-otp": frozenset("mfa-otp-challenge mfa-otp-enrollment-code mfa-otp-enrollment-qr".split()),
    "mfa-voice": frozenset("mfa-voice-challenge mfa-voice-enrollment".split()),
    "mfa-phone": frozenset("mfa-phone-challenge mfa-phone-enrollment".split()),
    "mfa-webauthn": frozenset(
        """mfa-webauthn-change-key-nickname mfa-webauthn-enrollment-success mfa-webauthn-error mfa-webauthn-
        not-available-error mfa-webauthn-platform-challenge mfa-webauthn-platform-enrollment mfa-webauthn-
        roaming-challenge mfa-webauthn-roaming-enrollment""".split()
    ),
    "mfa-sms": frozenset("mfa-country-codes mfa-sms-challenge mfa-sms-enrollment mfa-sms-list".split()),
    "mfa-email": frozenset("mfa-email-challenge mfa-email-list".split()),
    "mfa-recovery-code": frozenset(
        """mfa-recovery-code-challenge mfa-recovery-code-enrollment mfa-recovery-code-challenge-new-code""".split()
    ),
    "mfa": frozenset(
        """mfa-begin-enroll-options mfa-detect-browser-capabilities mfa-enroll-result mfa-login-options""".split()
    ),
    "status": frozenset({"status"}),
    "device-flow": frozenset(
        """device-code-activation device-code-activation-allowed device-code-activation-denied device-code-
        confirmation""".split()
    ),
    "email-verification": frozenset({"email-verification-result"}),
    "email-otp-challenge": frozenset({"email-otp-challenge"}),
    "organizations": frozenset("organization-picker organization-selection".split()),
    "invitation": frozenset({"accept-invitation"}),
    "common": frozenset({"common"}),
    "passkeys": frozenset("passkey-enrollment passkey-enrollment-local".split()),
    "captcha": frozenset("captcha interstitial-captcha".split()),
    "brute-force-protection": frozenset(
        """brute-force-protection-unblock brute-force-protection-unblock-success brute-force-protection-
        unblock-failure""".split()
    ),
    "async-approval-flow": frozenset(
        """async-approval-wrong-user async-approval-accepted async-approval-denied async-approval-error""".split()
    ),
    "confirmation": frozenset({"confirmation"}),
}
"""Prompt -> its screens."""
PROMPTS: Final = frozenset(SCREENS)
PARTIAL_PROMPTS: Final = frozenset(
    """login login-id login-password login-passwordless signup signup-id signup-password customized-consent passkeys
    confirmation""".split()
)
"""Prompts whose pages take pieces."""
PLACES: Final = frozenset(
    """form-content-start form-content-end form-footer-start form-footer-end secondary-actions-start
    secondary-actions-end""".split()
)
"""Where on a page a piece stands."""
LANGUAGES: Final = frozenset(
    """am ar ar-EG ar-SA az bg bn bs ca-ES cnr cs cy da de el en en-CA es es-419 es-AR es-MX et eu-ES fa fi fr fr-
    CA fr-FR gl-ES gu he hi hr hu hy id is it ja ka kk kn ko lt lv mk ml mn mr ms my nb nl nn no pa pl pt pt-BR
    pt-PT ro ru sk sl so sq sr sv sw ta te th tl tr uk ur vi zgh zh-CN zh-HK zh-MO zh-TW""".split()
)
"""Languages that Auth0 knows."""
