"""Instagram: the token stands in a list, or where everybody else has it
(https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login).
"""

from __future__ import annotations

from typing import Any

from connectors.oauth2.quirks import Quirks


class Instagram(Quirks):
    """Both forms of the token answer."""

    def token_answer(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The one entry of ``data``, where there is such a list."""
        entries = answer.get("data")
        first = entries[0] if isinstance(entries, list) and entries else None
        return first if isinstance(first, dict) else answer


QUIRKS = Instagram
