"""The question whether to sign out, between its page and its answer: good for ten minutes and once (security.md L2)."""

from __future__ import annotations

import msgspec

from idp.applications.clients import runtime as clients
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import ids
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.logout.request import LogoutRequest
from idp.signin.login.transaction import Expired

KIND = "logout"
LIFETIME_MS = 600_000
MAX_STATE = 200


class Question(msgspec.Struct, frozen=True):
    """What a confirmation page was asked about."""

    target: str | None
    client_id: str | None
    ui_locales: str | None = None
    federated: bool = False


def ask(work: Work, request: LogoutRequest) -> str:
    """Store it; answers its ``state``."""
    state = ids.token()
    question = Question(request.target, request.client_id, request.ui_locales, request.federated)
    one_time.put(work, KIND, state, question, ttl_ms=LIFETIME_MS)
    return state


def answered(work: Work, state: str) -> Question:
    """Spend the question. Raises Expired, with the way back to the application that asked, when it was answered before
    or is too old.
    """
    name = state[:MAX_STATE]
    found, _ = one_time.read(work, KIND, name, Question)
    if found is None or not one_time.take(work, KIND, name):
        raise _expired(work, one_time.peek(work, KIND, name, Question))
    return found


def _expired(work: Work, question: Question | None) -> Expired:
    client = clients.find(work, question.client_id) if question and question.client_id else None
    target, ui_locales = (question.target or "", question.ui_locales) if question else ("", None)
    return Expired(client=client, redirect_uri=target, ui_locales=ui_locales)
