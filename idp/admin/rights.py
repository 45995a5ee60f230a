"""Who may open the dashboard, and with which rights: an administrator with the scopes of the Management API that their
roles come to. Navigation, pages and actions ask this one; the services behind ask it again (``work.actor``).
"""

from __future__ import annotations

from collections.abc import Sequence

from idp.applications.resource_servers import runtime as resource_servers
from idp.foundation.kernel.actor import DASHBOARD, Actor
from idp.foundation.tenancy.work import Work
from idp.signin.sessions.service import LiveSession
from idp.tenant.members import roles
from idp.tenant.members import service as members
from idp.tenant.members.visits import Visitor


def actor(work: Work, session: LiveSession, visitor: Visitor) -> Actor:
    """The administrator of a session, as services know them."""
    return _actor(work, session.user_id, visitor.roles, visitor.client_ids, session.email or session.name)


def later(work: Work, user_id: str, name: str | None) -> Actor | None:
    """The administrator of that id, whose work goes on without them, with the rights that they have now; None for
    somebody who is none any more, or is shut out.
    """
    row = members.find(work, user_id)
    if row is None or row.blocked:
        return None
    return _actor(work, user_id, row.roles, row.client_ids, name)


def _actor(work: Work, user_id: str, held: Sequence[str], client_ids: Sequence[str], name: str | None) -> Actor:
    names = tuple(sorted(held))
    scopes: frozenset[str] = work.config.remember("rights of roles", "\0".join(names), lambda: _rights(work, names))
    return Actor(
        user_id=user_id,
        scopes=scopes,
        channel=DASHBOARD,
        roles=frozenset(names),
        clients=roles.clients_of(names, client_ids),
        name=name,
    )


def _rights(work: Work, names: tuple[str, ...]) -> frozenset[str]:
    api = resource_servers.find(work, work.config.management_audience)
    found = roles.rights(names, api.scope_values() if api is not None else ())
    default = work.config.own_url == work.platform.settings.public_url
    return found if default else found - {roles.READ_INSTALLATION}
