"""A connection's password policy as pages show it."""

from __future__ import annotations

from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.web.i18n import Texts
from idp.foundation.web.view_models import PasswordRules, password_rules


def rules_of(texts: Texts, connection: ConnectionConfig | None) -> PasswordRules:
    """The rules in words; those of the default level without a connection."""
    options = connection.options if connection else {}
    length = (options.get("password_complexity_options") or {}).get("min_length")
    return password_rules(texts, str(options.get("passwordPolicy") or "good"), length)
