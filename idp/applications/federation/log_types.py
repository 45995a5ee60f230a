"""Types of log entries about federations."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class FederationLog(LogType):
    """Written by what decides whom to trust."""

    TRUSTED = "sfed", "A relying party of a federation was taken as a client, or its chain was proven anew."
    REFUSED = "ffed", "A relying party of a federation was refused: nobody who is trusted vouches for it."
