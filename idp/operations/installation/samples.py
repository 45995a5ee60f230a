"""What development starts with beside a tenant: an application to sign in to, and somebody to sign in as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from idp.applications.clients import service as clients
from idp.applications.clients.models import Client
from idp.applications.resource_servers import service as apis
from idp.applications.resource_servers.models import ResourceServer
from idp.directory.connections import service as connections
from idp.foundation.kernel.events import TenantMoved
from idp.foundation.tenancy.work import Platform, Work
from idp.operations.installation import administrators
from idp.operations.installation.kept import Kept, made_up_password
from idp.operations.installation.tenant import Provisioned, default_connection, installing

APPLICATION = "Sample application"
MARK, SAMPLE = "gatehouse", "sample-application"
"""Member of ``client_metadata`` by which the sample application is known, whatever it is called later."""
USER_EMAIL = "user@example.com"
USER_NAME = "Sample User"
USER_FILE = "sample-user.json"
HOME = "dev/app/"
CALLBACK = "dev/app/callback"
_URLS = ("callbacks", "allowed_logout_urls", "initiate_login_uri")
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
    with installing(platform, provisioned.tenant_id, provisioned.url) as work:
        if find_application(work) is None:
            _create_application(work)
        if not has_api(work):
            apis.create(work, API)
    kept = Kept(platform.settings.var, USER_FILE)
    with kept.alone():
        if administrators.find(platform, provisioned, USER_EMAIL) is None:
            password = kept.password(USER_EMAIL) or made_up_password()
            kept.keep(USER_EMAIL, password)
            administrators.create(platform, provisioned, USER_EMAIL, password, name=USER_NAME)


def find_application(work: Work) -> Client | None:
    """The sample application's row."""
    rows = work.rows.scalars(select(Client).where(Client.tenant_id == work.tenant_id).order_by(Client.created_at))
    return next((row for row in rows if (row.data.get("client_metadata") or {}).get(MARK) == SAMPLE), None)


def has_api(work: Work) -> bool:
    """Whether the sample API is there."""
    found = select(ResourceServer.id).where(ResourceServer.identifier == API["identifier"])
    return work.rows.scalars(found).first() is not None


def kept_user(platform: Platform) -> SampleUser:
    """The sample user as the terminal and the welcome page show it."""
    return SampleUser(USER_EMAIL, Kept(platform.settings.var, USER_FILE).password(USER_EMAIL))


def enable_default_connection(work: Work, client_id: str) -> None:
    """Let the client use the default connection, where the tenant still has it."""
    connection = default_connection(work)
    if connection is not None:
        connections.switch_clients(work, connection, [(client_id, True)])


def follow_tenant(work: Work, event: TenantMoved) -> None:
    """The sample application is served below the tenant's URL. Reaction."""
    application = find_application(work)
    if application is not None:
        moved = _moved(application.data, event.old_url, event.new_url)
        clients.update(work, application, {name: value for name, value in moved.items() if name in _URLS})


def _moved(document: dict[str, Any], old_url: str, url: str) -> dict[str, Any]:
    """The client's document with every URL under ``old_url`` under ``url``."""

    def follow(value: Any) -> Any:
        if isinstance(value, list):
            return [follow(entry) for entry in value]
        return url + value.removeprefix(old_url) if isinstance(value, str) and value.startswith(old_url) else value

    return {name: follow(value) for name, value in document.items()}


def _create_application(work: Work) -> None:
    members = {
        "name": APPLICATION,
        "description": "Shows what an application gets when somebody signs in",
        "app_type": "regular_web",
        "callbacks": [work.config.url + CALLBACK],
        "allowed_logout_urls": [work.config.url + HOME],
        "initiate_login_uri": work.config.url + HOME,
        "client_metadata": {MARK: SAMPLE},
    }
    client = clients.create(work, members)
    enable_default_connection(work, client.client_id)
