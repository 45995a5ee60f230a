"""Accounts that move here as their people sign in (``import_mode``): the tenant's database is asked about people who
have no password here yet, and never again about the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from connectors.contract import ConnectorContext, Identity, InvalidCredentials
from connectors.database.custom.hooks import fault, identity
from connectors.database.custom.opening import OpensHooks, asked, attempt
from connectors.database.custom.profiles import MapsProfiles
from connectors.database.store import DatabaseConnector
from connectors.directories import ScriptAnswer


class MigratingDatabase(DatabaseConnector, OpensHooks, MapsProfiles):
    """PasswordConnector and Provisioning over our own store, Lookup and Maps over hooks."""

    def __init__(self, context: ConnectorContext) -> None:
        super().__init__(context)
        self._context = context

    def login(self, identifier: str, password: str) -> Identity:
        """See :class:`connectors.contract.PasswordConnector`. Whoever comes from the database has the password that
        they typed, here from now on.
        """
        account = self.known(identifier)
        if account is not None and account.password_hash is not None:
            return super().login(identifier, password)
        profile = asked(lambda: self._hooks.login(identifier, password))
        if profile is None:
            raise InvalidCredentials(user_id=account.account_id if account else None)
        found = identity(profile)
        if account is not None and account.account_id != found.user_id:
            raise fault(f"login says {found.user_id}, get_user said {account.account_id}: the user_id is not stable")
        prepared = self.prepare(password)
        if account is not None:
            self._store.set_password(account.account_id, prepared)
        return replace(found, prepared_password=prepared)

    def find(self, identifier: str) -> Identity | None:
        """See :class:`connectors.directories.Lookup`: people who are not here yet."""
        if self.known(identifier) is not None:
            return None
        profile = asked(lambda: self._hooks.get_user(identifier))
        return None if profile is None else identity(profile)

    def attempt(self, event: str, args: Sequence[Any]) -> ScriptAnswer:
        """See :class:`connectors.directories.Trial`."""
        return attempt(self._hooks, event, args)
