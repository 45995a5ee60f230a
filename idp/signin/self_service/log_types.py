"""Types of log entries about what people change of their own account."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class SelfServiceLog(LogType):
    """Written when a change begins, and when it comes to nothing; that it was made is told as for administrators
    (``sce``, ``sdu``).
    """

    ADDRESS_CHANGE_REQUESTED = "address_change_requested", "Change of address begun by the owner of the account."
    ADDRESS_CONFIRMED = "address_change_confirmed", "Change of address confirmed at one of both addresses."
    ADDRESS_CHANGE_CANCELLED = "address_change_cancelled", "Change of address called off, or the new one was taken."
    DELETION_REQUESTED = "account_deletion_requested", "Deletion of an account asked for by its owner."
    DELETION_CANCELLED = "account_deletion_cancelled", "Deletion of an account called off."
    DELETION_FAILED = "account_deletion_failed", "An account that is due could not be deleted; it is tried again."
