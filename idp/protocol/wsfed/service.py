"""Use cases: a token for an application, a refusal, and whom to tell that a session ended."""

from __future__ import annotations

from connectors.saml_format import trust
from idp.applications.clients import runtime as clients
from idp.foundation.kernel.errors import PageError
from idp.foundation.kernel.redirects import with_params
from idp.foundation.tenancy.work import Work
from idp.protocol.saml import attempts, person, settings
from idp.protocol.saml.settings import SamlApplication
from idp.protocol.wsfed import answers
from idp.protocol.wsfed.log_types import WsFedLog
from idp.protocol.wsfed.requests import SignInRequest
from idp.signin.login.flow import Attempt, Refuse
from idp.signin.login.policy import AuthenticationRequest
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession

ADDON = "wsfed"
RESUME = "/wsfed/resume"
"""Where every login page that such an application asks for ends."""


def find(work: Work, client_id: str) -> SamlApplication:
    """The application. Raises PageError: there is none, or its add-on is off."""
    return settings.find(work, client_id, ADDON)


def wanted(application: SamlApplication, asked: SignInRequest, connection_id: str | None) -> AuthenticationRequest:
    """The request in the words of the flow."""
    return AuthenticationRequest(
        client=application.client,
        resume=RESUME,
        redirect_uri=asked.reply,
        protocol_request=asked,
        prompt=("login",) if asked.max_age == 0 else (),
        max_age=asked.max_age,
        connection_id=connection_id,
        scope=attempts.SCOPE,
        login_hint=asked.login_hint,
    )


def answer(
    work: Work, application: SamlApplication, asked: SignInRequest, attempt: Attempt, session: LiveSession
) -> dict[str, str]:
    """The form fields for the application: a token about the person of that session."""
    described = person.described(work, application, session.user_id)
    attempts.issued(work, WsFedLog.ISSUED, application, attempt, session)
    return answers.token(work, application, asked, session, described)


def refuse(work: Work, application: SamlApplication, attempt: Attempt, refused: Refuse) -> PageError:
    """The page for whoever is not let in: the protocol has no answer that says so to the application."""
    problem = refused.error
    attempts.refused(work, application, attempt, refused)
    return PageError(problem.error, problem.description or problem.error, status=403)


def frames(work: Work, session: LiveSession, client_id: str | None) -> list[str]:
    """Addresses that tell the applications of a session which speak WS-Federation that it ended, but for
    ``client_id``, which asked for it (WS-Federation 1.2, 13.2.4).
    """
    found = []
    for each in sessions.clients(work, session.id):
        client = clients.find(work, each) if each != client_id else None
        application = settings.of_client(client, ADDON) if client is not None else None
        if application is None or not application.settings.logout.slo_enabled:
            continue
        target = application.settings.logout.callback or next(iter(application.client.data.callbacks), None)
        if target:
            found.append(with_params(target, {"wa": trust.CLEAN_UP}))
    return found
