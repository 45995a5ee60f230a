"""The tab on which a connection is tried: its source is asked whether it answers, or somebody signs in there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from connectors.contract import Probed, RedirectConnector
from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.once import handed_over
from idp.admin.desk.resource import Action, Document, Done, Tab
from idp.directory.connections import api as connections
from idp.directory.connections import probing, strategies
from idp.foundation.kernel.errors import BadRequest, NotFound
from idp.signin.login import api as login

ANSWERS = "answers"


def leads_away(document: Document) -> bool:
    """Whether people are sent to pages of its source."""
    return strategies.can(document, RedirectConnector)


def _answers(document: Document) -> bool:
    return strategies.can(document, Probed)


def _may_be_tried(document: Document) -> bool:
    return leads_away(document) or _answers(document)


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    said = handed_over(visit).get(ANSWERS)
    away = leads_away(there.document)
    return {
        "may_try": away and operations.may(visit.work, login.try_connection),
        "away": away,
        "may_ask": _answers(there.document),
        "answers": msgspec.json.decode(said, type=dict[str, str]) if said else {},
    }


def _try(visit: Visit, there: Object) -> Done:
    """A link that runs one sign-in at the source, shown this once."""
    query = {"create_user": "true"} if visit.form.get("create_user") else {}
    made = operations.call(visit.work, login.try_connection, there.parameters, query=query)
    return Done("connections.done.trial", lands="try", secrets={"url": str(made["url"])})


def _ask(visit: Visit, there: Object) -> Done:
    """:raises BadRequest: the source does not answer, or not as it should; with the reason."""
    try:
        said = operations.call(visit.work, connections.connection_status, there.parameters)
    except NotFound as error:
        if error.error_code != probing.OFFLINE:
            raise
        raise BadRequest(error.message, probing.OFFLINE) from error
    answers = msgspec.json.encode(said.get("answers") or {}).decode()
    return Done("connections.done.ask", lands="try", secrets={ANSWERS: answers})


TAB = Tab(
    "try",
    template="admin/connections/try.html",
    view=_view,
    when=_may_be_tried,
    needs=connections.connection_status,
)
ACTIONS = (
    Action("trial", login.try_connection, _try, tab="try", when=leads_away),
    Action("ask", connections.connection_status, _ask, tab="try", when=_answers),
)
