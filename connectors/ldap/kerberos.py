"""Takes the tickets that browsers of a domain bring by themselves: HTTP Negotiate (RFC 4559), with Kerberos (RFC 4121)
inside SPNEGO (RFC 4178) or alone. No other module knows the library, ``gssapi`` over MIT krb5.

NTLM is no mechanism here, and what needs more than one round is refused.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import struct
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from connectors.contract import ConnectorError, TicketRefused
from connectors.ldap.keytab import Key, written

MOST_BYTES = 48_000
"""Of a token: Windows makes none larger (``MaxTokenSize``)."""
GOOD_FOR_MS = 15 * 60_000
"""A ticket's proof is taken five minutes before and after its time (RFC 4120 1.6), with some more on the safe side."""
_KERBEROS, _SPNEGO = "1.2.840.113554.1.2.2", "1.3.6.1.5.5.2"
_ACCOUNT = b"urn:mspac:upn-dns-info"
_ACCOUNT_HEAD = struct.Struct("<HHHHIHHHH")
_HAS_SID = 2
_LONGEST_SID = 68


@dataclass(frozen=True)
class Ticket:
    """Who a ticket is of: the name in its realm, and what Windows says besides (``sid``, MS-PAC 2.10), as its service's
    key vouches for it. ``once`` names this one proof of it, and no other.
    """

    name: str
    realm: str
    sid: bytes | None
    once: str


def missing() -> str | None:
    """What this deployment lacks to take tickets."""
    if importlib.util.find_spec("gssapi") is None:
        return "this deployment lacks the package gssapi: pip install 'gatehouse-idp[kerberos]'"
    return None


def accepted(keys: Sequence[Key], token: bytes) -> Ticket:
    """Whose ticket it is. Raises TicketRefused: for another service, by another realm, too old, of another mechanism,
    or none at all; ConnectorError: nothing is there to read it with.
    """
    if not 0 < len(token) <= MOST_BYTES:
        raise refused(f"{len(token)} bytes are no token")
    problem = missing()
    if problem is not None:
        raise ConnectorError("server_error", "Tickets cannot be read here.", detail=problem)
    import gssapi

    try:
        with _keytab(keys) as path:
            return _ticket(_context(path, token), {each.realm for each in keys})
    except gssapi.exceptions.GSSError as error:
        raise refused(f"{error}"[:300]) from error


def refused(detail: str) -> TicketRefused:
    """The ticket is none for us."""
    return TicketRefused(detail=detail)


def _context(path: str, token: bytes) -> Any:
    """Raises GSSError, TicketRefused."""
    import gssapi

    kerberos = gssapi.OID.from_int_seq(_KERBEROS)
    mechanisms = [gssapi.OID.from_int_seq(_SPNEGO), kerberos]
    # the library's memory of replays is a file of this machine: ours is every machine's
    store = {"keytab": path, "rcache": "none:"}
    credentials = gssapi.Credentials(usage="accept", mechs=mechanisms, store=store)
    context = gssapi.SecurityContext(creds=credentials, usage="accept")
    context.step(token)
    if not context.complete:
        raise refused("it wants more than one round")
    if context.mech != kerberos:
        raise refused("it is not Kerberos")
    return context


def _ticket(context: Any, realms: set[str]) -> Ticket:
    """Raises GSSError, TicketRefused."""
    from gssapi.raw.ext_krb5 import krb5_export_lucid_sec_context

    who = context.initiator_name
    name, _, realm = str(who).rpartition("@")
    if not name or realm not in realms:
        raise refused(f"{str(who)[:200]} is of another realm")
    sid = _sid(who)
    keys: Any = krb5_export_lucid_sec_context(context, 1)
    if not keys.protocol:
        raise refused("its session has no AES key")
    # what the browser chose for this one proof, under the ticket's encryption: nobody can change it and pass
    once = hashlib.sha256(b"negotiated" + keys.cfx_kd.ctx_key).hexdigest()
    return Ticket(name, realm, sid, once)


def _sid(who: Any) -> bytes | None:
    """The account's id in its domain (MS-PAC 2.10, UPN_DNS_INFO with flag S)."""
    attributes = who.attributes
    if not attributes or _ACCOUNT not in set(attributes):
        return None
    found = attributes[_ACCOUNT]
    value = next(iter(found.values), b"")
    if not found.authenticated or len(value) < _ACCOUNT_HEAD.size:
        return None
    *_, flags, _name, _name_at, size, at = _ACCOUNT_HEAD.unpack_from(value)
    if not flags & _HAS_SID or not 8 <= size <= _LONGEST_SID or at + size > len(value):
        return None
    return bytes(value[at : at + size])


@contextmanager
def _keytab(keys: Sequence[Key]) -> Iterator[str]:
    """A file with them for the library, in memory where the system has such files."""
    if hasattr(os, "memfd_create"):
        file = os.memfd_create("keytab")
        try:
            os.write(file, written(keys))
            yield f"FILE:/proc/self/fd/{file}"
        finally:
            os.close(file)
    else:
        with tempfile.NamedTemporaryFile() as kept:
            kept.write(written(keys))
            kept.flush()
            yield f"FILE:{kept.name}"
