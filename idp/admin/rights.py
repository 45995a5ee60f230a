"""Who may open the dashboard, and with which rights of the Management API: the one function that navigation, pages and
actions ask. The administrator of the installation may everything.
"""

from __future__ import annotations

from idp.applications.resource_servers import runtime as resource_servers
from idp.directory.connections import runtime as connections
from idp.directory.users import provision
from idp.directory.users.identifiers import email_key
from idp.foundation.tenancy.work import Work
from idp.signin.sessions.service import LiveSession

CONNECTION = "Username-Password-Authentication"
"""The connection that the administrator's account is in."""


def rights(work: Work, session: LiveSession) -> frozenset[str] | None:
    """The scopes of the Management API that this person has here; None for somebody who is no administrator."""
    connection = connections.find(work, session.connection_id) if session.connection_id else None
    address = email_key(work.platform.settings.admin_email)
    if connection is None or connection.name != CONNECTION or (session.email or "").lower() != address:
        return None
    person = provision.by_id(work, session.user_id)
    if person is None or not person.email_verified or person.blocked:
        return None
    api = resource_servers.find(work, work.config.management_audience)
    return frozenset(api.scope_values()) if api is not None else None
