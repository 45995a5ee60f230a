"""``/connections/{id}/try``: an operation of our own, where Auth0 has its dashboard's button alone."""

from __future__ import annotations

from http import HTTPStatus

from idp.foundation.apikit import Api, Query, View
from idp.foundation.kernel import clock
from idp.foundation.kernel.formats import ConnectionId
from idp.foundation.kernel.secret import ReadableSecret
from idp.foundation.tenancy.work import Work
from idp.signin.login import trials

api = Api("connections")


class Trial(Query):
    """``create_user``: the user is kept who comes of it."""

    create_user: bool = False


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
def try_connection(work: Work, id: ConnectionId, query: Trial) -> TrialLink:
    """A link that runs one sign-in at the source and shows what it answered, beside what is stored of that person.
    Nobody is signed in by it, nor made, unless ``create_user`` says so.
    """
    made = trials.link(work, id, create=query.create_user)
    return TrialLink(url=made.url, expires_at=clock.iso(made.ends))
