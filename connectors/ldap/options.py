"""The options of a directory: Auth0's, which describe its agent, and ours, since no agent is needed here."""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta

from connectors.ldap import kerberos
from connectors.ldap import keytab as keytabs
from connectors.ldap.escaping import filter_problem
from connectors.strategy import Options, Secret, SecretFile, Sync

Short = Annotated[str, Meta(max_length=1_024)]
Text = Annotated[str, Meta(max_length=65_536)]
Names = Annotated[list[Short], Meta(max_length=200)]
Addresses = Annotated[list[Annotated[str, Meta(max_length=300)]], Meta(max_length=10)]
Tls = Literal["at once", "start", "none"]
MOST_GROUPS = 500
ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}(;[A-Za-z0-9-]+)*\Z")
NOT_OF_A_SOURCE = frozenset(
    {
        "app_metadata",
        "blocked",
        "created_at",
        "email_verified",
        "identities",
        "last_ip",
        "last_login",
        "logins_count",
        "multifactor",
        "phone_verified",
        "updated_at",
        "user_id",
        "user_metadata",
    }
)
"""What no attribute of a directory becomes."""


@dataclass(frozen=True)
class Dialect:
    """What kinds of directories differ in: how people are found there, and how they are described."""

    user_filter: str
    id_attribute: str
    attribute_map: Mapping[str, tuple[str, ...]]
    windows: bool
    r"""Whether it is Microsoft's: names of the form ``DOMAIN\user``, groups of groups in one search
    (LDAP_MATCHING_RULE_IN_CHAIN), passwords in ``unicodePwd``.
    """

    @property
    def knows_domains(self) -> bool:
        r"""Whether ``DOMAIN\user`` and user principal names can be bound as."""
        return self.windows

    @property
    def names_accounts_in_tickets(self) -> bool:
        """Whether a ticket brings the id of its account, ``objectSid``, since the name in it may be of an alias."""
        return self.windows

    @property
    def chained_groups(self) -> bool:
        """Whether one search finds groups of groups."""
        return self.windows

    @property
    def unicode_passwords(self) -> bool:
        """Whether a password is changed by ``unicodePwd``."""
        return self.windows


DIALECTS: Mapping[str, Dialect] = {
    "active_directory": Dialect(
        user_filter="(&(objectCategory=person)(objectClass=user)"
        "(|(sAMAccountName={username})(userPrincipalName={username})(mail={username})))",
        id_attribute="objectGUID",
        attribute_map={
            "email": ("mail",),
            "name": ("displayName", "cn"),
            "given_name": ("givenName",),
            "family_name": ("sn",),
            "nickname": ("sAMAccountName",),
            "picture": ("thumbnailPhoto", "jpegPhoto"),
        },
        windows=True,
    ),
    "ldap": Dialect(
        user_filter="(|(uid={username})(mail={username}))",
        id_attribute="entryUUID",
        attribute_map={
            "email": ("mail",),
            "name": ("displayName", "cn"),
            "given_name": ("givenName",),
            "family_name": ("sn",),
            "nickname": ("uid",),
            "picture": ("jpegPhoto", "thumbnailPhoto"),
        },
        windows=False,
    ),
}


@dataclass(frozen=True)
class Address:
    """One server of the directory, and when TLS begins there."""

    host: str
    port: int
    tls: Tls
    ca: str | None


class LdapOptions(Options, frozen=True, kw_only=True):
    """Options of strategy ``ad``."""

    # Auth0's: what its agent reports or is told; taken and shown, and without effect where no agent is, but for
    # `kerberos` and `ips`, which say whose browsers are asked for a ticket once a `keytab` of ours is there
    agentIP: Short | None = None  # noqa: N815 - Auth0's name
    agentMode: bool | None = None  # noqa: N815
    agentVersion: Short | None = None  # noqa: N815
    brute_force_protection: bool | None = None
    certAuth: bool | None = None  # noqa: N815
    certs: Annotated[list[Text], Meta(max_length=20)] | None = None
    disable_cache: bool | None = None
    disable_self_service_change_password: bool | None = None
    domain_aliases: Names | None = None
    icon_url: Short | None = None
    ips: Names | None = None
    kerberos: bool | None = None
    non_persistent_attrs: Names | None = None
    set_user_root_attributes: Sync | None = None
    should_trust_email_verified_connection: (
        Literal["always_set_emails_as_verified", "never_set_emails_as_verified"] | None
    ) = None
    signInEndpoint: Short | None = None  # noqa: N815
    tenant_domain: Short | None = None
    thumbprints: Names | None = None
    thumbprints_sha384: Names | None = None
    # ours
    urls: Addresses | None = None
    start_tls: bool | None = None
    allow_plaintext: bool | None = None
    ca: Text | None = None
    directory_type: Literal["active_directory", "ldap"] | None = None
    bind_dn: Short | None = None
    bind_password: Secret | None = None
    user_bind_name: Short | None = None
    base_dn: Short | None = None
    user_filter: Annotated[str, Meta(max_length=2_048)] | None = None
    id_attribute: Short | None = None
    attribute_map: Annotated[dict[str, str | list[str]], Meta(max_length=50)] | None = None
    groups: Literal["none", "direct", "nested"] | None = None
    group_base_dn: Short | None = None
    group_filter: Annotated[str, Meta(max_length=2_048)] | None = None
    group_name_attribute: Short | None = None
    keytab: SecretFile | None = None

    @property
    def dialect(self) -> Dialect:
        """What kind of directory it is."""
        return DIALECTS[self.directory_type or "active_directory"]

    @property
    def mapping(self) -> dict[str, tuple[str, ...]]:
        """Attributes of the directory, in the order they are tried, by the attribute of the profile."""
        own = self.attribute_map or {}
        named = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in own.items()}
        return {**self.dialect.attribute_map, **named}

    def addresses(self) -> list[Address]:
        """The servers, in the order they are asked. Raises ValueError for an address that is none."""
        return [self._address(url) for url in self.urls or ()]

    def locks_out(self) -> bool:
        """See :class:`connectors.strategy.Options`."""
        return self.brute_force_protection is not False

    def never_stored(self) -> Sequence[str]:
        """See :class:`connectors.strategy.Options`."""
        return self.non_persistent_attrs or ()

    def changes_passwords(self) -> bool:
        """See :class:`connectors.strategy.Options`. Only where the option says so, since the service account may need
        the right to it.
        """
        return self.disable_self_service_change_password is False and bool(self.bind_dn)

    def negotiates(self) -> Sequence[str]:
        """See :class:`connectors.strategy.Options`."""
        return (self.ips or ()) if self.kerberos and self.keytab and self.urls else ()

    def ticket_keys(self) -> list[keytabs.Key]:
        """Those that tickets are taken with. Raises ValueError."""
        return [each for each in keytabs.keys(keytabs.decoded(self.keytab or "")) if each.usable]

    def held(self, name: str) -> Sequence[str]:
        """See :class:`connectors.strategy.Options`: the keys that tickets are taken with."""
        try:
            return [each.said for each in self.ticket_keys()] if name == "keytab" else ()
        except ValueError:  # of before it was looked at
            return ()

    def sync(self) -> Sync:
        """See :class:`connectors.strategy.Options`."""
        return self.set_user_root_attributes or "on_each_login"

    def contradiction(self) -> str | None:
        """See :class:`connectors.strategy.Options`. Without ``urls`` it is the connection of an agent, as Auth0 exports
        it, and nobody can sign in with it here.
        """
        if not self.urls:
            ours = (self.bind_dn, self.bind_password, self.base_dn, self.user_bind_name, self.keytab)
            return "options.urls is missing: the addresses of the directory's servers" if any(ours) else None
        try:
            addresses = self.addresses()
        except ValueError as error:
            return f"options.urls: {error}"
        if any(each.tls == "none" for each in addresses) and not self.allow_plaintext:
            return (
                "options.urls has an ldap:// address and options.start_tls is false: passwords would travel in the"
                " clear. Use ldaps:// or StartTLS, or set options.allow_plaintext"
            )
        return self._incomplete() or self._unusable() or self._no_tickets()

    def _incomplete(self) -> str | None:
        if not self.base_dn:
            return "options.base_dn is missing: where people are searched"
        if bool(self.bind_dn) != bool(self.bind_password):
            return "options.bind_dn and options.bind_password belong together"
        if not self.bind_dn and not self.user_bind_name:
            return "options.bind_dn with options.bind_password, or options.user_bind_name is missing"
        if self.user_bind_name and "{username}" not in self.user_bind_name:
            return "options.user_bind_name needs the placeholder {username}"
        return None

    def _unusable(self) -> str | None:
        for name, placeholder in (("user_filter", "{username}"), ("group_filter", "{dn}")):
            text: str | None = getattr(self, name)
            if text is None:
                continue
            if placeholder not in text:
                return f"options.{name} needs the placeholder {placeholder}"
            problem = filter_problem(text.replace(placeholder, "x"))
            if problem is not None:
                return f"options.{name} is no LDAP filter: {problem}"
        for name, attributes in self.mapping.items():
            if name in NOT_OF_A_SOURCE:
                return f"options.attribute_map: {name} cannot come from a directory"
            if not all(ATTRIBUTE.match(each) for each in attributes):
                return f"options.attribute_map: {name} is not the name of an LDAP attribute"
        for name in ("id_attribute", "group_name_attribute"):
            attribute: str | None = getattr(self, name)
            if attribute is not None and not ATTRIBUTE.match(attribute):
                return f"options.{name} is not the name of an LDAP attribute"
        return _ca_problem(self.ca) if self.ca else None

    def _no_tickets(self) -> str | None:
        """What keeps tickets from being taken, where they shall be."""
        if not self.keytab:
            return None
        problem = keytabs.problem(self.keytab)
        if problem is not None:
            return f"options.keytab, in base64: {problem}"
        return self._no_negotiation() if self.kerberos else None

    def _no_negotiation(self) -> str | None:
        if not self.bind_dn:
            return "options.bind_dn is missing: the account that finds whose ticket it is"
        if not self.ips:
            return "options.ips is missing: the networks whose browsers hold tickets"
        try:
            for each in self.ips:
                ipaddress.ip_network(each.strip(), strict=False)
        except ValueError as error:
            return f"options.ips: {error}"
        problem = kerberos.missing()
        return f"options.kerberos: {problem}" if problem else None

    def _address(self, url: str) -> Address:
        parts = urlsplit(url)
        if parts.scheme not in {"ldap", "ldaps"} or not parts.hostname:
            raise ValueError(f"{url[:100]} is not of the form ldaps://host:port or ldap://host:port")
        if parts.username is not None or parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise ValueError(f"{url[:100]} has more than a host and a port")
        ca = self.ca or None
        if parts.scheme == "ldaps":
            return Address(parts.hostname, parts.port or 636, "at once", ca)
        return Address(parts.hostname, parts.port or 389, "none" if self.start_tls is False else "start", ca)


def _ca_problem(ca: str) -> str | None:
    """What is wrong with certificates in PEM."""
    try:
        ssl.create_default_context(cadata=ca)
    except (ssl.SSLError, ValueError) as error:
        return f"options.ca holds no certificate in PEM: {error}"
    return None
