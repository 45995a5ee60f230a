"""Use cases of the identity provider: answer with an assertion, refuse, sign out."""

from __future__ import annotations

from connectors.saml_format.names import AUTHN_FAILED, NO_PASSIVE, REQUESTER, SUCCESS
from idp.applications.clients import runtime as clients
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.work import Work
from idp.protocol.saml import answers, attempts, person, settings
from idp.protocol.saml.log_types import SamlLog
from idp.protocol.saml.requests import LogoutRequest, SamlRequest
from idp.protocol.saml.settings import SamlApplication
from idp.signin.login.flow import Attempt, Refuse
from idp.signin.login.policy import AuthenticationRequest
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession

RESUME = "/samlp/resume"
"""Where every login page that an application of SAML asks for ends."""
_PASSIVE = frozenset({"login_required", "consent_required", "interaction_required", "account_selection_required"})


def wanted(application: SamlApplication, asked: SamlRequest, connection_id: str | None) -> AuthenticationRequest:
    """The request in the words of the flow."""
    prompts = [name for name, said in (("none", asked.passive), ("login", asked.force)) if said]
    return AuthenticationRequest(
        client=application.client,
        resume=RESUME,
        redirect_uri=asked.consumer,
        protocol_request=asked,
        prompt=tuple(prompts),
        connection_id=connection_id,
        scope=attempts.SCOPE,
        login_hint=asked.login_hint,
    )


def answer(
    work: Work, application: SamlApplication, asked: SamlRequest, attempt: Attempt, session: LiveSession
) -> dict[str, str]:
    """The form fields for the application: an assertion about the person of that session."""
    described = person.described(work, application, session.user_id)
    attempts.issued(work, SamlLog.ISSUED, application, attempt, session)
    return answers.response(work, application, asked, session, described)


def refuse(
    work: Work, application: SamlApplication, asked: SamlRequest, attempt: Attempt, refused: Refuse
) -> dict[str, str]:
    """The form fields for the application: nobody is signed in, and why."""
    problem: OAuthError = refused.error
    attempts.refused(work, application, attempt, refused)
    code = NO_PASSIVE if asked.passive and problem.error in _PASSIVE else AUTHN_FAILED
    return answers.refusal(work, application, asked, code, problem.description or problem.error)


def may_end(work: Work, application: SamlApplication, asked: LogoutRequest, session: LiveSession | None) -> bool:
    """Whether the request is about this session: signed by the application, or it names the session, which only those
    know whom it was told (security.md L2); and of the person whom the session belongs to.
    """
    if session is None:
        return False
    if not asked.proven and session.id not in asked.sessions:
        return False
    if asked.sessions and session.id not in asked.sessions:
        return False
    return person.described(work, application, session.user_id).name_id == asked.name_id


def logout_answer(
    work: Work, application: SamlApplication, asked: LogoutRequest, relay_state: str | None, *, ended: bool
) -> str | None:
    """Where the browser goes with the answer to a request to sign out, or None where the application has no address
    for it. A session that is over already was ended, too.
    """
    target = application.settings.logout.callback
    if not target:
        return None
    codes = [SUCCESS] if ended else [REQUESTER]
    return answers.logged_out(work, application, target, asked.request_id, relay_state, codes)


def frames(work: Work, session: LiveSession, client_id: str | None) -> list[str]:
    """Addresses that tell the applications of a session which speak SAML that it ended, but for ``client_id``, which
    asked for it.
    """
    found = []
    for each in sessions.clients(work, session.id):
        client = clients.find(work, each) if each != client_id else None
        application = settings.of_client(client) if client is not None else None
        if application is None or not application.settings.logout.slo_enabled:
            continue
        target = application.settings.logout.callback
        if target:
            name_id = person.described(work, application, session.user_id).name_id
            found.append(answers.logout_request(work, application, target, name_id, session.id))
    return found
