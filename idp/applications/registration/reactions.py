"""What registrations do about news from elsewhere."""

from __future__ import annotations

from sqlalchemy import delete, update

from idp.applications.registration.models import Registration as R
from idp.foundation.kernel import clock
from idp.foundation.kernel.events import ClientDeleted, ClientGrantCreated, UserGrantRecorded
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work


def note_use(work: Work, event: UserGrantRecorded | ClientGrantCreated) -> None:
    """Somebody agreed to what the client asks for: it is in use."""
    mine = (R.tenant_id == work.tenant_id, R.client_id == event.client_id)
    work.rows.execute(update(R).where(*mine).values(used_at=clock.now_ms()))


def forget(work: Work, event: ClientDeleted) -> None:
    """A client that is gone has no registration, and its token opens nothing."""
    work.rows.execute(delete(R).where(R.tenant_id == work.tenant_id, R.client_id == event.client_id))


REACTIONS = (On(UserGrantRecorded, note_use), On(ClientGrantCreated, note_use), On(ClientDeleted, forget))
