"""How an attempt ends that an application asked for which is given an assertion: by SAML or by WS-Federation, whatever
the answer looks like.
"""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType
from idp.foundation.tenancy.work import Work
from idp.protocol.saml.settings import SamlApplication
from idp.signin.login import flow
from idp.signin.login.flow import Attempt, Refuse
from idp.signin.login.log_types import LoginLog
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession
from idp.tenant.audit import failures, log

SCOPE = ("openid", "profile", "email")
"""What an assertion tells, in the words of consent."""


def issued(work: Work, entry: LogType, application: SamlApplication, attempt: Attempt, session: LiveSession) -> None:
    """The application is told about the person of that session, and is one of those who hear when it ends."""
    with work.transaction():
        flow.finish(work, attempt)
        if not session.known_client:
            sessions.join(work, session.id, application.client.client_id)
        sessions.touch(work, session)
        log.write(
            work,
            entry,
            client_id=application.client.client_id,
            client_name=application.client.name,
            user_id=session.user_id,
            user_name=session.email or session.name,
        )


def refused(work: Work, application: SamlApplication, attempt: Attempt, refusal: Refuse) -> None:
    """Nobody is let in."""
    with work.transaction():
        flow.finish(work, attempt)
    failures.write(
        work,
        LoginLog.FAILED,
        refusal.error.description,
        client_id=application.client.client_id,
        client_name=application.client.name,
        user_id=refusal.user_id,
        details={"error": refusal.error.error},
    )
