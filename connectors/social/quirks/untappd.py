"""Untappd: what everybody calls ``redirect_uri`` is ``redirect_url`` (https://untappd.com/api/docs)."""

from __future__ import annotations

from connectors.oauth2.quirks import Quirks


class Untappd(Quirks):
    """Its own names."""

    def authorize(self, params: dict[str, str]) -> None:
        """The browser's way there."""
        params["redirect_url"] = params.pop("redirect_uri")

    def token_request(self, form: dict[str, str], headers: dict[str, str]) -> None:
        """The exchange, which has no grant types."""
        form["redirect_url"] = form.pop("redirect_uri")
        del form["grant_type"]


QUIRKS = Untappd
