"""Types of log entries about shared signals."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class SignalLog(LogType):
    """Written by the use cases on streams, and by deliveries."""

    STREAM_MADE = "ssfc", "A receiver of shared signals made its stream."
    STREAM_CHANGED = "ssfu", "A stream of shared signals was changed, paused or resumed."
    STREAM_REMOVED = "ssfd", "A stream of shared signals was deleted."
    REFUSED = "fssf", "A call of a receiver of shared signals was refused."
    DELIVERED = "ssfe", "A receiver took an event of shared signals."
    DELIVERY_FAILED = "fssfe", "An event of shared signals was not taken; a failed delivery is tried again."
    STREAM_PAUSED = "fssfp", "A stream of shared signals was paused: its receiver has not taken anything for a day."
