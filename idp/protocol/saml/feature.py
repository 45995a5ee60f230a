"""The feature: SAML 2.0."""

from __future__ import annotations

from idp.foundation.feature import Feature

FEATURE = Feature(name="saml", blueprints=("idp.protocol.saml.views:blueprint",))
