"""The administrator who looks at the dashboard, or the way to sign in first and come back to the same page."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from flask import Response, request

from idp.admin import access, rights
from idp.foundation.kernel import clock
from idp.foundation.kernel.actor import Actor
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.management.calls import sent_path
from idp.signin.factors import policy as factors
from idp.signin.login import application, flow
from idp.signin.login.flow import Ask, Attempt, Done, Refuse
from idp.signin.login.pages import to_screen
from idp.signin.login.policy import AuthenticationRequest
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession
from idp.tenant.members import visits
from idp.tenant.members.visits import FRESH_MS

RESUME, SIGN_IN = "/admin/resume", "admin/sign-in"
FRESH_S = FRESH_MS // 1000
"""How long ago somebody may have signed in who does what is dangerous."""
ASKED_BY, AGAIN = "X-Desk", "again"
"""The header and the parameter by which a page says that it is asked for by itself."""
_BY_ITSELF = frozenset({"poll", "tail"})
MAX_ADDRESS = 1_500
"""Letters of an address that somebody comes back to after signing in; a longer one leads to the first page."""


@dataclass(frozen=True)
class Member:
    """Somebody who administers the tenant, and what they may do there."""

    session: LiveSession
    actor: Actor

    @property
    def name(self) -> str:
        """As the dashboard calls them."""
        return self.session.name or self.session.email or self.session.user_id


def member(work: Work) -> Member | None:
    """Who looks; None where nobody is signed in, did nothing at the dashboard for an hour or signed in half a day ago,
    or the login policy has something left to ask.

    :raises PageError: 403 for somebody who is no administrator, or at an address that is not let in.
    """
    session = sessions.read(work, http.session_secret())
    if session is None:
        work.refresh()
    access.refuse_elsewhere(work)
    outcome = flow.advance(work, Attempt(_wanted(work, ""), session))
    if not isinstance(outcome, Done):
        return None
    session = outcome.session
    found = visits.visitor(work, session.user_id, session.id)
    if found is None:
        raise PageError(
            "access_denied", "Your account is not an administrator of this tenant.", status=403, sign_in=SIGN_IN
        )
    if found.is_over(session.authenticated_at):
        return None
    if not by_itself():
        visits.note(work, found, session.id)
    return Member(session, rights.actor(work, session, found))


def begin(work: Work, address: str, *, fresh: bool = False) -> Response:
    """Sign in for the dashboard itself; ``address`` is where to come back to, below the tenant's own. ``fresh``: also
    for somebody who is signed in, but not since a moment ago.
    """
    work.refresh()
    back = address if len(address) <= MAX_ADDRESS else "admin"
    session = sessions.read(work, http.session_secret())
    max_age = FRESH_S if fresh else _patience(work, session)
    hinted = session.user_id if fresh and session is not None else None
    return _translate(work, Attempt(_wanted(work, back, max_age, hinted), session))


def switch(work: Work) -> Response:
    """Sign in as somebody else, and then to the dashboard: for whoever is signed in and no administrator."""
    work.refresh()
    return _translate(work, Attempt(_wanted(work, "admin", 0), sessions.read(work, http.session_secret())))


def _patience(work: Work, session: LiveSession | None) -> int | None:
    """How long ago (s) somebody may have signed in to go on: not at all, where their visit is over."""
    found = visits.visitor(work, session.user_id, session.id) if session is not None else None
    return 0 if found is not None and session is not None and found.is_over(session.authenticated_at) else None


def is_fresh(member: Member) -> bool:
    """Whether they proved who they are a moment ago."""
    return clock.now_ms() - member.session.authenticated_at <= FRESH_S * 1000


def resume(work: Work) -> Response:
    """Back from a login page: the same question to the flow again, now with what this attempt has proven."""
    state, device_hash, secret = http.query().get("state"), http.device_hash(), http.session_secret()
    return _translate(work, flow.resumed(work, state, path=RESUME, device_hash=device_hash, session_secret=secret))


def here() -> str:
    """The address of this request below the tenant's own, with its query."""
    path, query = sent_path("/admin"), request.query_string.decode("ascii", "ignore")
    parts = path.decoded.split("/") if path.segments is None else path.segments
    address = "/".join(("admin", *(quote(each, safe="") for each in parts if each)))
    return f"{address}?{query}" if query else address


def by_itself() -> bool:
    """Whether a page asked, and nobody did: what looks again every few seconds in a window that somebody left open
    keeps no visit alive.
    """
    return request.headers.get(ASKED_BY) in _BY_ITSELF or AGAIN in http.query()


def again() -> str:
    """The address of this request as a page asks for it that has no script."""
    address = here()
    return address if AGAIN in http.query() else f"{address}{'&' if '?' in address else '?'}{AGAIN}=1"


def _wanted(work: Work, back: str, max_age: int | None = None, hinted: str | None = None) -> AuthenticationRequest:
    return AuthenticationRequest(
        client=application.own_pages(work),
        resume=RESUME,
        redirect_uri=f"{work.config.url}{back}",
        max_age=max_age,
        acr_values=(factors.ACR,) if access.wants_factor(work) else (),
        hinted_user=hinted,
        other_user_may_sign_in=True,
    )


def _translate(work: Work, attempt: Attempt) -> Response:
    """What the flow decides, as our own page says it."""
    match flow.advance(work, attempt):
        case Ask() as ask:
            return to_screen(work, attempt, ask, status=303)
        case Refuse(error):
            flow.finish(work, attempt)
            raise PageError(error.error, error.description, status=403)
        case Done():
            flow.finish(work, attempt)
            target = attempt.request.redirect_uri.removeprefix(work.config.url)
            return http.redirect(f"{work.config.root}/{target}" if target.startswith("admin") else work.href("/admin"))
