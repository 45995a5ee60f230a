"""The feature: relying parties of federations."""

from __future__ import annotations

from idp.applications.federation.log_types import FederationLog
from idp.applications.federation.reactions import REACTIONS
from idp.foundation.feature import Feature

FEATURE = Feature(name="federation", reactions=REACTIONS, log_types=(FederationLog,))
