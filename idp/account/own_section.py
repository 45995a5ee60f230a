"""What the account page shows of the account itself: its picture, a change of its address that is under way, how pages
look, and its deletion.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from idp.directory.connections import runtime as connections
from idp.directory.users import pictures
from idp.directory.users.provision import FoundUser
from idp.foundation.tenancy import appearance
from idp.foundation.tenancy.work import Work
from idp.signin.self_service import address_change, deletion
from idp.signin.sessions.service import LiveSession


@dataclass(frozen=True, slots=True)
class AddressRow:
    """A change of address under way; it ends at ``ends_at``."""

    new_email: str
    old_confirmed: bool
    new_confirmed: bool
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class OwnSection:
    """``changes_email``: the address is the person's to change here; ``change`` is one under way. ``picture`` is the
    address of the one they stored here, ``stores_picture`` whether they may. ``theme`` is ``light``, ``dark`` or
    nothing; ``themes``: there is a choice. ``deletion_days``: for how long a deletion can be undone (None: nobody may
    ask for one).
    """

    changes_email: bool = False
    change: AddressRow | None = None
    picture: str | None = None
    stores_picture: bool = False
    theme: str = ""
    themes: bool = False
    deletion_days: int | None = None


def own_section(work: Work, session: LiveSession, user: FoundUser) -> OwnSection:
    """The section of that person."""
    found = address_change.pending(work, user.user_id)
    change = None
    if found is not None:
        ends = datetime.fromtimestamp(found.expires_at / 1000, UTC)
        change = AddressRow(found.new_email, found.old_confirmed, found.new_confirmed, ends)
    picture = pictures.path_of(work, user.connection_id, user.account_id)
    connection = connections.find(work, user.connection_id)
    return OwnSection(
        changes_email=address_change.changeable(work, user),
        change=change,
        picture=work.href(picture) if picture else None,
        stores_picture=pictures.chosen_here(connection),
        theme=session.theme or "",
        themes=appearance.look(work).theme is None,
        deletion_days=deletion.days(work),
    )
