"""Auth0's names of texts (``PUT /prompts/{prompt}/custom-text/{language}``) that are not those of our catalogues: a
screen of another name, or a key. What is in neither table has the same name here, or is shown nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

SCREENS: Final[Mapping[tuple[str, str], str]] = {
    ("reset-password", "reset-password-request"): "reset-password.request",
    ("reset-password", "reset-password-email"): "reset-password.email-sent",
    ("reset-password", "reset-password"): "reset-password.change",
    ("reset-password", "reset-password-success"): "reset-password.success",
    ("reset-password", "reset-password-error"): "reset-password.error",
    ("email-verification", "email-verification-result"): "email-verification.result",
    ("logout", "logout"): "logout.confirm",
    ("logout", "logout-complete"): "logout.signed-out",
    ("brute-force-protection", "brute-force-protection-unblock"): "unblock.confirm",
    ("brute-force-protection", "brute-force-protection-unblock-success"): "unblock.done",
}
"""(prompt, screen) there -> where its texts stand here."""
_SIGN_IN: Final[Mapping[str, tuple[str, ...]]] = {
    "description": ("page.lead.toApp", "page.lead.toTenant"),
    "separatorText": ("login.login.separatorText",),
    "footerText": ("login.login.signupActionText",),
    "signupActionText": ("login.login.signupActionText",),
    "footerLinkText": ("login.login.signupActionLinkText",),
    "signupActionLinkText": ("login.login.signupActionLinkText",),
    "forgotPasswordText": ("login.login.forgotPasswordText",),
    "emailPlaceholder": ("login.login.usernameLabel",),
    "usernamePlaceholder": ("login.login.usernameLabel",),
    "usernameOrEmailPlaceholder": ("login.login.usernameOrEmailLabel",),
    "passwordPlaceholder": ("login.login.passwordLabel",),
    "federatedConnectionButtonText": ("login.login.federatedConnectionButtonText",),
    "wrong-credentials": ("login.login.wrong-credentials",),
    "wrong-email-credentials": ("login.login.wrong-credentials",),
    "invalid-email-format": ("signup.signup.invalid-email",),
    "no-password": ("login.login.no-password",),
    "no-email": ("login.login.no-username",),
    "no-username": ("login.login.no-username",),
    "user-blocked": ("login.login.user-blocked",),
    "too-many-attempts": ("login.login.too-many-attempts",),
    "password-policy-not-strong-enough": ("signup.signup.weak-password",),
}
KEYS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "login.login": _SIGN_IN,
    "login-id.login-id": _SIGN_IN,
    "login-password.login-password": {
        **{name: keys for name, keys in _SIGN_IN.items() if name != "description"},
        "editEmailText": ("login-password.login-password.editText",),
    },
    "signup.signup": {
        "description": ("page.lead.toApp", "page.lead.toTenant"),
        "loginActionText": ("signup.signup.loginActionText",),
        "loginActionLinkText": ("signup.signup.loginActionLinkText",),
        "emailPlaceholder": ("signup.signup.emailLabel",),
        "passwordPlaceholder": ("signup.signup.passwordLabel",),
        "usernamePlaceholder": ("signup.signup.usernameLabel",),
        "separatorText": ("login.login.separatorText",),
        "federatedConnectionButtonText": ("login.login.federatedConnectionButtonText",),
        "invalid-email-format": ("signup.signup.invalid-email",),
        "password-policy-not-strong-enough": ("signup.signup.weak-password",),
        "email-in-use": ("signup.signup.email-exists",),
        "username-taken": ("signup.signup.username-taken",),
    },
    "reset-password.request": {
        "descriptionEmail": ("reset-password.request.text",),
        "descriptionUsername": ("reset-password.request.text",),
        "backToLoginLinkText": ("reset-password.request.backText",),
        "no-email": ("reset-password.request.no-username",),
        "no-username": ("reset-password.request.no-username",),
    },
    "reset-password.email-sent": {
        "emailDescription": ("reset-password.email-sent.text",),
        "usernameDescription": ("reset-password.email-sent.text",),
        "resendLinkText": ("reset-password.email-sent.resendText",),
    },
    "reset-password.change": {
        "description": ("reset-password.change.text",),
        "passwordPlaceholder": ("reset-password.change.passwordLabel",),
        "password-history": ("reset-password.change.password-reused",),
    },
    "reset-password.success": {
        "eventTitle": ("reset-password.success.title",),
        "description": ("reset-password.success.text",),
    },
    "reset-password.error": {
        "eventTitleExpired": ("reset-password.error.title",),
        "descriptionExpired": ("reset-password.error.text",),
        "descriptionGeneric": ("reset-password.error.text",),
        "backToLoginLinkText": ("reset-password.error.buttonText",),
    },
    "logout.confirm": {
        "description": ("logout.confirm.text", "logout.confirm.textFromApp"),
        "acceptButtonText": ("logout.confirm.acceptText",),
        "declineButtonText": ("logout.confirm.denyText",),
    },
    "logout.signed-out": {"eventTitle": ("logout.signed-out.title",), "description": ("logout.signed-out.text",)},
    "consent.consent": {
        "acceptButtonText": ("consent.consent.acceptText",),
        "declineButtonText": ("consent.consent.denyText",),
    },
    "unblock.confirm": {"description": ("unblock.confirm.text",)},
    "unblock.done": {"description": ("unblock.done.text",)},
}
"""Keys there -> the texts here that take their words, by where the screen's texts stand here."""


def keys(prompt: str, screen: str, key: str) -> tuple[str, ...]:
    """The texts of our catalogues that take the words of a text of Auth0's."""
    here = SCREENS.get((prompt, screen), f"{prompt}.{screen}")
    return KEYS.get(here, {}).get(key, (f"{here}.{key}",))


def spread(prompt: str, screens: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """A tenant's words for a prompt, by the whole keys of our catalogues."""
    for screen, words in screens.items():
        for key, text in words.items():
            yield from ((each, text) for each in keys(prompt, screen, key))
