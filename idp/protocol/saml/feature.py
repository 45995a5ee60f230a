"""The feature: SAML 2.0."""

from __future__ import annotations

from idp.foundation.feature import Feature
from idp.protocol.saml.log_types import SamlLog

FEATURE = Feature(
    name="saml",
    blueprints=("idp.protocol.saml.views:blueprint",),
    frames="idp.protocol.saml.service:frames",
    log_types=(SamlLog,),
)
