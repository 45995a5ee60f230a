"""How signing in meets Flask: requests for pages are opened here, and what screens and the flow answer becomes a
response.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar

import flask
from flask import Response

from idp.applications.clients import runtime as clients
from idp.foundation.kernel.redirects import with_params
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy import cookies, http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.foundation.web.language_list import PICKER
from idp.foundation.web.pages import Challenge, ClientView, FormError, PageView, WayOn
from idp.signin.attack_protection import challenges
from idp.signin.factors import devices, enrolment, trust
from idp.signin.login import application, complete, factor_steps, flow, frontchannel, login_routes, own_fields, sign_out
from idp.signin.login import transaction as transactions
from idp.signin.login.browser import Browser, brought
from idp.signin.login.flow import Ask, Attempt
from idp.signin.login.negotiation_pages import Negotiation
from idp.signin.login.screen import (
    MAX_FIELD,
    Declaration,
    Deny,
    End,
    Form,
    Go,
    Leave,
    Open,
    Result,
    Resume,
    Screen,
    Show,
    Spent,
    TicketScreen,
    attempt_of,
    submitted,
)
from idp.signin.login.screen_request import GoneRequest, PageRequest, ScreenRequest, TicketRequest
from idp.signin.login.transaction import FactorStep, Transaction
from idp.signin.passkeys import offers
from idp.signin.sessions.service import LiveSession
from idp.signin.tickets import service as tickets

RequestT = TypeVar("RequestT", bound=PageRequest)
NOTICE = "notice"
"""Parameter that names what was just done, for the page that says it."""
CARRY = "carry"
"""The button that the page's script presses for a link, so that what was typed comes along (``static/gate.js``)."""
LAST_USED, LAST_USED_S = "last", 31_536_000
"""The cookie that remembers which connection somebody signed in with last in this browser, and for how long."""
PLATFORM = "webauthn-platform-available"
"""The field in which the page's script says that this device makes passkeys (Auth0's name)."""
GO_ON_AFTER_S = 3
"""When the signed-out page goes on, told by a header so that it does without the page's script, too."""


@dataclass(frozen=True)
class SignedOutView(PageView):
    """Signed out: tells the other applications in frames, then goes on where the application asked."""

    template: ClassVar[str] = "login/logout/signed-out.html"
    login: WayOn
    continue_url: str | None
    frame_urls: Sequence[str]


@dataclass(frozen=True)
class TicketOverView(PageView):
    """A link to set up a second factor is good no more; ``back`` leads on, ``text`` says where."""

    template: ClassVar[str] = "login/mfa/gone.html"
    back: str
    text: str

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """To the account page."""
        return cls("/account", texts.t("page.lead.toAccount"))


@dataclass(frozen=True)
class Frame:
    """What a page's surroundings need: its languages, its application, and whether its form ends on our own pages."""

    ui_locales: str | None
    client: ClientView | None = None
    state: str = ""
    forms_stay: bool = True
    theme: str | None = None
    """As whoever is signed in wants pages."""


# ---- the flow
def to_screen(work: Work, attempt: Attempt, ask: Ask, *, status: int) -> Response:
    """Send the browser to the page that the flow asks for."""
    url = flow.open_page(work, attempt, ask, device_hash=digest(http.ensure_device()))
    return http.send_device(work, http.redirect(url, status))


def browser(work: Work) -> Browser:
    """What the browser of this request brings along."""
    return brought(work)


def _send_trust(work: Work, response: Response, value: str, age_s: int) -> None:
    """The cookie by which this browser is not asked for a second factor again, and the one for old browsers."""
    cookies.send(work, response, trust.COOKIE, value, max_age_s=age_s)
    if cookies.https(work):
        compatible = trust.COOKIE + cookies.COMPAT_SUFFIX
        cookies.send(work, response, compatible, value, max_age_s=age_s, same_site=None)


# ---- screens
def opened(work: Work, state: str) -> ScreenRequest:
    """The request of this browser for a page of the attempt ``state``. Raises Expired, PageError."""
    transaction = transactions.load(work, state, http.device_hash())
    client = application.of_attempt(work, transaction.client_id)
    texts = page_context.texts(work, transaction.ui_locales)
    used = cookies.get(work, LAST_USED)
    request = ScreenRequest(
        work,
        texts,
        state,
        transaction,
        client,
        http.session_secret(),
        used,
        browser(work),
        passkey_offers=cookies.get(work, offers.COOKIE),
    )
    if page_context.picked_language() and (transaction.ui_locales, transaction.picked) != (texts.locale, True):
        transaction.ui_locales, transaction.picked = texts.locale, True
        request.save()
    return request


def begun(work: Work, transaction: Transaction) -> ScreenRequest:
    """A new attempt that begins without a page of ours. Raises PageError."""
    client = application.of_attempt(work, transaction.client_id)
    state = transactions.begin(work, transaction)
    texts = page_context.texts(work, transaction.ui_locales)
    return ScreenRequest(work, texts, state, transaction, client, http.session_secret(), browser=browser(work))


def screen_page(work: Work, screen: Screen) -> Response:
    """Opens (GET) or submits (POST) a page of a login attempt. Raises Expired, PageError, CookiesBlocked."""
    raw = posted_form(work)
    request = opened(work, raw.get("state") or http.query().get("state") or "")
    if raw.get("action") == CARRY:
        return _carried(request, screen, raw)
    request.makes_passkeys = raw.get(PLATFORM) == "true"
    if flow.has_to_wait(work, request, screen.path):
        return leave(request, Resume())
    tickets_brought = Negotiation.on(screen, request)
    result = tickets_brought.let_in() or _result(screen, request, frame_of(request), raw)
    return tickets_brought.asked(result) if isinstance(result, Response) else leave(request, result)


def leave(request: ScreenRequest, result: Result) -> Response:
    """Where an answer of a screen, or of a source that sent the browser back, leads."""
    work, transaction = request.work, request.transaction
    match result:
        case Go(path, notice):
            return http.redirect(request.url(path, **({NOTICE: notice} if notice else {})))
        case Deny(error, description):
            transactions.deny(work, request.state, transaction, error, description)
            return http.redirect(work.href(transaction.resume, state=request.state))
        case Resume(secret, used, trusted, offered, device, mode):
            response = http.redirect(work.href(transaction.resume, state=request.state))
            if trusted is not None:
                _send_trust(work, response, *trusted)
            if offered is not None:
                cookies.send(work, response, offers.COOKIE, offered, max_age_s=offers.COOKIE_S, same_site="Lax")
            if device is not None:
                cookies.send(work, response, devices.COOKIE, device, max_age_s=devices.COOKIE_S, same_site="Lax")
            if secret is None:
                return response
            age_s = complete.cookie_max_age(work, mode)
            if used is not None:  # it ends with the browser where the session does
                cookies.send(work, response, LAST_USED, used, max_age_s=age_s and LAST_USED_S)
            return http.send_session(work, response, secret, max_age_s=age_s)
        case _:
            return _finish(work, frame_of(request), result)


def opened_ticket(work: Work, value: str, kind: str = tickets.PASSWORD_CHANGE) -> TicketRequest:
    """The request of this browser for the page of a link, to a new password unless ``kind`` says otherwise. Raises
    Expired.
    """
    ticket = tickets.read(work, kind, value)
    if ticket is None:
        raise transactions.Expired
    return TicketRequest(work, page_context.texts(work, ticket.locale), value, ticket, browser(work))


def ticket_page(work: Work, screen: TicketScreen) -> Response:
    """Opens (GET) or submits (POST) the page behind the link of a mail. Raises PageError, CookiesBlocked."""
    value = http.query().get("ticket", "").rstrip("#")
    ticket = tickets.read(work, screen.kind, value)
    if ticket is None:
        return _ticket_gone(work, screen, value)
    request = TicketRequest(work, page_context.texts(work, ticket.locale), value, ticket, browser(work))
    if not screen.good(request):
        return _ticket_gone(work, screen, value)
    frame = Frame(ticket.locale, forms_stay=not ticket.result_url)
    result = _result(screen, request, frame, posted_form(work))
    if isinstance(result, Response):
        return result
    if isinstance(result, Go | Open):
        url = request.url(result.path) if isinstance(result, Go) else result.url
        return http.redirect(with_params(url, {NOTICE: result.notice} if result.notice else {}))
    return _ticket_gone(work, screen, value) if isinstance(result, Spent) else _finish(work, frame, result)


def enrolment_page(work: Work, value: str) -> Response:
    """Begins the pages that set a second factor up by a ticket, or says that it is good no more."""
    work.refresh()
    found = enrolment.read(work, value)
    if found is None:
        texts = page_context.texts(work, None)
        view = TicketOverView(login_routes.account_url(work), texts.t("page.lead.toAccount"))
        return _answer(work, view, Frame(None), status=400)
    transaction = Transaction(
        device_hash=digest(http.ensure_device()),
        resume="/account/resume",
        client_id="",
        request={},
        redirect_uri=login_routes.account_url(work),
        ui_locales=found.locale,
        user_id=found.user_id,
        factor=FactorStep(ticket=value, chosen=found.factor),
    )
    state = transactions.begin(work, transaction)
    return http.send_device(work, http.redirect(work.href(factor_steps.ENROL_OPTIONS, state=state)))


def frame_of(request: ScreenRequest) -> Frame:
    """What surrounds the pages of an attempt."""
    ours = not request.client.client_id
    client = None if ours else application.client_view(request.client)
    theme = request.session.theme if request.session is not None else None
    return Frame(request.transaction.ui_locales, client, request.state, forms_stay=ours, theme=theme)


def _carried(request: ScreenRequest, screen: Screen, raw: Mapping[str, str]) -> Response:
    """What was typed on another page of the attempt came along: it is kept, and this page is shown."""
    request.keep_identifier(raw.get("identifier", ""))
    picked = page_context.picked_language()
    return http.redirect(request.url(f"/u/{screen.path}", **({PICKER: picked} if picked else {})))


def posted_form(work: Work) -> Mapping[str, str]:
    """The form of a POST, which must be this browser's own; nothing on GET."""
    if flask.request.method != "POST":
        return {}
    raw = http.form()
    http.check_form(work, raw.get("csrf"))
    return raw


def _form(page: Declaration[RequestT], raw: Mapping[str, str]) -> Form:
    values = {
        each.name: raw.get(each.name, "") if each.secret else raw.get(each.name, "")[:MAX_FIELD].strip()
        for each in page.fields
    }
    proofs = {name: raw[name] for name in challenges.FIELDS if name in raw}
    own = {name: raw[name][:MAX_FIELD].strip() for name in raw if name.startswith(own_fields.PREFIX)}
    return Form(raw.get("action", "default"), values, proofs, own)


def _result(page: Declaration[RequestT], request: RequestT, frame: Frame, raw: Mapping[str, str]) -> Response | Result:
    """The page itself as a response, or where its form leads."""
    if flask.request.method != "POST":
        return _page(page, request, frame, page.prefilled(request))
    form = _form(page, raw)
    result = submitted(page, request, form)
    if not isinstance(result, Show):
        return result
    page.keep(request, form)
    typed = {each.name: form[each.name] for each in page.fields if not each.secret}
    response = _page(page, request, frame, typed, page.errors(request.texts, result.problems), result.status)
    if isinstance(response, Response) and result.retry_after is not None:
        response.headers["Retry-After"] = str(result.retry_after)
    return response


def _page(
    page: Declaration[RequestT],
    request: RequestT,
    frame: Frame,
    values: Mapping[str, str],
    errors: Sequence[FormError] = (),
    status: int = 200,
) -> Response | Go:
    view = page.view(request)
    if isinstance(view, Go):
        return view
    flow = page.challenged(request)
    challenge = challenges.shown(request.work, flow, attempt_of(request)) if flow else None
    wanted = http.query().get(NOTICE) if not errors else None
    notice = request.texts.t(page.key(wanted)) if wanted in page.notices else None
    return _answer(
        request.work,
        view,
        frame,
        template=page.template,
        status=status,
        values=values,
        errors=errors,
        notice=notice,
        challenge=challenge,
    )


def _ticket_gone(work: Work, screen: TicketScreen, value: str) -> Response:
    """What is true of a link that is good no more, or what the button of that page leads to."""
    raw = posted_form(work)
    work.refresh()
    over = tickets.over(work, screen.kind, value)
    locale = over.data.locale if over else None
    request = GoneRequest(work, page_context.texts(work, locale), over)
    answer = screen.again if raw.get("action") == "again" else screen.gone
    return _finish(work, Frame(locale), answer(request))


def _finish(work: Work, frame: Frame, result: Result) -> Response:
    match result:
        case End(view, status):
            return _answer(work, view, frame, status=status)
        case Leave(url):
            return http.redirect(url)
        case _:
            raise AssertionError(f"this page cannot answer {type(result).__name__}")


def _answer(
    work: Work,
    view: PageView,
    frame: Frame,
    *,
    template: str = "",
    status: int = 200,
    values: Mapping[str, str] | None = None,
    errors: Sequence[FormError] = (),
    notice: str | None = None,
    challenge: Challenge | None = None,
) -> Response:
    """The page."""
    page = page_context.page(
        work,
        ui_locales=frame.ui_locales,
        kept_theme=frame.theme,
        client=frame.client,
        state=frame.state,
        errors=errors,
        values=values,
        notice=notice,
        challenge=challenge,
    )
    return page_context.answer(work, view, page, template=template, status=status, forms_stay=frame.forms_stay)


# ---- signed out
def signed_out(
    work: Work,
    session: LiveSession | None,
    *,
    client_id: str | None,
    target: str | None,
    ui_locales: str | None = None,
) -> Response:
    """End the session and go on. ``target`` was matched against an allow-list, or is None."""
    frames = sign_out.sign_out(work, session, client_id=client_id)
    if target is not None and not frames:
        return http.drop_session(work, http.redirect(target))
    client = clients.find(work, client_id) if client_id else None
    page = page_context.page(
        work,
        ui_locales=ui_locales,
        kept_language=session.language if session else None,
        kept_theme=session.theme if session else None,
        address=work.href("/oidc/logout"),  # whoever is signed out already is shown this page there
        query={"client_id": client.client_id} if client else {},
    )
    view = SignedOutView(
        login_routes.way_on(work, page.texts, client, account="logout.signed-out.loginText"), target, frames
    )
    response = page_context.answer(work, view, page, frames=frontchannel.origins(frames))
    if target is not None:
        response.headers["Refresh"] = f"{GO_ON_AFTER_S}; url={target}"
    return http.drop_session(work, response)
