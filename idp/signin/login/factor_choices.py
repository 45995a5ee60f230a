"""What people choose about a factor while they prove or set it up: how a code comes to their phone this time, and the
name of a key.
"""

from __future__ import annotations

from idp.foundation.tenancy import appearance
from idp.signin.factors import service, settings
from idp.signin.factors.kinds import KINDS, PHONE
from idp.signin.factors.models import AuthenticationMethod
from idp.signin.login import factor_steps
from idp.signin.login.factor_steps import RECOVERY_PAGE, RESENT
from idp.signin.login.screen import Form, Go, Result
from idp.signin.login.screen_request import ScreenRequest

SWITCHES = {"switch-to-voice": "voice", "switch-to-text": "sms"}
"""Buttons that have the code come in another way."""


def shown(request: ScreenRequest, method: AuthenticationMethod) -> str:
    """What tells a method from others on the pages: a number as the tenant's theme has it, else masked."""
    display = appearance.look(request.work).phone_display
    if method.type != PHONE.type or display is None or display.masking == "mask_digits":
        return KINDS[method.type].shown(method)
    import phonenumbers

    known = phonenumbers.parse(method.phone_number or "")
    hides = display.masking == "hide_country_code" or display.formatting == "regional"
    style = phonenumbers.PhoneNumberFormat.NATIONAL if hides else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(known, style))


def ways(request: ScreenRequest, method: AuthenticationMethod) -> tuple[bool, str]:
    """Whether the code is said by telephone, and the other way that it may come by (``voice``, ``text`` or none)."""
    if method.type != PHONE.type:
        return False, ""
    able = settings.of(request.work).message_types
    calls = PHONE.way(request.work, method, factor_steps.asked(request)) == "voice"
    other = "text" if calls else "voice"
    return calls, other if ("sms" if calls else "voice") in able else ""


def switched(request: ScreenRequest, form: Form) -> Result | None:
    """Another code, which comes in the way of that button from now on in this attempt; the wait between two codes is
    the same. None for other buttons.
    """
    method = factor_steps.challenged(request, PHONE.type) if form.action in SWITCHES else None
    if method is None or isinstance(method, Go):
        return method
    here, by = factor_steps.step(request), SWITCHES[form.action]
    before = here.by
    if by in settings.of(request.work).message_types:
        here.by = by
    refused = factor_steps.sent(request, method, again=True)
    if refused is not None:
        here.by = before
        return refused
    request.save()
    return Go(f"/u/{PHONE.challenge_page}", RESENT)


def name_key(request: ScreenRequest, name: str) -> Result:
    """The key that was just set up has that name; on to the recovery code, or to the end."""
    here = factor_steps.step(request)
    method = service.find(request.work, here.naming) if here.naming is not None else None
    if method is None or method.user_id != factor_steps.user_id(request):
        return factor_steps.start(request)
    with request.work.transaction():
        service.change(request.work, method.user_id, method.id, {"name": name}, by_owner=True)
        here.naming = None
        request.save()
    return Go(RECOVERY_PAGE) if here.code_sealed is not None else factor_steps.complete(request)
