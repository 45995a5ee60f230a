"""``/activate``: where the owner of a device types its code, looks at what asks, and says yes or no (RFC 8628 3.3).

A code that came in the address is looked at and confirmed like one that was typed: whoever follows a link that somebody
else sent them sees what they would let in (RFC 8628 5.4; security.md G4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Self

import msgspec
from flask import Blueprint, Response

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.ephemeral import limits
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import FormError, PageView
from idp.foundation.web.view_models import device_name
from idp.protocol.oauth.device import codes, service
from idp.protocol.oauth.device.service import Found
from idp.protocol.oauth.log_types import OAuthLog
from idp.signin.login import flow
from idp.signin.login.application import client_view
from idp.signin.login.flow import Ask, Attempt, Done, Refuse
from idp.signin.login.pages import browser, posted_form, to_screen
from idp.signin.login.policy import AuthenticationRequest
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession
from idp.tenant.audit import failures

ACTIVATE, RESUME, SUCCESS = "/activate", "/activate/resume", "/device/success"
TEXTS = "device-flow.device-code-activation"
blueprint = Blueprint("device_pages", __name__)


@dataclass(frozen=True)
class ActivationView(PageView):
    """The code is typed here."""

    template: ClassVar[str] = "login/device-flow/device-code-activation.html"
    example_code: str = "BCDF-GHJK"
    digits: bool = False

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Empty."""
        return cls()


@dataclass(frozen=True)
class ConfirmationView(PageView):
    """Is it the code that the device shows? Buttons ``action=confirm`` and ``action=deny``; ``minutes`` since the
    device asked.
    """

    template: ClassVar[str] = "login/device-flow/device-code-confirmation.html"
    code: str
    user_email: str | None
    device: str
    ip: str
    asked: str

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """A television."""
        return cls(
            "BCDF-GHJK", "josephine.baker@example.com", "Chrome – Tizen", "198.51.100.7", texts.t("page.duration.now")
        )


@dataclass(frozen=True)
class AllowedView(PageView):
    """The device goes on by itself."""

    template: ClassVar[str] = "login/device-flow/device-code-activation-allowed.html"

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Nothing varies."""
        return cls()


@dataclass(frozen=True)
class DeniedView(PageView):
    """Nothing was let in."""

    template: ClassVar[str] = "login/device-flow/device-code-activation-denied.html"
    again_url: str

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Nothing varies."""
        return cls(ACTIVATE)


class Activation(msgspec.Struct, frozen=True):
    """What a sign-in under way is for."""

    user_code: str


@blueprint.route(ACTIVATE, methods=["GET", "POST"])
def activate() -> Response:
    """Type the code, look at what asks, say yes or no."""
    work = http.current()
    raw = posted_form(work)
    session = sessions.read(work, http.session_secret())
    if session is None:
        work.refresh()
    typed = (raw.get("user_code") or http.query().get("user_code") or "")[: codes.LONGEST]
    if not codes.normalized(typed):
        return _form(work, problem="no-code" if raw else None)
    found, client = _look_up(work, typed)
    if found is None or client is None:
        return _form(work, typed, problem="invalid-code")
    if raw.get("action") == "deny":
        service.deny(work, typed, client, session)
        return _denied(work)
    if raw.get("action") != "confirm":
        return _confirmation(work, typed, found, client, session)
    wanted = _wanted(client, found, typed)
    return _translate(work, typed, Attempt(wanted, _joined(work, client), browser=browser(work)))


@blueprint.get(RESUME)
def resume() -> Response:
    """After a login page: the same question to the flow again, now with what this attempt has proven."""
    work = http.current()
    state, device_hash, secret = http.query().get("state"), http.device_hash(), http.session_secret()
    attempt = flow.resumed(
        work, state, path=RESUME, device_hash=device_hash, session_secret=secret, browser=browser(work)
    )
    asked = msgspec.convert(attempt.request.protocol_request, Activation)
    return _translate(work, asked.user_code, attempt)


@blueprint.get(SUCCESS)
def success() -> Response:
    """Nothing is left to do in this browser."""
    work = http.current()
    work.refresh()
    return page_context.answer(work, AllowedView(), page_context.page(work))


def _look_up(work: Work, typed: str) -> tuple[Found | None, ClientConfig | None]:
    """The request that waits with that code. Each look is a guess (RFC 8628 5.1)."""
    if limits.exceeded(work, limits.CODES_TYPED, work.network) is not None:
        raise PageError("too_many_requests", "Too many attempts. Wait a few minutes and try again.", status=429)
    found = service.waiting(work, typed)
    client = clients.find(work, found.request.client_id) if found else None
    if client is None or not service.allowed(work, client):
        failures.write(work, OAuthLog.DEVICE_ACTIVATION_FAILED, "unknown or expired user code")
        return None, None
    return found, client


def _wanted(client: ClientConfig, found: Found, typed: str) -> AuthenticationRequest:
    """The request in the words of the flow."""
    return AuthenticationRequest(
        client=client,
        resume=RESUME,
        redirect_uri="",
        protocol_request=Activation(codes.normalized(typed)),
        scope=tuple(found.request.scope.split()),
        audience=found.request.audience,
        details=tuple(found.request.details or ()),
    )


def _joined(work: Work, client: ClientConfig) -> LiveSession | None:
    return sessions.read(work, http.session_secret(), client.client_id)


def _translate(work: Work, typed: str, attempt: Attempt) -> Response:
    """What the flow decides, as a person at a device is told."""
    match flow.advance(work, attempt):
        case Ask() as ask:
            return to_screen(work, attempt, ask, status=303)
        case Refuse() as refusal:
            with work.transaction():
                flow.finish(work, attempt)
            service.deny(work, typed, attempt.request.client, attempt.session)
            if not flow.told(attempt, refusal.error):
                failures.write(
                    work,
                    OAuthLog.DEVICE_ACTIVATION_FAILED,
                    refusal.error.description,
                    client_id=attempt.request.client.client_id,
                    user_id=refusal.user_id,
                )
            return _denied(work)
        case Done() as done:
            return _approved(work, typed, attempt, done)


def _approved(work: Work, typed: str, attempt: Attempt, done: Done) -> Response:
    with work.transaction():
        flow.finish(work, attempt)
        approved = service.approve(work, typed, attempt.request.client, done.session, challenged=done.challenged)
    if not approved:
        return _form(work, typed, problem="invalid-code")
    return http.redirect(work.href(SUCCESS), 303)


def _form(work: Work, typed: str = "", *, problem: str | None = None) -> Response:
    words = page_context.texts(work)
    errors = (FormError(words.t(f"{TEXTS}.{problem}"), "user_code"),) if problem else ()
    settings = work.config.settings.device_flow
    shown = ActivationView(codes.example(settings), settings.charset == "digits")
    page = page_context.page(work, errors=errors, values={"user_code": typed}, address=ACTIVATE, query={})
    answer = page_context.answer(work, shown, page, status=400 if problem else 200)
    return http.send_device(work, answer)


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def _confirmation(work: Work, typed: str, found: Found, client: ClientConfig, session: LiveSession | None) -> Response:
    asked, words = found.request, page_context.texts(work)
    view = ConfirmationView(
        code=codes.shown(work.config.settings.device_flow, typed),
        user_email=(session.email or session.name) if session and not session.blocked else None,
        device=device_name(words, asked.user_agent),
        ip=asked.ip,
        asked=words.ago(_moment(asked.begun_at), _moment(clock.now_ms())),
    )
    query = {"user_code": view.code}
    page = page_context.page(work, client=client_view(client), address=ACTIVATE, query=query)
    return http.send_device(work, page_context.answer(work, view, page, forms_stay=False))


def _denied(work: Work) -> Response:
    return page_context.answer(work, DeniedView(work.href(ACTIVATE)), page_context.page(work))
