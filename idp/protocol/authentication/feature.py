"""The feature: ways in for applications that show pages of their own."""

from __future__ import annotations

from idp.foundation.feature import Feature
from idp.protocol.authentication.log_types import CrossOriginLog

FEATURE = Feature(
    name="authentication",
    blueprints=(
        "idp.protocol.authentication.links:blueprint",
        "idp.protocol.authentication.passwordless:blueprint",
        "idp.protocol.authentication.mfa:blueprint",
        "idp.protocol.authentication.dbconnections:blueprint",
        "idp.protocol.authentication.passkeys:blueprint",
        "idp.protocol.authentication.well_known:blueprint",
        "idp.protocol.authentication.cross_origin:blueprint",
        "idp.protocol.authentication.embedded_form:blueprint",
    ),
    log_types=(CrossOriginLog,),
)
