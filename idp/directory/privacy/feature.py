"""The feature: what is stored of a person."""

from __future__ import annotations

from idp.foundation.feature import Feature

FEATURE = Feature(name="privacy", apis=("idp.directory.privacy.api",))
