"""Gatehouse: a hosted OpenID Connect identity provider with login pages that a team runs itself."""

from __future__ import annotations

__version__ = "0.1.0"
