"""Who asks for a piece of work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """The client a token was issued to, the user it speaks for (None for a machine), and the token's scopes."""

    client_id: str = ""
    user_id: str | None = None
    scopes: frozenset[str] = frozenset()

    def has(self, *scopes: str) -> bool:
        """Whether the token carries any of ``scopes``."""
        return not self.scopes.isdisjoint(scopes)


NOBODY = Actor()
"""Nobody has proven who they are: sign-in pages, background jobs."""
