"""The built-in user database, through the credential-store port."""

from __future__ import annotations

from connectors.contract import (
    ConnectorContext,
    CredentialStore,
    Hasher,
    Identity,
    InvalidCredentials,
    NewAccount,
)


class DatabaseConnector:
    """PasswordConnector and Provisioning over the product's own store."""

    def __init__(self, context: ConnectorContext) -> None:
        if context.credentials is None or context.hasher is None:
            raise ValueError("the database connector needs a credential store and a hasher")
        self._store: CredentialStore = context.credentials
        self._hasher: Hasher = context.hasher
        accounts = context.options.accounts()
        self._remembered = accounts.password.remembered if accounts else 0

    def login(self, identifier: str, password: str) -> Identity:
        """See :class:`connectors.contract.PasswordConnector`. Unknown accounts cost the same work as wrong
        passwords.
        """
        account = self._store.by_identifier(identifier)
        fits = self._hasher.verify(account.password_hash if account else None, password)
        if account is None or not fits:
            raise InvalidCredentials(user_id=account.account_id if account else None)
        if account.password_hash and self._hasher.outdated(account.password_hash):
            self._store.rehash(account.account_id, account.password_hash, self._hasher.hash(password))
        return Identity(account.account_id, _profile(account.email, account.username))

    def prepare(self, password: str) -> str:
        """See :class:`connectors.contract.Provisioning`."""
        return self._hasher.hash(password)

    def create(self, account: NewAccount, prepared: str | None) -> Identity:
        """See :class:`connectors.contract.Provisioning`."""
        stored = self._store.insert(account, prepared)
        return Identity(stored.account_id, _profile(stored.email, stored.username))

    def change_password(self, account_id: str, prepared: str) -> None:
        """See :class:`connectors.contract.Provisioning`."""
        self._store.set_password(account_id, prepared, remember=self._remembered)

    def delete(self, account_id: str) -> None:
        """See :class:`connectors.contract.Provisioning`."""
        self._store.remove(account_id)


def _profile(email: str | None, username: str | None) -> dict[str, str]:
    return {name: value for name, value in (("email", email), ("username", username)) if value}
