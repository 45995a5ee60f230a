"""The feature: links of mails."""

from __future__ import annotations

from idp.foundation.feature import Feature

FEATURE = Feature(
    name="tickets",
    apis=("idp.signin.tickets.api",),
)
