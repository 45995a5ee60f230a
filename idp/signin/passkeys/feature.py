"""The feature: passkeys."""

from __future__ import annotations

from idp.foundation.feature import Feature
from idp.signin.passkeys.log_types import PasskeyLog
from idp.signin.passkeys.reactions import REACTIONS

FEATURE = Feature(name="passkeys", reactions=REACTIONS, log_types=(PasskeyLog,))
