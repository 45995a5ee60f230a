"""The feature: protection against guessed, stolen and invented credentials."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from idp.foundation.db.personal import Personal, Whose
from idp.foundation.db.purge import BEFORE, DAY_MS, Purge
from idp.foundation.feature import Feature
from idp.signin.attack_protection.log_types import ProtectionLog
from idp.signin.attack_protection.models import LoginFailure, NetworkBucket
from idp.signin.attack_protection.reactions import REACTIONS


def _failures(whose: Whose) -> ColumnElement[bool]:
    return LoginFailure.identifier.in_(whose.identifiers)


FEATURE = Feature(
    name="attack_protection",
    apis=("idp.signin.attack_protection.api", "idp.signin.attack_protection.settings_api"),
    tasks={"protection.summary": "idp.signin.attack_protection.notices:sum_up"},
    reactions=REACTIONS,
    purges=(
        Purge(LoginFailure, LoginFailure.last_at < BEFORE, 30 * DAY_MS),
        Purge(NetworkBucket, NetworkBucket.full_at < BEFORE),
    ),
    log_types=(ProtectionLog,),
    personal=(Personal(model=LoginFailure, of=_failures),),
)
