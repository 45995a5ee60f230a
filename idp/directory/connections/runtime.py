"""Connections as requests see them, and the connectors they open.

The credential store and the hasher are injected by the wiring, since they live above (docs/architecture.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from connectors.contract import ConnectorContext, CredentialStore, Hasher, OwnPassword, Provisioning
from connectors.directories import Directory
from connectors.strategy import (
    AccountRules,
    Attribute,
    CodeRules,
    Kind,
    Options,
    PasskeyRules,
    PasswordRules,
    SignUpRules,
    Strategy,
)
from idp.applications.clients import runtime as clients
from idp.directory.connections import strategies
from idp.directory.connections.foreign_code import Runner, Sql
from idp.directory.connections.models import Connection, ConnectionClient
from idp.directory.connections.outbound import Dialer, Outbound
from idp.directory.connections.own_keys import Assertions, Once, OwnKeys
from idp.foundation.db.by_key import by_key
from idp.foundation.db.hot import HotConnection, Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work

MOST_ACCOUNT_ID = 255
"""Characters of an account's id among all identities."""
CALLBACK_PATH = "login/callback"
"""Where sources send browsers back to, below the tenant's URL."""


class _ConnectionRow(msgspec.Struct, frozen=True):
    id: str
    name: str
    strategy: str
    options: Json[Any]
    """Secret options are sealed."""
    data: Json[dict[str, Any]]


_COLUMNS = (Connection.id, Connection.name, Connection.strategy, Connection.options, Connection.data)
_FOR_CLIENT = Statement(
    "connections_for_client",
    select(*_COLUMNS)
    .select_from(
        by_key(
            ConnectionClient,
            Connection,
            (Connection.tenant_id == ConnectionClient.tenant_id) & (Connection.id == ConnectionClient.connection_id),
        )
    )
    .where(ConnectionClient.tenant_id == bindparam("tenant"), ConnectionClient.client_id == bindparam("client_id"))
    .order_by(Connection.created_at, Connection.id),
    row=_ConnectionRow,
)
_ALL = Statement(
    "connections_all",
    select(*_COLUMNS).where(Connection.tenant_id == bindparam("tenant")).order_by(Connection.created_at, Connection.id),
    row=_ConnectionRow,
)
_BY_NAME = Statement(
    "connection_by_name",
    select(*_COLUMNS).where(Connection.tenant_id == bindparam("tenant"), Connection.name == bindparam("name")),
    row=_ConnectionRow,
)
_BY_ID = Statement(
    "connection_by_id",
    select(*_COLUMNS).where(Connection.tenant_id == bindparam("tenant"), Connection.id == bindparam("id")),
    row=_ConnectionRow,
)


class ConnectionConfig(msgspec.Struct, frozen=True, dict=True):
    """One connection at one configuration version. ``options`` are typed by its strategy; ``document`` is all of them
    as they were sent, secrets open.
    """

    id: str
    name: str
    strategy: str
    options: Options
    document: dict[str, Any]
    data: dict[str, Any]

    @property
    def source(self) -> Strategy:
        """What the strategy declares about itself."""
        return strategies.named(self.strategy)

    @property
    def strategy_type(self) -> Kind:
        """What sort of source it is."""
        return self.source.kind

    @property
    def provider(self) -> str:
        """What the ids of its users begin with."""
        return self.source.provider

    @property
    def display_name(self) -> str:
        """What people read: the connection's own choice, else the strategy's, else its name."""
        return str(self.data.get("display_name") or self.source.display_name or self.name)

    @cached_property
    def accounts(self) -> AccountRules | None:
        """The rules of its accounts, or None where they live elsewhere."""
        return self.options.accounts()

    @property
    def codes(self) -> CodeRules | None:
        """The rules of the codes it sends, or None where it sends none: to accounts that stand here, or to whoever
        proves an address.
        """
        return self.options.codes() if self.accounts is None or self.keeps_accounts else None

    def code_goes_to(self, typed: str) -> Attribute | None:
        """What a code is sent to for a sign-in of whoever typed that; None where they sign in otherwise."""
        if self.passwordless_by is not None:
            return self.passwordless_by
        by: Attribute = "email" if "@" in typed else "phone_number"
        rules = self.accounts if self.keeps_accounts else None
        return by if rules is not None and by in rules.by_code else None

    def asks_code_first(self, typed: str) -> bool:
        """Whether that comes before a password is asked for."""
        return self.accounts is not None and self.code_goes_to(typed) in self.accounts.code_first

    @property
    def asks_who_first(self) -> bool:
        """Whether it has to be known who signs in before it is clear how."""
        return self.accounts is not None and (self.codes is not None or not self.checks_passwords)

    @property
    def asks_for_password(self) -> bool:
        """Whether people choose a password when they register themselves."""
        return self.accounts is None or self.accounts.passwords_at_signup or not self.keeps_accounts

    @property
    def checks_passwords(self) -> bool:
        """Whether people sign in with a password: accounts that stand here may do without."""
        return self.accounts is None or self.accounts.passwords

    @property
    def passkeys(self) -> PasskeyRules | None:
        """The rules of passkeys of accounts that stand here, or None where they have none."""
        return self.options.passkeys() if self.keeps_accounts else None

    @property
    def domains(self) -> tuple[str, ...]:
        """Domains of addresses whose owners belong here, in lower case."""
        return tuple(domain.lower() for domain in self.options.domains())

    @property
    def icon(self) -> str | None:
        """The address of the picture on its button, where it has one of its own."""
        return self.options.icon()

    @property
    def keeps_accounts(self) -> bool:
        """Whether its accounts and their passwords stand here: those of a tenant's own database may not."""
        return self.accounts is not None and self.can(Provisioning)

    @property
    def is_database(self) -> bool:
        """Whether accounts and passwords are kept here."""
        return self.source.kind == "database"

    @property
    def passwordless_by(self) -> Attribute | None:
        """The attribute that a passwordless connection knows its users by; None for every other kind."""
        return self.source.account_key if self.source.kind == "passwordless" else None

    @property
    def shown_as_button(self) -> bool:
        """Whether login pages offer it: social sources are, enterprise ones where they say so."""
        return bool(self.data.get("show_as_button", self.source.kind == "social"))

    @property
    def signup_enabled(self) -> bool:
        """Whether people may register themselves."""
        makes_accounts = self.can(Provisioning) or self.can(Directory)
        return makes_accounts and self.accounts is not None and self.accounts.signup

    @property
    def requires_username(self) -> bool:
        """Whether accounts have a username beside the address."""
        return self.accounts is not None and self.accounts.username_length is not None

    @property
    def known_by_number(self) -> bool:
        """Whether people sign in with their telephone number."""
        return self.accounts is not None and "phone_number" in self.accounts.known_by

    @property
    def sign_up_rules(self) -> SignUpRules:
        """What people are asked for who register themselves."""
        return self.accounts.asks if self.accounts is not None else SignUpRules()

    @property
    def takes_names(self) -> bool:
        """Whether people may type something else than an address: a username, or whatever their source knows."""
        return self.requires_username or (self.accounts is None and self.passwordless_by is None)

    @property
    def password_rules(self) -> PasswordRules:
        """What it asks of passwords."""
        return self.accounts.password if self.accounts is not None else PasswordRules()

    @property
    def brute_force_protection(self) -> bool:
        """Whether the lockout counts this connection's failures."""
        return self.options.locks_out()

    @property
    def changes_passwords_at_source(self) -> bool:
        """Whether people may change here the password that their source keeps."""
        return self.can(OwnPassword) and self.options.changes_passwords()

    @property
    def gives_tokens(self) -> bool:
        """Whether applications may have the access tokens of its people (``connected_accounts``, and Auth0's older
        option for it).
        """
        accounts, older = self.data.get("connected_accounts"), self.document.get("federated_connections_access_tokens")
        return any(isinstance(each, dict) and each.get("active") is True for each in (accounts, older))

    def id_at_source(self, account_id: str) -> str:
        """The id that the source knows an account by: :meth:`account_id` turned round."""
        return account_id.removeprefix(f"{self.name}|") if self.source.ids_by_connection else account_id

    def account_id(self, at_source: str) -> str:
        """The id of an account among all identities, for the id that the source knows it by."""
        return f"{self.name}|{at_source}" if self.source.ids_by_connection else at_source

    def names_somebody(self, at_source: str) -> bool:
        """Whether an account can have the id that its source gave: sources say what they like."""
        return bool(at_source) and at_source.isprintable() and len(self.account_id(at_source)) <= MOST_ACCOUNT_ID

    def can(self, capability: type[Any]) -> bool:
        """Whether its connector has that capability, one of the Protocols of :mod:`connectors.contract`."""
        return self.source.can(capability, self.options)


StoreFactory = Callable[[HotConnection, str, str], CredentialStore]


class ConnectorRuntime:
    """Opens connectors. What they may use beyond their options is set once by the wiring."""

    def __init__(self) -> None:
        self.credentials: StoreFactory | None = None
        self.hasher: Hasher | None = None

    def open(self, work: Work, connection: ConnectionConfig) -> object:
        """The connector of ``connection``.

        :raises LookupError: nobody built its strategy.
        """
        source = connection.source
        kind = source.connector(connection.options)
        if kind is None:
            raise LookupError(f"strategy {source.name} is not built")
        return kind(
            ConnectorContext(
                connection_id=connection.id,
                connection_name=connection.name,
                options=connection.options,
                strategy=source,
                callback_url=f"{work.config.url}{CALLBACK_PATH}",
                http=Outbound(work),
                dialer=Dialer(work),
                clock=clock.now_ms,
                secrets=work.sealer(Connection.options, id=connection.id),
                credentials=self.credentials(work.hot, work.tenant_id, connection.id) if self.credentials else None,
                hasher=self.hasher,
                base_url=work.config.url,
                keys=OwnKeys(work, connection.id),
                signing=Assertions(work, connection.id),
                once=Once(work, connection.id),
                scripts=Runner(work, connection.id),
                sql=Sql(work),
                tenant=work.tenant_id,
            )
        )


runtime = ConnectorRuntime()
"""The runtime of this process."""


def messenger(work: Work, options: Mapping[str, Any]) -> object:
    """The connector that reads telephone numbers and sends text messages, with options of its own: for what is no
    sign-in by a connection.
    """
    strategy = strategies.TEXT_MESSAGES
    return runtime.open(work, ConnectionConfig("", "", strategy.name, strategy.read({**options}), {**options}, {}))


def for_client(work: Work, client_id: str) -> tuple[ConnectionConfig, ...]:
    """The connections the client may use, oldest first."""
    return work.config.remember("connections of client", client_id, lambda: _load(work, client_id))


def everywhere(work: Work) -> tuple[ConnectionConfig, ...]:
    """Every connection of the tenant, oldest first: for our own pages, which no client stands behind."""
    return work.config.remember(
        "connections", "", lambda: tuple(_config(work, row) for row in work.hot.all(_ALL, tenant=work.tenant_id))
    )


def find(work: Work, connection_id: str) -> ConnectionConfig | None:
    """The connection with that id, whoever may use it."""
    return work.config.remember("connection", connection_id, lambda: _find(work, connection_id))


def named(work: Work, name: str) -> ConnectionConfig | None:
    """The connection of that name, whoever may use it."""
    return work.config.remember("connection by name", name, lambda: _named(work, name))


def enabled(work: Work, client_id: str, connection_id: str | None) -> bool:
    """Whether the client may use that connection (security.md A14, CO13)."""
    return any(connection.id == connection_id for connection in for_client(work, client_id))


def _load(work: Work, client_id: str) -> tuple[ConnectionConfig, ...]:
    rows = work.hot.all(_FOR_CLIENT, tenant=work.tenant_id, client_id=client_id)
    client = clients.find(work, client_id)
    if client is not None and not client.is_first_party:
        known = {row.id for row in rows}
        rows = [row for row in work.hot.all(_ALL, tenant=work.tenant_id) if row.id in known or _for_everybody(row)]
    return tuple(_config(work, row) for row in rows)


def _for_everybody(row: _ConnectionRow) -> bool:
    """``is_domain_connection``: applications of others may use it without being named."""
    return bool(row.data.get("is_domain_connection"))


def _find(work: Work, connection_id: str) -> ConnectionConfig | None:
    row = work.hot.one(_BY_ID, tenant=work.tenant_id, id=connection_id)
    return _config(work, row) if row else None


def _config(work: Work, row: _ConnectionRow) -> ConnectionConfig:
    document = strategies.opened(work, row.id, row.strategy, row.options)
    options = strategies.named(row.strategy).read(document)
    return ConnectionConfig(row.id, row.name, row.strategy, options, document, row.data)


def _named(work: Work, name: str) -> ConnectionConfig | None:
    row = work.hot.one(_BY_NAME, tenant=work.tenant_id, name=name)
    return _config(work, row) if row else None
