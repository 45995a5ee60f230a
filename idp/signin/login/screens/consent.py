"""``/u/consent``: what the application may do, and a yes or a no. The POST carries only the decision
(security.md K2).
"""

from __future__ import annotations

from typing import Any

from flask import Response

from idp.applications.resource_servers import runtime as resource_servers
from idp.foundation.tenancy import http
from idp.foundation.web.pages import host_of
from idp.foundation.web.view_models import ScopeGroup, ScopeItem, account_scopes
from idp.signin.login import login_routes
from idp.signin.login import transaction as transactions
from idp.signin.login.screen_request import Visit
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession
from idp.signin.user_grants import service as user_grants


class Consent:
    """See :class:`idp.signin.login.screen.Screen`."""

    path = "consent"

    def show(self, visit: Visit) -> Response:
        """The question."""
        session = _session(visit)
        page = visit.page()
        groups = _groups(visit, page.texts)
        return visit.answer(
            "login/consent/consent.html",
            page,
            user_email=session.email or session.name or session.user_id,
            switch_url=visit.url(login_routes.first_page(visit.work)),
            groups=groups,
            redirect_host=host_of(visit.transaction.redirect_uri),
        )

    def submit(self, visit: Visit) -> Response:
        """Record the yes, or end with ``access_denied`` (security.md K3)."""
        session = _session(visit)
        if visit.action != "accept":
            return visit.deny("access_denied", "User did not authorize the request")
        work, asked = visit.work, visit.transaction.request
        visit.transaction.consented, visit.transaction.consent_user = True, session.user_id
        with work.hot.transaction():
            user_grants.record(work, session.user_id, visit.client.client_id, asked.get("audience"), _scopes(asked))
            transactions.save(work, visit.state, visit.transaction)
        return visit.resume()


def _session(visit: Visit) -> LiveSession:
    session = sessions.read(visit.work, http.session_secret())
    if session is None or visit.transaction.session_id not in (None, session.id):
        raise transactions.expired(visit.work, visit.transaction)
    return session


def _scopes(asked: dict[str, Any]) -> list[str]:
    return str(asked.get("scope") or "").split()


def _groups(visit: Visit, texts: Any) -> list[ScopeGroup]:
    """Identity scopes as sentences, then the API's own, with their descriptions."""
    asked = visit.transaction.request
    wanted = _scopes(asked)
    account = account_scopes(texts, visit.work.config.friendly_name, wanted)
    groups = [account] if account else []
    api = resource_servers.find(visit.work, asked["audience"]) if asked.get("audience") else None
    if api is not None:
        items = [ScopeItem(scope.value, scope.description) for scope in api.data.scopes if scope.value in wanted]
        if items or not groups:
            groups.append(ScopeGroup(api.name, items, audience=api.identifier))
    return groups
