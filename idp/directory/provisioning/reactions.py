"""What provisioning does about news from elsewhere."""

from __future__ import annotations

from idp.directory.provisioning import people, service
from idp.foundation.kernel.access_events import DirectoryGroupDeleted
from idp.foundation.kernel.events import ConnectionDeleted, UserDeleted
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work


def forget_connection(work: Work, event: ConnectionDeleted) -> None:
    """A connection that is gone has no directory."""
    service.forget(work, event.connection_id)


def forget_user(work: Work, event: UserDeleted) -> None:
    """Somebody who was deleted here is no longer known to their directory by the id they had."""
    people.forget(work, event.user_id)


def forget_group(work: Work, event: DirectoryGroupDeleted) -> None:
    """A group that was removed here is not known to its directory any more."""
    people.forget_group(work, event.connection_id, event.source_id)


REACTIONS = (
    On(ConnectionDeleted, forget_connection),
    On(UserDeleted, forget_user),
    On(DirectoryGroupDeleted, forget_group),
)
