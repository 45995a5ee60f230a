"""Types of log entries about clients that make themselves known."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class RegistrationLog(LogType):
    """Written by the use cases on registrations."""

    REGISTERED = "sdcr", "A client registered itself."
    REFUSED = "fdcr", "A client's registration was refused."
    CHANGED = "sdcru", "A client changed its registration."
    REMOVED = "sdcrd", "A client removed its registration."
    CLEANED = "sdcrx", "A client that registered itself and was never used, or not for long, was removed."
    KEPT = "sdcrk", "An administrator keeps a client that registered itself."
    DOCUMENT_READ = "scimd", "A client's metadata document was read."
    DOCUMENT_REFUSED = "fcimd", "A client's metadata document was refused."
    TOKEN_MADE = "siat", "A token for registrations was made."
    TOKEN_REMOVED = "riat", "A token for registrations was taken back."
