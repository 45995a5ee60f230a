"""From what a source says to the normalized profile (spec/user-profile.md, "Normalized profile")."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote

from idp.foundation.tenancy.configuration import Configuration


def defaults(config: Configuration, profile: Mapping[str, Any]) -> dict[str, Any]:
    """``name``, ``nickname`` and ``picture`` where the source names none, as the tenant of ``config`` draws it."""
    email, username = profile.get("email"), profile.get("username")
    found = {name: value for name, value in profile.items() if value is not None}
    found.setdefault("name", email or username or profile.get("phone_number") or "")
    found.setdefault("nickname", username or (email or "").partition("@")[0] or found["name"])
    gravatar = config.settings.gravatar
    found.setdefault("picture", picture(config.url, email, str(found["nickname"]), gravatar=gravatar))
    return found


def picture(tenant_url: str, email: str | None, nickname: str, *, gravatar: bool = True) -> str:
    """Gravatar's address with our own initials to fall back to, as the raster image that Gravatar demands; without an
    address, or without ``gravatar``, the initials alone: no other host learns of anybody.
    """
    letters = "".join(islice((c for c in (email or nickname).lower() if c.isascii() and c.isalnum()), 2)) or "xx"
    initials = f"{tenant_url}avatars/{letters}"
    if not email or not gravatar:
        return f"{initials}.svg"
    hashed = hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()
    return f"https://s.gravatar.com/avatar/{hashed}?s=480&r=pg&d={quote(f'{initials}.png', safe='')}"
