"""The feature: codes and links that sign people in."""

from __future__ import annotations

from idp.foundation.feature import Feature
from idp.foundation.queue.lanes import CALLS, MAIL
from idp.signin.passwordless.log_types import CodeLog

FEATURE = Feature(
    name="passwordless",
    apis=("idp.signin.passwordless.api",),
    tasks={
        "passwordless.send": "idp.signin.passwordless.delivery:send",
        "sms.send": "idp.signin.passwordless.delivery:send_text",
    },
    lanes={"passwordless.send": MAIL, "sms.send": CALLS},
    log_types=(CodeLog,),
)
"""Deciding whether something is sent waits for nobody; a text message waits for its provider."""
