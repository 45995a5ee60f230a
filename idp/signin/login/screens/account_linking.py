"""``/u/account-linking``: another account with the person's address, which they may join to this one by signing in to
it as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from idp.directory.connections import runtime as connections
from idp.directory.users import provision
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import BadRequest, Conflict
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.linking import service as linking
from idp.signin.linking.service import Account
from idp.signin.login import complete, connection_choice, login_routes, policy
from idp.signin.login import transaction as transactions
from idp.signin.login.screen import Form, Go, Result, Resume, Screen
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.login.transaction import Linking

SKIP = "skip"


@dataclass(frozen=True)
class AccountLinkingView(PageView):
    """There is another account with the person's address, at ``source`` (None: it has a password). ``proven``: they
    signed in to both, and are asked whether to join them; ``stays`` and ``goes`` name where each of them is.
    """

    email: str
    source: str | None
    proven: bool = False
    stays: str = ""
    goes: str = ""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """An account at a provider."""
        return cls("josephine.baker@example.com", "Google")


class AccountLinking(Screen):
    """Told of the other account first, then asked whether to join the two."""

    prompt, screen = "account-linking", "account-linking"

    def view(self, request: ScreenRequest) -> AccountLinkingView:
        """The account that is suggested, or the question about both."""
        first = request.transaction.linking
        if first is not None:
            stays, goes = _both(request, first)
            names = [_named(request, each) for each in (stays, goes)]
            return AccountLinkingView(stays.email, None, True, *names)
        other = _suggestion(request)
        connection = connections.find(request.work, other.connection_id)
        typed = connection is None or connection_choice.takes_passwords(connection)
        return AccountLinkingView(other.email, None if typed or connection is None else connection.display_name)

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """To the other account, or join both; or neither, and on."""
        first, session = request.transaction.linking, request.signed_in
        if first is not None:
            if form.action == SKIP:
                return _apart(request, first)
            return _join(request, first)
        other = _suggestion(request)
        if form.action == SKIP:
            linking.decline(request.work, session.user_id, other.user_id)
            return Resume()
        return _to_other(request, other)


def _named(request: ScreenRequest, account: Account) -> str:
    connection = connections.find(request.work, account.connection_id)
    return connection_choice.name_for_people(request.texts, connection) if connection else ""


def _to_other(request: ScreenRequest, other: Account) -> Go | Resume:
    """Sign in to the other account, in the same attempt."""
    transaction, session = request.transaction, request.signed_in
    connection = connections.find(request.work, other.connection_id)
    if connection is None:
        return Resume()
    proven_at = transaction.authenticated_at or clock.now_ms()
    transaction.linking = Linking(session.user_id, session.id, proven_at)
    transaction.session_id = transaction.authenticated_at = None
    transaction.identifier = other.email
    request.save()
    return Go(login_routes.to_source(connection.name))


def _join(request: ScreenRequest, first: Linking) -> Result:
    """Both were signed in to: one user from now on, whose session goes on, or begins where it was the other's."""
    work, session = request.work, request.signed_in
    stays, goes = _both(request, first)
    methods = [str(each["name"]) for each in session.methods]
    try:
        with work.transaction():
            linking.join(work, stays, goes, client_id=request.client.client_id)
    except (BadRequest, Conflict):  # changed a moment ago; whoever is signed in goes on as they are
        return _apart(request, first)
    if session.user_id == stays.user_id:
        return Resume()
    connection, user = connections.find(work, goes.connection_id), provision.by_id(work, stays.user_id)
    if connection is None or user is None:
        raise transactions.expired(work, request.transaction)
    return complete.enter(replace(request, session_secret=None), connection, user, methods)


def _apart(request: ScreenRequest, first: Linking) -> Resume:
    """Neither is joined; whoever is signed in goes on."""
    request.transaction.linking = None
    request.save()
    linking.decline(request.work, first.user_id, request.signed_in.user_id)
    return Resume()


def _suggestion(request: ScreenRequest) -> Account:
    found = policy.suggestion(request.work, request.client, request.signed_in.user_id)
    if found is None:
        raise transactions.expired(request.work, request.transaction)
    return found


def _both(request: ScreenRequest, first: Linking) -> tuple[Account, Account]:
    found = linking.joinable(request.work, first.user_id, request.signed_in.user_id)
    if found is None:
        raise transactions.expired(request.work, request.transaction)
    return found
