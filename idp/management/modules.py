"""The one list of modules that declare Management API endpoints."""

from __future__ import annotations

from importlib import import_module

from idp.apikit import Api

MODULES: tuple[str, ...] = (
    "clients.api",
    "clients.client_grants",
    "connections.api",
    "resource_servers.api",
    "tenants.api",
    "users.api",
    "users.identities_api",
    "sessions.api",
    "tokens.api",
    "user_grants.api",
    "keys.api",
    "audit.api",
    "attack_protection.api",
    "tickets.api",
)
"""Below ``idp``; each has an ``api``."""


def apis() -> list[Api]:
    """Each module's ``api``."""
    return [import_module(f"idp.{name}").api for name in MODULES]
