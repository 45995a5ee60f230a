"""``/approve``: where a person looks at what an application asks them to confirm, and says yes or no. The link came by
mail, or stands on their account page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import msgspec
from flask import Blueprint, Response

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.ephemeral import limits
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.foundation.web.view_models import ScopeGroup, account_scopes
from idp.protocol.oauth.ciba import service
from idp.protocol.oauth.ciba.service import Found
from idp.protocol.oauth.log_types import OAuthLog
from idp.signin.login import flow, permissions, requested_details
from idp.signin.login.application import client_view
from idp.signin.login.flow import Ask, Attempt, Done, Refuse
from idp.signin.login.pages import browser, posted_form, to_screen
from idp.signin.login.policy import AuthenticationRequest
from idp.signin.login.requested_details import Fact, RequestedDetail
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession
from idp.signin.user_grants.consent import Wanted
from idp.tenant.audit import failures

APPROVE, RESUME, DONE = "/approve", "/approve/resume", "/approve/done"
ANOTHER_PERSON = "id_token_hint"
"""The row of the policy that wants the person who was asked."""
MOST_NAME = 128
blueprint = Blueprint("ciba_pages", __name__)


@dataclass(frozen=True)
class ApprovalView(PageView):
    """Is this yours? Buttons ``action=confirm`` and ``action=deny``; ``name`` is the page's of the request."""

    template: ClassVar[str] = "login/async-approval-flow/async-approval.html"
    name: str
    message: str | None
    groups: Sequence[ScopeGroup]
    details: Sequence[RequestedDetail]
    user_email: str | None

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """A payment."""
        account = account_scopes(texts, "Harbour", ("openid", "profile"))
        detail = RequestedDetail("Payment", (Fact("Amount", "123.50 EUR"), Fact("Creditor", "Harbour Ltd.")))
        groups = [account] if account else []
        return cls("r3quest", "Order 4711-K", groups, [detail], "josephine.baker@example.com")


@dataclass(frozen=True)
class AcceptedView(PageView):
    """The application goes on by itself."""

    template: ClassVar[str] = "login/async-approval-flow/async-approval-accepted.html"

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Nothing varies."""
        return cls()


@dataclass(frozen=True)
class DeniedView(PageView):
    """Nothing was given."""

    template: ClassVar[str] = "login/async-approval-flow/async-approval-denied.html"

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Nothing varies."""
        return cls()


@dataclass(frozen=True)
class OverView(PageView):
    """It was answered, or is too old."""

    template: ClassVar[str] = "login/async-approval-flow/async-approval-error.html"

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Nothing varies."""
        return cls()


@dataclass(frozen=True)
class WrongUserView(PageView):
    """Somebody else was asked."""

    template: ClassVar[str] = "login/async-approval-flow/async-approval-wrong-user.html"

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Nothing varies."""
        return cls()


class Approving(msgspec.Struct, frozen=True):
    """What a sign-in under way is for."""

    name: str


@blueprint.route(APPROVE, methods=["GET", "POST"])
def approve() -> Response:
    """Look at it, say yes or no."""
    work = http.current()
    raw = posted_form(work)
    session = sessions.read(work, http.session_secret())
    if session is None:
        work.refresh()
    name = (raw.get("request") or http.query().get("request") or "")[:MOST_NAME]
    found, client = _look_up(work, name)
    if found is None or client is None:
        return _over(work)
    if raw.get("action") == "deny":
        service.deny(work, client, name, session)
        return _page(work, DeniedView())
    if raw.get("action") != "confirm":
        return _question(work, name, found, client, session)
    joined = sessions.read(work, http.session_secret(), client.client_id)
    return _translate(work, found, Attempt(_wanted(client, found, name), joined, browser=browser(work)))


@blueprint.get(RESUME)
def resume() -> Response:
    """After a login page: the same question to the flow again, now with what this attempt has proven."""
    work = http.current()
    state, device_hash, secret = http.query().get("state"), http.device_hash(), http.session_secret()
    attempt = flow.resumed(
        work, state, path=RESUME, device_hash=device_hash, session_secret=secret, browser=browser(work)
    )
    name = msgspec.convert(attempt.request.protocol_request, Approving).name
    found, client = _look_up(work, name)
    if found is None or client is None:
        with work.transaction():
            flow.finish(work, attempt)
        return _over(work)
    return _translate(work, found, attempt)


@blueprint.get(DONE)
def done() -> Response:
    """Nothing is left to do in this browser."""
    work = http.current()
    work.refresh()
    return _page(work, AcceptedView())


def _look_up(work: Work, name: str) -> tuple[Found | None, ClientConfig | None]:
    """The request that waits under that name."""
    if limits.exceeded(work, limits.CODES_TYPED, work.network) is not None:
        raise PageError("too_many_requests", "Too many attempts. Wait a few minutes and try again.", status=429)
    found = service.waiting(work, name) if name else None
    client = clients.find(work, found.request.client_id) if found else None
    return (found, client) if client is not None and client.allows(service.GRANT) else (None, None)


def _wanted(client: ClientConfig, found: Found, name: str) -> AuthenticationRequest:
    """The request in the words of the flow. The details were on the page that the person said yes to."""
    asked = found.request
    return AuthenticationRequest(
        client=client,
        resume=RESUME,
        redirect_uri="",
        protocol_request=Approving(name),
        hinted_user=asked.user_id,
        scope=tuple(asked.scope.split()),
        audience=asked.audience,
        acr_values=asked.acr_values,
    )


def _translate(work: Work, found: Found, attempt: Attempt) -> Response:
    """What the flow decides, as a person is told."""
    name = found.request.id
    match flow.advance(work, attempt):
        case Ask() as ask:
            return to_screen(work, attempt, ask, status=303)
        case Refuse() as refusal:
            with work.transaction():
                flow.finish(work, attempt)
            if not flow.told(attempt, refusal.error):
                failures.write(
                    work,
                    OAuthLog.CIBA_EXCHANGE_FAILED,
                    refusal.error.description,
                    client_id=attempt.request.client.client_id,
                    user_id=refusal.user_id,
                )
            if refusal.reason == ANOTHER_PERSON:
                return _page(work, WrongUserView(), status=403)
            service.deny(work, attempt.request.client, name, attempt.session)
            return _page(work, DeniedView())
        case Done() as done:
            return _approved(work, found, attempt, done)


def _approved(work: Work, found: Found, attempt: Attempt, done: Done) -> Response:
    client = attempt.request.client
    with work.transaction():
        flow.finish(work, attempt)
        approved = service.approve(work, client, found.request.id, done.session, challenged=done.challenged)
    return http.redirect(work.href(DONE), 303) if approved else _over(work)


def _question(work: Work, name: str, found: Found, client: ClientConfig, session: LiveSession | None) -> Response:
    asked, words = found.request, page_context.texts(work)
    wanted = Wanted(scopes=tuple(asked.scope.split()), audience=asked.audience)
    theirs = session is not None and session.user_id == asked.user_id and not session.blocked
    view = ApprovalView(
        name=name,
        message=asked.binding_message,
        groups=permissions.asked_for(work, words, wanted),
        details=requested_details.in_words(work, words, asked.audience, asked.details or ()),
        user_email=(session.email or session.name) if session is not None and theirs else None,
    )
    page = page_context.page(work, client=client_view(client), address=APPROVE, query={"request": name})
    return http.send_device(work, page_context.answer(work, view, page, forms_stay=False))


def _over(work: Work) -> Response:
    return _page(work, OverView(), status=400)


def _page(work: Work, view: PageView, status: int = 200) -> Response:
    return page_context.answer(work, view, page_context.page(work), status=status)
