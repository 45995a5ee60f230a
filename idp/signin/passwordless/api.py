"""``/branding/phone/.../try``: one message, to see what arrives."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from msgspec import Meta

from idp.foundation.apikit import Api, Body, View
from idp.foundation.kernel.formats import Reference
from idp.foundation.tenancy.work import Work
from idp.signin.passwordless import phone_trials

api = Api("branding")
SENT = "Message sent"


class Trial(Body, kw_only=True):
    """Where the message goes."""

    to: Annotated[str, Meta(min_length=1, max_length=32)]
    delivery_method: Literal["text", "voice"] = "text"


class TrialView(View):
    """What became of it."""

    code: int
    message: str


@api.post(
    "/branding/phone/providers/{id}/try",
    scopes={"create:phone_providers"},
    status=HTTPStatus.ACCEPTED,
    summary="Send a test phone notification for the configured provider",
)
def try_provider(work: Work, id: Reference, body: Trial) -> TrialView:
    """Send one message through that provider."""
    phone_trials.try_provider(work, id, body.to, body.delivery_method)
    return TrialView(code=HTTPStatus.ACCEPTED, message=SENT)


@api.post(
    "/branding/phone/templates/{id}/try",
    scopes={"create:phone_templates"},
    status=HTTPStatus.ACCEPTED,
    summary="Send a test phone notification for the template",
)
def try_template(work: Work, id: Reference, body: Trial) -> TrialView:
    """Send one message with the words of the template."""
    phone_trials.try_template(work, id, body.to, body.delivery_method)
    return TrialView(code=HTTPStatus.ACCEPTED, message=SENT)
