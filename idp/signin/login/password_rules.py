"""A connection's password policy as pages show it."""

from __future__ import annotations

from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.web.i18n import Texts
from idp.foundation.web.view_models import PasswordRules, password_rules_of


def rules_of(texts: Texts, connection: ConnectionConfig | None) -> PasswordRules:
    """The rules in words; those of the default level without a connection."""
    return password_rules_of(texts, connection.options if connection else {})
