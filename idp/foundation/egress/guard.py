"""Which address an outbound call may connect to.

A name is resolved once, every address it has is judged, and the connection goes to the judged address itself: an answer
that changes between check and use (DNS rebinding) has nothing to change.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from idp.foundation.egress.deadline import Deadline, TooLong

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
MAX_URL_CHARS = 2048
_SHARED = ipaddress.ip_network("100.64.0.0/10")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SERVER = re.compile(r"[0-9A-Za-z_.:-]{1,253}")
_MOST_PORT = 65_535
MOST_LOOKUPS = 16
"""Names this process looks up at a time: a look-up that hangs cannot be ended, only left behind."""
_lookups = threading.BoundedSemaphore(MOST_LOOKUPS)


class EgressError(Exception):
    """An outbound call that did not work out; the text is for logs and operators."""


class Refused(EgressError):
    """The call is not allowed; the text is for the operator and says which setting would allow it."""


class Unreachable(EgressError):
    """The other side can't be reached, or does not answer as it should; trying later may help."""


@dataclass(frozen=True)
class Target:
    """A checked destination: connect to one of ``addresses``, speak as ``host``."""

    scheme: str
    host: str
    port: int
    addresses: tuple[str, ...]
    path: str


def resolve(host: str, port: int, deadline: Deadline) -> list[str]:
    """Every address of a name, in the system's order. Raises Unreachable, in time."""
    try:
        found = _look_up(host, port, deadline)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{host} has no address: {error}") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _look_up(host: str, port: int, deadline: Deadline) -> Any:
    """``getaddrinfo`` in a thread of its own, since nothing ends it: silent name servers hold it for half a minute."""
    if not _lookups.acquire(timeout=deadline.left()):
        raise TooLong("too many name look-ups hang")
    answer: Future[Any] = Future()

    def look() -> None:
        try:
            answer.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answer.set_exception(error)
        finally:
            _lookups.release()

    threading.Thread(target=look, name="lookup", daemon=True).start()
    try:
        return answer.result(deadline.left())
    except TimeoutError as error:
        raise TooLong("the name servers do not answer") from error


def check(url: str, allow: Sequence[str], resolver: Resolver) -> Target:
    """Where a call to ``url`` may go. ``allow`` is ``IDP_OUTBOUND_ALLOW``, ``resolver`` knows the addresses of names.

    One address that is not allowed rules the whole name out. Raises Refused, Unreachable.
    """
    parts, port = _parse(url)
    host = str(parts.hostname)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, check_host(host, port, allow, resolver), path)


def check_host(host: str, port: int, allow: Sequence[str], resolver: Resolver) -> tuple[str, ...]:
    """The addresses that a connection to ``host`` may go to, whatever is spoken there. Raises Refused, Unreachable."""
    addresses = [_address(text) for text in resolver(host, port)]
    if not addresses:
        raise Unreachable(f"{host} has no address")
    if not _named(host, port, allow):
        for address in addresses:
            if not (_public(address) or _in_ranges(address, allow)):
                raise Refused(f"{host} is at {address}, a private address; IDP_OUTBOUND_ALLOW would have to name it")
    return tuple(str(address) for address in addresses)


def check_server(host: str, port: int, allow: Sequence[str], resolver: Resolver) -> tuple[str, ...]:
    """As :func:`check_host`, of a host that tenants write: a name or an address, and nothing that an address of the web
    would take for something else. Raises Refused, Unreachable.
    """
    if not _SERVER.fullmatch(host):
        raise Refused("a host name is needed")
    if not 0 < port <= _MOST_PORT:
        raise Refused("a port is a number up to 65535")
    return check_host(host, port, allow, resolver)


def _parse(url: str) -> tuple[SplitResult, int]:
    if len(url) > MAX_URL_CHARS or any(not 0x21 <= ord(char) <= 0x7E or char == "\\" for char in url):
        raise Refused("the URL is too long or holds characters that don't belong there")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(f"not a URL: {error}") from error
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise Refused("only http and https URLs are called")
    if parts.username is not None or parts.password is not None:
        raise Refused("a URL with a user name in it is not called")
    return parts, port or _DEFAULT_PORTS[parts.scheme]


def _address(text: str) -> Address:
    """The address that packets go to: what IPv6 wraps around an IPv4 address is taken off."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        return inner or address
    return address


def _public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address) and address in _SHARED:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _named(host: str, port: int, allow: Sequence[str]) -> bool:
    """Whether ``allow`` names the host, or the host with this port. Names are compared as they are written, never as
    addresses.
    """
    lowered = host.lower().rstrip(".")
    written = f"[{lowered}]" if ":" in lowered else lowered
    return any(entry.lower() in {lowered, written, f"{written}:{port}"} for entry in allow)


def _in_ranges(address: Address, allow: Sequence[str]) -> bool:
    for entry in allow:
        try:
            if "/" in entry:
                network = ipaddress.ip_network(entry, strict=False)
                if address.version == network.version and address in network:
                    return True
        except ValueError:
            continue  # a name, which was compared already
    return False
