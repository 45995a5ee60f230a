"""A tenant's own database behind a connection of strategy ``auth0``: scripts, statements or a class of the operator's
answer for each event (spec/custom-database.md; docs/connections/custom-database.md).
"""

from __future__ import annotations

from connectors.database.custom.external import ExternalDatabase
from connectors.database.custom.hooks import DatabaseHooks, RegistrationError, Unauthorized, WrongPassword
from connectors.database.custom.migrating import MigratingDatabase

__all__ = [
    "DatabaseHooks",
    "ExternalDatabase",
    "MigratingDatabase",
    "RegistrationError",
    "Unauthorized",
    "WrongPassword",
]
