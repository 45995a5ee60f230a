"""Who may open the dashboard, and with which rights: an administrator with the scopes of the Management API that their
roles come to. Navigation, pages and actions ask this one; the services behind ask it again (``work.actor``).
"""

from __future__ import annotations

from idp.applications.resource_servers import runtime as resource_servers
from idp.foundation.kernel.actor import DASHBOARD, Actor
from idp.foundation.tenancy.work import Work
from idp.signin.sessions.service import LiveSession
from idp.tenant.members import roles
from idp.tenant.members.visits import Visitor


def actor(work: Work, session: LiveSession, visitor: Visitor) -> Actor:
    """The administrator of a session, as services know them."""
    names = tuple(sorted(visitor.roles))
    scopes: frozenset[str] = work.config.remember("rights of roles", "\0".join(names), lambda: _rights(work, names))
    return Actor(
        user_id=session.user_id,
        scopes=scopes,
        channel=DASHBOARD,
        roles=frozenset(names),
        clients=roles.clients_of(names, visitor.client_ids),
        name=session.email or session.name,
    )


def _rights(work: Work, names: tuple[str, ...]) -> frozenset[str]:
    api = resource_servers.find(work, work.config.management_audience)
    return roles.rights(names, api.scope_values() if api is not None else ())
