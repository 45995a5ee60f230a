"""Zoom: says with the number 1 that an address is proven (https://developers.zoom.us/docs/api/users/)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.oauth2.quirks import Quirks


class Zoom(Quirks):
    """``verified`` is 1 or 0."""

    def profile(
        self, document: dict[str, Any], tokens: Mapping[str, Any], arrival: Mapping[str, str]
    ) -> dict[str, Any]:
        """As JSON true, where it is exactly that number."""
        said = document.get("verified")
        return {**document, "email_is_verified": isinstance(said, int) and not isinstance(said, bool) and said == 1}


QUIRKS = Zoom
