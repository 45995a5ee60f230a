"""The feature: clients that make themselves known."""

from __future__ import annotations

from idp.applications.registration.cleanup import clean
from idp.applications.registration.log_types import RegistrationLog
from idp.applications.registration.models import InitialAccessToken
from idp.applications.registration.reactions import REACTIONS
from idp.foundation.db.purge import BEFORE, DAY_MS, Purge
from idp.foundation.feature import Feature

KEPT_MS = 30 * DAY_MS
"""How long administrators see what became of a token."""
FEATURE = Feature(
    name="registration",
    apis=("idp.applications.registration.api", "idp.applications.registration.registrations_api"),
    reactions=REACTIONS,
    purges=(Purge(InitialAccessToken, InitialAccessToken.expires_at < BEFORE, keep_ms=KEPT_MS),),
    upkeep=(clean,),
    log_types=(RegistrationLog,),
)
