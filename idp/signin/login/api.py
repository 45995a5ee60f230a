"""``/connections/{id}/try``: an operation of our own, where Auth0 has its dashboard's button alone."""

from __future__ import annotations

from http import HTTPStatus

from idp.foundation.apikit import Api, View
from idp.foundation.kernel import clock
from idp.foundation.kernel.formats import ConnectionId
from idp.foundation.kernel.secret import ReadableSecret
from idp.foundation.tenancy.work import Work
from idp.signin.login import trials

api = Api("connections")


class TrialLink(View):
    """Where the connection is tried, once, until then."""

    url: ReadableSecret
    expires_at: str


@api.post(
    "/connections/{id}/try",
    scopes={"update:connections"},
    status=HTTPStatus.CREATED,
    summary="Make a link to try a connection",
)
def try_connection(work: Work, id: ConnectionId) -> TrialLink:
    """A link that runs one sign-in at the source and shows what it answered. Nobody is made or signed in by it."""
    made = trials.link(work, id)
    return TrialLink(url=made.url, expires_at=clock.iso(made.ends))
