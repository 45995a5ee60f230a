"""``/u/consent``: what the application may do, and a yes or a no. The POST carries only the decision
(security.md K2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from idp.applications.resource_servers import runtime as resource_servers
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView, host_of
from idp.foundation.web.view_models import ScopeGroup, ScopeItem, account_scopes
from idp.signin.login import login_routes, permissions
from idp.signin.login.screen import Deny, Form, Go, Result, Resume, Screen
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.user_grants import consent
from idp.signin.user_grants import service as user_grants
from idp.signin.user_grants.consent import Wanted

REFUSED = Deny("access_denied", "User did not authorize the request")


@dataclass(frozen=True)
class ConsentView(PageView):
    """May the application have what it asks for? Buttons ``action=accept`` and ``action=deny``."""

    user_email: str
    switch_url: str | None
    groups: Sequence[ScopeGroup]
    redirect_host: str
    document_host: str = ""

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Identity scopes and those of an API, one of them without a description."""
        account = account_scopes(texts, "Harbour", ("openid", "profile", "email", "offline_access"), ("birthdate",))
        items = (ScopeItem("read:orders", "See your orders and invoices"), ScopeItem("write:orders"))
        orders = ScopeGroup("Orders", items, audience="https://api.shop.example/")
        groups = [group for group in (account, orders) if group]
        return cls("josephine.baker@example.com", "/u/login?switch", groups, "shop.example")


class Consent(Screen):
    """The question of OAuth."""

    prompt, screen = "consent", "consent"

    def view(self, request: ScreenRequest) -> ConsentView:
        """Who is asked, by whom, for what; noted, since a yes is an answer to this and nothing else."""
        session, asked, uri = request.signed_in, _asked(request), request.transaction.redirect_uri
        if request.transaction.asked != asked:
            request.transaction.asked = asked
            request.save()
        return ConsentView(
            user_email=session.email or session.name or session.user_id,
            switch_url=request.url(login_routes.first_page(request.work)),
            groups=permissions.asked_for(request.work, request.texts, _wanted(request)),
            redirect_host=host_of(uri) if uri else "",
            document_host=host_of(request.client.external_id) if request.client.external_id else "",
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Record the yes, or end with ``access_denied`` (security.md K3). An API that was deleted meanwhile was not
        named on the page: nothing is recorded of it, and the attempt ends where it began. Where somebody else signed in
        meanwhile, or another API took the identifier, the question is asked anew.
        """
        work, transaction, session = request.work, request.transaction, request.signed_in
        if form.action != "accept":
            return REFUSED
        if transaction.audience and resource_servers.find(work, transaction.audience) is None:
            return Resume()
        if transaction.asked != _asked(request):
            return Go(f"/u/{self.path}")
        transaction.consented, transaction.consent_user = True, session.user_id
        wanted = _wanted(request)
        with work.transaction():
            user_grants.record(
                work,
                session.user_id,
                request.client.client_id,
                transaction.audience,
                wanted.scopes,
                wanted.claims,
            )
            request.save()
        return Resume()


def _asked(request: ScreenRequest) -> str:
    """Who is asked, the API that the page describes, and what of it where that depends on the person."""
    audience = request.transaction.audience
    api = resource_servers.find(request.work, audience) if audience else None
    asked = f"{request.signed_in.user_id} {api.id if api else ''}"
    return f"{asked} {' '.join(_wanted(request).scopes)}" if api and api.data.enforce_policies else asked


def _wanted(request: ScreenRequest) -> Wanted:
    """What the application asks for, as far as the person could give it."""
    transaction = request.transaction
    wanted = Wanted(scopes=transaction.scope, claims=transaction.claims, audience=transaction.audience)
    return consent.narrowed(request.work, request.signed_in.user_id, wanted)
