"""Chromium's virtual authenticator."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import CDPSession, Page


class Virtual:
    """The virtual authenticator of a page (Chrome DevTools Protocol, WebAuthn)."""

    def __init__(self, page: Page, **options: Any) -> None:
        self._devtools: CDPSession = page.context.new_cdp_session(page)
        self._devtools.send("WebAuthn.enable", {"enableUI": False})
        made = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
            **options,
        }
        self._id = self._devtools.send("WebAuthn.addVirtualAuthenticator", {"options": made})["authenticatorId"]

    def change(self, command: str, **values: Any) -> None:
        """A command about it."""
        self._devtools.send(f"WebAuthn.{command}", {"authenticatorId": self._id, **values})

    @property
    def credentials(self) -> list[dict[str, Any]]:
        """What it has."""
        found = self._devtools.send("WebAuthn.getCredentials", {"authenticatorId": self._id})["credentials"]
        return list(found)
