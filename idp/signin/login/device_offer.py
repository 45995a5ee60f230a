"""The device that somebody sits at, offered as a second factor to whoever just proved another one in this attempt: the
one moment at which adding a factor asks for nothing more (decision 0236).
"""

from __future__ import annotations

from typing import Any, Final

from idp.directory.users import provision
from idp.foundation.kernel.errors import BadRequest
from idp.signin.factors import service
from idp.signin.login import factor_keys, factor_steps, flow
from idp.signin.login.passkey_sign_in import PasskeyForm
from idp.signin.login.policy import DEVICE_OFFER
from idp.signin.login.screen import Resume, Show
from idp.signin.login.screen_request import ScreenRequest

KIND: Final = "webauthn-platform"


def form(request: ScreenRequest) -> PasskeyForm | None:
    """What the page's script needs; None where this host has no keys."""
    return factor_keys.form(request, KIND)


def options(request: ScreenRequest, kind: str) -> dict[str, Any] | None:
    """Options to make the device's key; None where it is not offered now. Raises TooMany."""
    found = factor_keys.kind_of(KIND)
    if kind != KIND or found is None or not _offered(request):
        return None
    user = provision.by_id(request.work, request.just_signed_in.user_id)
    if user is None:
        return None
    try:
        method = factor_steps.begin_enrolling(request, service.New(type=KIND))
    except BadRequest:  # they have as many methods as anybody may have
        return None
    named = user.email or user.username or user.name or user.user_id
    return found.offer(request.work, method, factor_steps.asked(request), name=named)


def add(request: ScreenRequest, answer: str) -> Resume | Show | str:
    """Keep it, and on; the sentence of the page where it was not made."""
    here = factor_steps.step(request)
    method = service.find(request.work, here.enrolling) if here.enrolling else None
    if not _offered(request) or method is None or method.confirmed or method.user_id != request.just_signed_in.user_id:
        return factor_keys.NOT_MADE
    proof = factor_steps.answered(request, method, answer)
    if isinstance(proof, Show):
        said: Show = factor_keys.in_words(proof, factor_keys.NOT_MADE)
        return said
    service.finish(request.work, method.id)
    return over(request)


def over(request: ScreenRequest, noted: str | None = None) -> Resume:
    """They answered: on. ``noted`` is the cookie by which the browser remembers it."""
    request.transaction.offer = None
    factor_steps.step(request).enrolling = None
    request.save()
    return Resume(offers=noted)


def _offered(request: ScreenRequest) -> bool:
    """Whether the attempt is at that page: a factor of this very session was proven in it."""
    return request.transaction.offer == DEVICE_OFFER and not flow.has_to_wait(request.work, request, DEVICE_OFFER)
