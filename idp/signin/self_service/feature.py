"""The feature: what people change of their own account."""

from __future__ import annotations

from idp.foundation.db.personal import Personal, by_user_id
from idp.foundation.db.purge import BEFORE, Purge
from idp.foundation.feature import Feature
from idp.signin.self_service.deletion import erase_due
from idp.signin.self_service.log_types import SelfServiceLog
from idp.signin.self_service.models import AddressChange
from idp.signin.self_service.reactions import REACTIONS

FEATURE = Feature(
    name="self_service",
    apis=("idp.signin.self_service.api",),
    reactions=REACTIONS,
    purges=(Purge(AddressChange, AddressChange.expires_at < BEFORE),),
    upkeep=(erase_due,),
    log_types=(SelfServiceLog,),
    personal=(Personal(model=AddressChange, of=by_user_id(AddressChange)),),
)
