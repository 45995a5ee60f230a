"""The built-in user database, through the credential-store port."""

from __future__ import annotations

from dataclasses import replace

from connectors.contract import (
    Account,
    ConnectorContext,
    CredentialStore,
    Hasher,
    Identity,
    InvalidCredentials,
    NewAccount,
)
from connectors.strategy import AccountRules


class DatabaseConnector:
    """PasswordConnector and Provisioning over the product's own store."""

    def __init__(self, context: ConnectorContext) -> None:
        if context.credentials is None or context.hasher is None:
            raise ValueError("the database connector needs a credential store and a hasher")
        self._store: CredentialStore = context.credentials
        self._hasher: Hasher = context.hasher
        self._rules = context.options.accounts() or AccountRules()
        self._remembered = self._rules.password.remembered

    def login(self, identifier: str, password: str) -> Identity:
        """See :class:`connectors.contract.PasswordConnector`. Unknown accounts cost the same work as wrong
        passwords.
        """
        account = self.known(identifier)
        fits = self._hasher.verify(account.password_hash if account else None, password)
        if account is None or not fits:
            raise InvalidCredentials(user_id=account.account_id if account else None)
        if account.password_hash and self._hasher.outdated(account.password_hash):
            self._store.rehash(account.account_id, account.password_hash, self._hasher.hash(password))
        return Identity(account.account_id, _profile(account.email, account.username))

    def known(self, identifier: str) -> Account | None:
        """Whose name that is, by one of the attributes that identify people here, in their order. A number is one in
        E.164.
        """
        if "phone_number" not in self._rules.known_by or not _is_number(identifier):
            return self._named(identifier)
        order = self._rules.known_by
        number_first = "username" not in order or order.index("phone_number") < order.index("username")
        looks = (self._store.by_number, self._named) if number_first else (self._named, self._store.by_number)
        return looks[0](identifier) or looks[1](identifier)

    def _named(self, identifier: str) -> Account | None:
        """By address or username, where these identify people."""
        account = self._store.by_identifier(identifier)
        if account is None or {"email", "username"} <= set(self._rules.known_by):
            return account
        by_name = account.username is not None and account.username == identifier.strip().lower()
        return account if ("username" if by_name else "email") in self._rules.known_by else None

    def prepare(self, password: str) -> str:
        """See :class:`connectors.contract.Provisioning`."""
        return self._hasher.hash(password)

    def create(self, account: NewAccount, prepared: str | None) -> Identity:
        """See :class:`connectors.contract.Provisioning`."""
        stored = self._store.insert(replace(account, shares_email=not self._rules.unique_email), prepared)
        return Identity(stored.account_id, _profile(stored.email, stored.username))

    def change_password(self, account_id: str, prepared: str) -> None:
        """See :class:`connectors.contract.Provisioning`."""
        self._store.set_password(account_id, prepared, remember=self._remembered)

    def delete(self, account_id: str) -> None:
        """See :class:`connectors.contract.Provisioning`."""
        self._store.remove(account_id)


def _is_number(identifier: str) -> bool:
    return identifier.startswith("+") and identifier[1:].isdigit()


def _profile(email: str | None, username: str | None) -> dict[str, str]:
    return {name: value for name, value in (("email", email), ("username", username)) if value}
