"""The feature: links of mails."""

from __future__ import annotations

from idp.foundation.feature import Feature
from idp.signin.tickets.log_types import TicketLog
from idp.signin.tickets.reactions import REACTIONS

FEATURE = Feature(
    name="tickets",
    apis=("idp.signin.tickets.api",),
    reactions=REACTIONS,
    log_types=(TicketLog,),
)
