"""The one list of modules that declare Management API endpoints."""

from __future__ import annotations

from importlib import import_module

from idp.foundation.apikit import Api

MODULES: tuple[str, ...] = (
    "applications.clients.api",
    "applications.clients.client_grants",
    "directory.connections.api",
    "applications.resource_servers.api",
    "tenant.settings.api",
    "directory.users.api",
    "directory.users.identities_api",
    "signin.sessions.api",
    "protocol.tokens.api",
    "signin.user_grants.api",
    "tenant.keys.api",
    "tenant.audit.api",
    "signin.attack_protection.api",
    "signin.tickets.api",
)
"""Below ``idp``; each has an ``api``."""


def apis() -> list[Api]:
    """Each module's ``api``."""
    return [import_module(f"idp.{name}").api for name in MODULES]
