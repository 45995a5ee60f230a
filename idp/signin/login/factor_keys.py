"""Security keys and devices as second factors on the pages: what their script gives to the browser."""

from __future__ import annotations

from typing import Any

from idp.signin.factors import service
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.kinds.webauthn import WebAuthnKind
from idp.signin.login import factor_steps, reset_factor
from idp.signin.login.passkey_sign_in import OPTIONS_PATH, PasskeyForm
from idp.signin.login.screen import Go, Problem, Show
from idp.signin.login.screen_request import PageRequest, ScreenRequest, TicketRequest
from idp.signin.login.screens.reset_change import known_user

WRONG = "mfa-webauthn.mfa-webauthn-roaming-challenge.webauthn-challenge-error"
NOT_MADE = "passkeys.passkey-enrollment.browser-failed"


def kind_of(name: str) -> WebAuthnKind | None:
    """The kind of that type."""
    found = KINDS.get(name)
    return found if isinstance(found, WebAuthnKind) else None


def form(request: PageRequest, name: str) -> PasskeyForm | None:
    """What the page's script needs; None where this host has no keys."""
    kind = kind_of(name)
    rp = kind.party(request.work) if kind is not None else None
    return PasskeyForm(request.work.href(OPTIONS_PATH), rp.id, autofill=False) if rp is not None else None


def ask(request: ScreenRequest, name: str) -> dict[str, Any] | None:
    """Options to show a key of that kind; None where none is asked for now. Raises TooMany."""
    kind = kind_of(name)
    method = factor_steps.challenged(request, name) if kind is not None else None
    if kind is None or method is None or isinstance(method, Go):
        return None
    return kind.ask(request.work, method, factor_steps.asked(request))


def offer(request: ScreenRequest, name: str) -> dict[str, Any] | None:
    """Options to make a key of that kind; None where none is set up now. Raises TooMany, BadRequest."""
    kind = kind_of(name)
    if kind is None:
        return None
    found = factor_steps.enrolling(request, kind)
    if isinstance(found, Go):
        return None
    if found is None:
        found = factor_steps.begin_enrolling(request, service.New(type=name))
    owner = factor_steps.user(request)
    named = owner.email or owner.username or owner.name or owner.user_id
    return kind.offer(request.work, found, factor_steps.asked(request), name=named)


def before_reset(request: TicketRequest, name: str) -> dict[str, Any] | None:
    """Options to show a key before a new password; None where none is asked for. Raises TooMany."""
    kind, user = kind_of(name), known_user(request)
    if kind is None or reset_factor.wanted(request, user) is None:
        return None
    found = next((each for each in reset_factor.methods(request, user) if each.type == name), None)
    return kind.ask(request.work, found, reset_factor.asked(request)) if found is not None else None


def in_words(result: Any, wrong: str = WRONG) -> Any:
    """A wrong answer in words that fit: nobody typed a code here."""
    if isinstance(result, Show) and any(each.field == "code" for each in result.problems) and result.status == 400:
        return Show((Problem(wrong),))
    return result
