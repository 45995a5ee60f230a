"""Who asks for a piece of work."""

from __future__ import annotations

from dataclasses import dataclass

API, DASHBOARD, CLI = "api", "dashboard", "cli"
"""The ways in which administrators ask for something (:attr:`Actor.channel`)."""


@dataclass(frozen=True)
class Actor:
    """The client a token was issued to (by id and name), the user it speaks for (None for a machine), and the token's
    scopes.

    ``channel`` is the way in which they ask. An administrator at the dashboard has ``roles``, and the scopes that come
    of them; with ``clients`` they see and change no other applications than these.
    """

    client_id: str = ""
    user_id: str | None = None
    scopes: frozenset[str] = frozenset()
    channel: str = API
    roles: frozenset[str] = frozenset()
    clients: frozenset[str] | None = None
    name: str | None = None
    client_name: str | None = None

    def has(self, *scopes: str) -> bool:
        """Whether the token carries any of ``scopes``."""
        return not self.scopes.isdisjoint(scopes)

    def is_for(self, client_id: str) -> bool:
        """Whether that application is one that they see and change."""
        return self.clients is None or client_id in self.clients


NOBODY = Actor()
"""Nobody has proven who they are: sign-in pages, background jobs."""
