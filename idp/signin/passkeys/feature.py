"""The feature: passkeys."""

from __future__ import annotations

from idp.foundation.feature import Feature
from idp.signin.passkeys.log_types import PasskeyLog

FEATURE = Feature(name="passkeys", log_types=(PasskeyLog,))
