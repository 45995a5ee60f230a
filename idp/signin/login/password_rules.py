"""A connection's password policy as pages show it."""

from __future__ import annotations

from connectors import strategy
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.web.i18n import Texts
from idp.foundation.web.view_models import PasswordRules, password_rules


def rules_of(texts: Texts, connection: ConnectionConfig | None) -> PasswordRules:
    """The rules in words; those of the default level without a connection."""
    asked = connection.password_rules if connection else strategy.PasswordRules()
    return password_rules(texts, asked.level, asked.min_length)
