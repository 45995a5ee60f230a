"""What a screen is: one page, shown and submitted."""

from __future__ import annotations

from typing import Protocol

from flask import Response

from idp.signin.login.screen_request import Visit


class Screen(Protocol):
    """A page of a login attempt, found by its path below ``/u/``."""

    path: str

    def show(self, visit: Visit) -> Response:
        """The page (GET)."""

    def submit(self, visit: Visit) -> Response:
        """What its form asks for (POST); ends in another page or in ``visit.resume()``."""
