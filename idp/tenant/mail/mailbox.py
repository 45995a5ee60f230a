"""The development mailbox: mails become rows that ``/dev/mailbox`` shows."""

from __future__ import annotations

import re

import msgspec
from sqlalchemy import bindparam, select

from idp.foundation.db.hot import HotConnection, Statement
from idp.foundation.db.insert_row import insert_row
from idp.foundation.kernel import clock, ids
from idp.tenant.mail.message import Mail
from idp.tenant.mail.models import MailboxMessage as M

SHOWN = 100
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
_INSERT = Statement("mailbox_insert", insert_row(M))


class KeptMail(msgspec.Struct, frozen=True):
    """A mail of the mailbox; ``at`` is in ms."""

    id: str
    to: str
    subject: str
    text: str
    html: str
    at: int

    @property
    def links(self) -> list[str]:
        """The addresses in its text."""
        return list(dict.fromkeys(_LINK.findall(self.text)))


_NEWEST = Statement(
    "mailbox_newest",
    select(M.id, M.recipient.label("to"), M.subject, M.text, M.html, M.created_at.label("at"))
    .where(M.tenant_id == bindparam("tenant"))
    .order_by(M.id.desc())
    .limit(SHOWN),
    row=KeptMail,
)


def keep(hot: HotConnection, tenant_id: str, mail: Mail) -> None:
    """Put it into the tenant's mailbox. Ids sort by time, so mails of one millisecond keep their order."""
    hot.run(
        _INSERT,
        tenant_id=tenant_id,
        id=ids.message_id(),
        recipient=mail.to[:254],
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        created_at=clock.now_ms(),
    )


def newest(hot: HotConnection, tenant_id: str) -> list[KeptMail]:
    """The tenant's last mails, newest first."""
    return hot.all(_NEWEST, tenant=tenant_id)
