"""Signs people in at a directory: finds their entry, then binds as that entry with the password they typed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from connectors.contract import (
    AccountRefused,
    ConnectorContext,
    ConnectorError,
    Dialer,
    Identity,
    InvalidCredentials,
)
from connectors.ldap import client, groups, kerberos, passwords, profile, refusals, servers
from connectors.ldap.directory import Broken, Directory, Entry
from connectors.ldap.escaping import in_filter, in_name, octets
from connectors.ldap.options import Address, LdapOptions
from connectors.ldap.refusals import Answer
from connectors.strategy import Strategy, entries

MOST_IDENTIFIER = 256


class LdapConnector:
    """PasswordConnector, TicketConnector, OwnPassword and Probed over a directory."""

    def __init__(self, context: ConnectorContext) -> None:
        if not isinstance(context.options, LdapOptions) or context.dialer is None:
            raise TypeError("a directory needs its own options and a dialer")
        self._options: LdapOptions = context.options
        self._dialer: Dialer = context.dialer
        self._connection_id = context.connection_id
        self._context = context

    def login(self, identifier: str, password: str) -> Identity:
        """See :class:`connectors.contract.PasswordConnector`. An empty password never reaches the directory: a bind
        with a name and without a password succeeds as nobody (RFC 4513 5.1.2).
        """
        if not password or not _usable(identifier):
            raise InvalidCredentials
        with self._dialer.away(), self._session(identifier, password) as directory:
            entry = self._find(directory, self._filter(identifier))
            self._prove(directory, entry, identifier, password)
            return profile.identity(self._options, entry, self._groups(directory, entry))

    def example(self) -> Mapping[str, Any]:
        """See :class:`connectors.contract.Maps`: an entry with everything that is asked for."""
        return profile.example(self._options)

    def configured(self) -> Mapping[str, str]:
        """See :class:`connectors.contract.Maps`."""
        own = self._options.attribute_map or {}
        return {name: each if isinstance(each, str) else ", ".join(each) for name, each in own.items()}

    def maps(self, said: Mapping[str, Any]) -> Identity:
        """See :class:`connectors.contract.Maps`."""
        return profile.of_texts(self._options, said)

    def recalled(self, known: Identity) -> Mapping[str, Any]:
        """See :class:`connectors.contract.Maps`."""
        return profile.recalled(self._options, known)

    def negotiated(self, token: bytes) -> Identity:
        """See :class:`connectors.contract.TicketConnector`. The domain vouches for who it is; whether the account may
        still sign in, the directory is asked.
        """
        ticket, now_ms = self._ticket(token)
        with self._dialer.away(), self._session("", "") as directory:
            found = self._find(directory, self._filter_of(ticket), also=refusals.STATE)
            refusal = refusals.of_account(found.values, now_ms)
            if refusal is not None:
                account_id = profile.account_id(self._options, found)
                raise AccountRefused(
                    refusal.code, refusal.words, detail=f"a ticket of {found.name}", user_id=account_id
                )
            asked = {each.lower() for each in profile.wanted(self._options)}
            entry = Entry(found.name, {name: values for name, values in found.values.items() if name in asked})
            return profile.identity(self._options, entry, self._groups(directory, entry))

    def change_own_password(self, account_id: str, current: str, new: str) -> None:
        """See :class:`connectors.contract.OwnPassword`."""
        if not current or not new:
            raise InvalidCredentials(user_id=account_id)
        with self._dialer.away(), self._session("", "") as directory:
            entry = self._find(directory, profile.by_id(self._options, account_id))
            passwords.replace(
                directory,
                self._options,
                entry,
                current,
                new,
                account_id,
                as_service=lambda: self._as_service(directory),
            )

    def probe(self) -> Mapping[str, str]:
        """See :class:`connectors.contract.Probed`. Without a service account only the way to a server is tried."""
        options = self._options
        with self._dialer.away(), self._session("", "", probing=True) as directory:
            if not options.bind_dn:
                return {"urls": "a server answers"}
            found = directory.search(options.base_dn or "", "(objectClass=*)", [], most=1, scope="base")
        base = "found" if found else "not found, or the account may not read it"
        keys = {"keytab": ", ".join(key.said for key in options.ticket_keys())} if options.keytab else {}
        return {"urls": "a server answers", "bind_dn": "accepted", "base_dn": base, **keys}

    # ---- tickets
    def _ticket(self, token: bytes) -> tuple[kerberos.Ticket, int]:
        """A ticket that was not shown before, and the time (ms). Raises TicketRefused, ConnectorError."""
        once, clock = self._context.once, self._context.clock
        if once is None or clock is None:
            raise TypeError("tickets need a clock and a memory of those that were shown")
        try:
            keys = self._options.ticket_keys()
        except ValueError as error:
            raise misconfigured(f"options.keytab: {error}") from error
        ticket = kerberos.accepted(keys, token)
        now_ms = clock()
        if not once.first_time(ticket.once, until=now_ms + kerberos.GOOD_FOR_MS):
            raise kerberos.refused("it was shown before")
        return ticket, now_ms

    def _filter_of(self, ticket: kerberos.Ticket) -> str:
        """The account that a ticket is of. Where the domain has a number for it, no name counts: people may have
        aliases there that read like another's name.
        """
        if self._options.dialect.names_accounts_in_tickets:
            if ticket.sid is None:
                raise kerberos.refused("the domain controller names no account in it (UPN_DNS_INFO)")
            return f"(&(objectCategory=person)(objectClass=user)(objectSid={octets(ticket.sid)}))"
        if not ticket.name.isprintable() or set(ticket.name) & set("@/\\"):
            raise kerberos.refused(f"{ticket.name[:200]} is no name of a person")
        return self._filter(ticket.name)

    # ---- a connection, and who we are on it
    def _session(self, identifier: str, password: str, *, probing: bool = False) -> AbstractContextManager[Directory]:
        try:
            addresses = self._options.addresses()
        except ValueError as error:
            raise misconfigured(str(error)) from error
        if not addresses:
            raise misconfigured("options.urls is missing")
        version = hashlib.sha256(msgspec.json.encode(self._options)).hexdigest()
        known = servers.remembered(self._connection_id, version, addresses)

        def begin(directory: Directory) -> None:
            if self._as_service(directory) or probing:
                return
            if identifier:
                _check(directory.bind(self._bind_name(identifier), password), None)
            else:
                raise misconfigured("options.bind_dn is missing")

        return known.session(self._open, begin)

    def _as_service(self, directory: Directory) -> bool:
        """Become the service account; False where there is none."""
        options = self._options
        if not options.bind_dn or not options.bind_password:
            return False
        _check_service(directory.bind(options.bind_dn, options.bind_password), options.bind_dn)
        return True

    def _groups(self, directory: Directory, entry: Entry) -> list[str]:
        """The names of their groups. The service account asks, if there is one: few may read groups themselves."""
        if (self._options.groups or "none") == "none":
            return []
        self._as_service(directory)
        return groups.of(directory, self._options, entry)

    def _open(self, address: Address, seconds: float) -> Directory:
        return client.opened(self._dialer, address, seconds=seconds, silent=servers.SILENT_S)

    # ---- who it is
    def _filter(self, identifier: str) -> str:
        _, _, name = identifier.rpartition("\\") if self._windows(identifier) else ("", "", identifier)
        text = self._options.user_filter or self._options.dialect.user_filter
        return text.replace("{username}", in_filter(name))

    def _find(self, directory: Directory, wanted: str, *, also: Sequence[str] = ()) -> Entry:
        attributes = [*profile.wanted(self._options), *also]
        found = directory.search(self._options.base_dn or "", wanted, attributes, most=2, scope="below")
        if len(found) > 1:
            raise ConnectorError(
                "ambiguous_user",
                "More than one account has that name.",
                detail=" and ".join(each.name[:200] for each in found),
            )
        entry = next(iter(found), None)
        if entry is None or not entry.name:
            raise InvalidCredentials
        return entry

    def _prove(self, directory: Directory, entry: Entry, identifier: str, password: str) -> None:
        """That the password is the entry's, and where a domain was typed, that the account is of that domain."""
        account_id = profile.account_id(self._options, entry)
        if self._windows(identifier):
            _check(directory.bind(identifier, password), account_id)
        _check(directory.bind(entry.name, password), account_id)

    def _windows(self, identifier: str) -> bool:
        r"""Whether it is of the form ``DOMAIN\user``."""
        return "\\" in identifier and self._options.dialect.knows_domains

    def _bind_name(self, identifier: str) -> str:
        """What somebody binds as where no service account is."""
        text = self._options.user_bind_name or ""
        if "=" in text:
            return text.replace("{username}", in_name(identifier))
        if self._options.dialect.knows_domains and ("\\" in identifier or "@" in identifier):
            return identifier  # a name of its own form: DOMAIN\user, or a user principal name
        return text.replace("{username}", identifier)


def misconfigured(detail: str) -> ConnectorError:
    """The directory answers, and what administrators have configured does not work."""
    return ConnectorError("server_error", "The directory of this connection is not set up correctly.", detail=detail)


def _usable(identifier: str) -> bool:
    return 0 < len(identifier) <= MOST_IDENTIFIER and identifier.isprintable()


def _check(answer: Answer, account_id: str | None) -> None:
    """A bind of a person. Raises InvalidCredentials, AccountRefused, ConnectorError, Broken."""
    _check_server(answer)
    refusal = refusals.of_bind(answer)
    if refusal is not None:
        raise AccountRefused(refusal.code, refusal.words, detail=answer.said, user_id=account_id, proven=refusal.proven)
    if answer.code != refusals.SUCCESS:
        raise InvalidCredentials(user_id=account_id)


def _check_service(answer: Answer, name: str) -> None:
    _check_server(answer)
    if answer.code != refusals.SUCCESS:
        raise misconfigured(f"bind as {name[:200]}: {answer.said}")


def _check_server(answer: Answer) -> None:
    """What an answer says about the server and not about who asks."""
    if answer.code in {refusals.BUSY, refusals.UNAVAILABLE}:
        raise Broken(answer.said)
    if answer.code in {refusals.STRONGER_AUTH, refusals.CONFIDENTIALITY}:
        raise misconfigured(f"it takes passwords over TLS alone, {answer.said}")


_ASKS = entries(
    {
        "directory_type": "Kind of directory",
        "urls": ("Servers", "ldaps://dc1.acme.example, one a line: the next is asked where one does not answer."),
        "base_dn": ("Base DN", "Where people are searched, such as dc=acme,dc=example"),
        "bind_dn": ("Service account", "The DN of an account that may search there."),
        "bind_password": "Its password",
        "ca": ("Authority", "The certificate in PEM, where the servers' is of an authority of your own."),
        "groups": "Groups",
    }
)
_SEES_PASSWORDS = frozenset({"urls", "start_tls", "allow_plaintext", "ca"})
STRATEGY = Strategy(
    name="ad",
    called="Active Directory, LDAP",
    asks=_ASKS,
    page="ldap.md",
    kind="enterprise",
    amr="pwd",
    options=LdapOptions,
    sees_passwords=_SEES_PASSWORDS,
    open=LdapConnector,
    ids_by_connection=True,
)
OF_THE_AGENT = Strategy(
    name="auth0-adldap",
    called="Active Directory, LDAP (auth0-adldap)",
    asks=_ASKS,
    page="ldap.md",
    kind="enterprise",
    amr="pwd",
    options=LdapOptions,
    sees_passwords=_SEES_PASSWORDS,
    open=LdapConnector,
    ids_by_connection=True,
)
"""The older name of the same."""
