"""What a browser brings along to a sign-in beside its session."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Browser:
    """``trust`` is the cookie by which somebody is not asked for a second factor; ``device_hash`` the hash of the
    browser's own id. Both as they were sent: nothing is proven by them alone.
    """

    trust: str | None = None
    device_hash: str | None = None


NONE = Browser()
"""One of which nothing is known."""
