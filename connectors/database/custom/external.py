"""Accounts that stay in the tenant's own database: every event is its to answer (``import_mode`` off)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.contract import AlreadyExists, ConnectorContext, ConnectorError, Identity, InvalidCredentials
from connectors.database.custom.hooks import TROUBLE, fault, identity
from connectors.database.custom.opening import OpensHooks, asked, attempt
from connectors.database.custom.profiles import MapsProfiles
from connectors.directories import Registration, ScriptAnswer


class ExternalDatabase(OpensHooks, MapsProfiles):
    """PasswordConnector, Directory, ChangesNames and Maps over hooks."""

    def __init__(self, context: ConnectorContext) -> None:
        self._context = context

    def login(self, identifier: str, password: str) -> Identity:
        """See :class:`connectors.contract.PasswordConnector`."""
        profile = asked(lambda: self._hooks.login(identifier, password))
        if profile is None:
            raise InvalidCredentials
        return identity(profile)

    def find(self, identifier: str) -> Identity | None:
        """See :class:`connectors.directories.Lookup`."""
        profile = asked(lambda: self._hooks.get_user(identifier))
        return None if profile is None else identity(profile)

    def register(self, registration: Registration) -> Identity:
        """See :class:`connectors.directories.Directory`: ``get_user``, ``create``, ``login``."""
        for name, value in (("email", registration.email), ("username", registration.username)):
            if value and self.find(value) is not None:
                raise AlreadyExists(name)
        asked(lambda: self._hooks.create(self._new(registration)))
        try:
            made = self.login(registration.email or registration.username or "", registration.password)
        except InvalidCredentials as error:
            raise fault("create made an account that login does not know") from error
        return made

    def replace_password(self, identifier: str, password: str) -> None:
        """See :class:`connectors.directories.Directory`."""
        if not asked(lambda: self._hooks.change_password(identifier, password)):
            raise ConnectorError(TROUBLE, "The password was not changed.", detail="change_password said no")

    def confirm_address(self, email: str) -> None:
        """See :class:`connectors.directories.Directory`."""
        if not asked(lambda: self._hooks.verify(email)):
            raise ConnectorError(TROUBLE, "The address was not verified.", detail="verify said no")

    def remove(self, account_id: str) -> None:
        """See :class:`connectors.directories.Directory`."""
        asked(lambda: self._hooks.delete(account_id))

    def change_address(self, email: str, new: str, *, verified: bool) -> None:
        """See :class:`connectors.directories.Directory`."""
        if not asked(lambda: self._hooks.change_email(email, new, verified)):
            raise ConnectorError(TROUBLE, "The address was not changed.", detail="change_email said no")

    def change_username(self, username: str, new: str) -> None:
        """See :class:`connectors.directories.ChangesNames`."""
        if not asked(lambda: self._hooks.change_username(username, new)):
            raise ConnectorError(TROUBLE, "The username was not changed.", detail="change_username said no")

    def change_phone_number(self, number: str, new: str, *, verified: bool) -> None:
        """See :class:`connectors.directories.ChangesNames`."""
        if not asked(lambda: self._hooks.change_phone_number(number, new, verified)):
            raise ConnectorError(TROUBLE, "The number was not changed.", detail="change_phone_number said no")

    def attempt(self, event: str, args: Sequence[Any]) -> ScriptAnswer:
        """See :class:`connectors.directories.Trial`."""
        return attempt(self._hooks, event, args)

    def _new(self, registration: Registration) -> dict[str, Any]:
        known = {
            "email": registration.email,
            "username": registration.username,
            "phone_number": registration.phone_number,
            "client_id": registration.client_id,
        }
        return {
            **{name: value for name, value in known.items() if value is not None},
            "tenant": self._context.tenant,
            "connection": self._context.connection_name,
            "password": registration.password,
            "user_metadata": dict(registration.user_metadata),
            "app_metadata": dict(registration.app_metadata),
        }
