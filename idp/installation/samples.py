"""What development starts with beside a tenant: an application to sign in to, and somebody to sign in as."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from idp.clients import service as clients
from idp.clients.models import Client
from idp.connections.models import ConnectionClient
from idp.installation import people
from idp.installation.kept import Kept, made_up_password
from idp.installation.tenant import MARK, SAMPLE, Provisioned, alone, default_connection, unit
from idp.resource_servers import service as apis
from idp.resource_servers.models import ResourceServer
from idp.tenants import service as tenants
from idp.tenants.context import Platform

APPLICATION = "Sample application"
USER_EMAIL = "user@example.com"
USER_NAME = "Sample User"
USER_FILE = "sample-user.json"
HOME = "dev/app/"
CALLBACK = "dev/app/callback"
API = {
    "identifier": "urn:gatehouse:sample-notes",
    "name": "Sample notes",
    "allow_offline_access": True,
    "scopes": [
        {"value": "read:notes", "description": "Read your notes"},
        {"value": "write:notes", "description": "Add and change your notes"},
    ],
}
"""An API nobody serves: asking for it shows the consent page."""


@dataclass(frozen=True)
class SampleUser:
    """The sample user; ``password`` is None once somebody changed it."""

    email: str
    password: str | None


def ensure(platform: Platform, provisioned: Provisioned) -> None:
    """Make the sample application, its API and the sample user where they are missing."""
    with unit(platform, provisioned.tenant_id) as session:
        alone(session)
        application = find_application(session, provisioned.tenant_id)
        if application is None:
            _create_application(session, platform, provisioned)
        if not has_api(session):
            apis.create(session, platform.sealer, provisioned.tenant_id, API)
    kept = Kept(platform.settings.var, USER_FILE)
    if people.find(platform, provisioned, USER_EMAIL) is None:
        password = kept.password(USER_EMAIL) or made_up_password()
        kept.keep(USER_EMAIL, password)
        people.create(platform, provisioned, USER_EMAIL, password, name=USER_NAME)


def find_application(session: Session, tenant_id: str) -> Client | None:
    """The sample application's row."""
    rows = session.scalars(select(Client).where(Client.tenant_id == tenant_id).order_by(Client.created_at))
    return next((row for row in rows if (row.data.get("client_metadata") or {}).get(MARK) == SAMPLE), None)


def has_api(session: Session) -> bool:
    """Whether the sample API is there."""
    found = select(ResourceServer.id).where(ResourceServer.identifier == API["identifier"])
    return session.scalars(found).first() is not None


def kept_user(platform: Platform) -> SampleUser:
    """The sample user as the terminal and the welcome page show it."""
    return SampleUser(USER_EMAIL, Kept(platform.settings.var, USER_FILE).password(USER_EMAIL))


def enable_default_connection(session: Session, tenant_id: str, client_id: str) -> None:
    """Let the client use the default connection, where the tenant still has it."""
    connection = default_connection(session, tenant_id)
    if connection is not None:
        session.add(ConnectionClient(tenant_id=tenant_id, connection_id=connection.id, client_id=client_id))
        session.flush()
        tenants.bump(session, tenant_id)


def _create_application(session: Session, platform: Platform, provisioned: Provisioned) -> None:
    members = {
        "name": APPLICATION,
        "description": "Shows what an application gets when somebody signs in",
        "app_type": "regular_web",
        "callbacks": [provisioned.url + CALLBACK],
        "allowed_logout_urls": [provisioned.url + HOME],
        "initiate_login_uri": provisioned.url + HOME,
        "client_metadata": {MARK: SAMPLE},
    }
    client = clients.create(session, platform.sealer, provisioned.tenant_id, members)
    enable_default_connection(session, provisioned.tenant_id, client.client_id)
