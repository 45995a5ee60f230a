"""The device that somebody sits at, offered as a second factor to whoever just proved another one in this attempt: the
one moment at which adding a factor asks for nothing more (decision 0236). Where devices stand in for passwords, it is
offered to people who have a password and nothing else, too (decision 0438).
"""

from __future__ import annotations

from typing import Any, Final

from idp.directory.users import provision
from idp.directory.users import service as users
from idp.foundation.kernel.errors import BadRequest
from idp.signin.factors import devices, service
from idp.signin.login import factor_keys, factor_steps, flow
from idp.signin.login.passkey_sign_in import PasskeyForm
from idp.signin.login.policy import DEVICE_OFFER
from idp.signin.login.screen import Resume, Show
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.passkeys import enrolment

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
    method_id = method.id
    proof = factor_steps.answered(request, method, answer)
    if isinstance(proof, Show):
        said: Show = factor_keys.in_words(proof, factor_keys.NOT_MADE)
        return said
    with request.work.transaction():
        users.hold(request.work, method.user_id)
        if not _proved_more(request) and enrolment.others(request.work, method.user_id):
            return factor_keys.NOT_MADE  # another tab was faster: a password alone adds nothing to that
        service.finish(request.work, method.id)
    return over(request, device=request.note_device(method_id))


def over(request: ScreenRequest, noted: str | None = None, device: str | None = None) -> Resume:
    """They answered: on. ``noted`` is the cookie by which the browser remembers it, ``device`` that of a key."""
    request.transaction.offer = None
    factor_steps.step(request).enrolling = None
    request.save()
    return Resume(offers=noted, device=device)


def _proved_more(request: ScreenRequest) -> bool:
    """Whether a second factor was proven in the attempt."""
    return flow.proved_factor(request.transaction, request.session)


def instead_of_password(request: ScreenRequest) -> bool:
    """Whether it is offered to stand in for the password from now on."""
    return devices.stand_in(request.work)


def _offered(request: ScreenRequest) -> bool:
    """Whether the attempt is at that page: a factor of this very session was proven in it, or a password was by
    somebody who has nothing else.
    """
    return request.transaction.offer == DEVICE_OFFER and not flow.has_to_wait(request.work, request, DEVICE_OFFER)
