"""Strategy ``auth0``: the built-in user database, and databases of tenants' own in its place or beside it."""

from __future__ import annotations

from typing import Any

from connectors.database.options import DatabaseOptions
from connectors.database.password_options import MOST_REMEMBERED
from connectors.database.store import DatabaseConnector
from connectors.database.templates import SETS, scripts_of
from connectors.strategy import Strategy, entries

__all__ = ["DATABASE", "MOST_REMEMBERED"]


def _choose(options: Any) -> type[Any]:
    """Tenants may have their own database asked: always, or about people who are new here."""
    if not isinstance(options, DatabaseOptions) or not options.enabledDatabaseCustomization:
        return DatabaseConnector
    from connectors.database import custom

    return custom.MigratingDatabase if options.import_mode else custom.ExternalDatabase


DEFAULTS: dict[str, Any] = {
    "mfa": {"active": True, "return_enroll_settings": True},
    "passwordPolicy": "good",
    "strategy_version": 2,
    "brute_force_protection": True,
    "disable_signup": False,
    "import_mode": False,
    "disable_self_service_change_password": False,
    "authentication_methods": {"password": {"enabled": True}, "passkey": {"enabled": False}},
    "passkey_options": {
        "challenge_ui": "both",
        "local_enrollment_enabled": True,
        "progressive_enrollment_enabled": True,
    },
}
"""What a new connection has beside the options it was sent."""
INSTALLED: dict[str, Any] = {
    "password_complexity_options": {"min_length": 8},
    "password_history": {"enable": False, "size": 5},
    "password_no_personal_info": {"enable": False},
    "password_dictionary": {"enable": False, "dictionary": []},
    "enabledDatabaseCustomization": False,
    "authentication_methods": {"password": {"enabled": True}, "passkey": {"enabled": True}},
}
"""What the database that a tenant begins with spells out too, so that administrators find it there."""

DATABASE = Strategy(
    name="auth0",
    asks=entries(
        {
            "passwordPolicy": "Password policy",
            "disable_signup": "Nobody signs up",
            "requires_username": "People have a username, too",
            "enabledDatabaseCustomization": (
                "Accounts stand in a database of your own",
                "Once the connection is there, its scripts stand on the tab Scripts, its statements under Options.",
            ),
        }
    ),
    kind="database",
    amr="pwd",
    options=DatabaseOptions,
    open=DatabaseConnector,
    choose=_choose,
    shown_sealed=frozenset({"configuration"}),
    sees_passwords=frozenset(
        {
            "configuration",
            "customScripts",
            "custom_sql",
            "database_class",
            "enable_script_context",
            "enabledDatabaseCustomization",
            "import_mode",
        }
    ),
    lasting=frozenset({"enable_script_context"}),
    display_name="Database",
    account_key="email",
    defaults=DEFAULTS,
    installed=INSTALLED,
    page="custom-database.md",
    unmapped="accounts stand here; the answers of a database of your own are mapped",
    script_sets=SETS,
    scripts_of=scripts_of,
)
