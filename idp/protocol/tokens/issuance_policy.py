"""The one check before any token (architecture.md; security.md rule 2): disabled things do not work in the second-best
flow either.
"""

from __future__ import annotations

from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections import runtime as connections
from idp.foundation.kernel.errors import OAuthError, invalid_grant, unauthorized_client
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import requirements
from idp.protocol.tokens.claims import Subject


def may_issue(
    work: Work,
    client: ClientConfig,
    grant_type: str,
    *,
    user: Subject | None = None,
    connection_id: str | None = None,
) -> None:
    """Raises OAuthError unless ``client`` may use ``grant_type`` for that user from that connection, as things stand
    now.

    ``user`` and ``connection_id`` are None where no person is involved (client_credentials).
    """
    if not client.allows(grant_type):
        raise unauthorized_client(f"Grant type '{grant_type}' not allowed for the client.")
    requirements.check_client(client)
    if user is None:
        return
    if user.blocked:
        raise invalid_grant("user is blocked")
    if not connections.enabled(work, client.client_id, connection_id):
        raise invalid_grant("the connection is not enabled for this client")


def login_refusal(*, blocked: bool) -> OAuthError | None:
    """What ends a request at ``/authorize`` whatever the person does (spec/account-lifecycle.md).

    A session from a connection that the client does not use is no refusal: the login policy asks for another sign-in.
    """
    return OAuthError("unauthorized", "user is blocked") if blocked else None
