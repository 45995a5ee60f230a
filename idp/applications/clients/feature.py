"""The feature: applications, their credentials and grants."""

from __future__ import annotations

from idp.applications.clients.reactions import REACTIONS
from idp.foundation.feature import Feature

FEATURE = Feature(
    name="clients",
    apis=("idp.applications.clients.api", "idp.applications.clients.client_grants_api"),
    reactions=REACTIONS,
)
