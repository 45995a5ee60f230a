"""Speaks LDAP through ``ldap3``, over a line that the product's guard has dialled. No other module knows the library.

Its own sockets, TLS, referrals, schema and reconnecting are left aside: it encodes requests and decodes answers.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from connectors.contract import ConnectorError, Dialer, Line
from connectors.ldap import refusals
from connectors.ldap.directory import Broken, Entry, Scope
from connectors.ldap.options import Address
from connectors.ldap.refusals import Answer

MOST_BYTES = 1_000_000
"""Of one exchange; a directory that sends more is not listened to."""
START_TLS = "1.3.6.1.4.1.1466.20037"
_SIZE_LIMIT_EXCEEDED = 4
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RuntimeError)
"""What the library's decoders raise for bytes that are no answer, such as values within values without end."""
T = TypeVar("T")


class Ldap3Directory:
    """See :class:`connectors.ldap.directory.Directory`."""

    def __init__(self, line: Line, host: str) -> None:
        import ldap3

        self._line = line
        server = ldap3.Server(host, get_info=ldap3.NONE)
        self._connection: Any = ldap3.Connection(
            server,
            client_strategy=ldap3.SYNC,
            auto_referrals=False,
            auto_range=False,
            auto_escape=False,
            check_names=False,
            raise_exceptions=False,
            return_empty_attributes=False,
        )
        self._listen()

    def start_tls(self, host: str, ca: str | None) -> Answer:
        """RFC 4511 4.14. Raises Broken, OSError."""
        answer = self._ask(lambda: self._connection.extended(START_TLS))
        if answer.code == refusals.SUCCESS:
            self._line.secure(host, ca=ca)
            self._listen()
        return answer

    def bind(self, name: str, password: str) -> Answer:
        """See :class:`connectors.ldap.directory.Directory`. The password goes as it was typed, in UTF-8."""
        if not name or not password:
            raise ValueError("a bind without a name or a password is no proof (RFC 4513 5.1.2)")
        control = [(refusals.POLICY_CONTROL, False, None)]

        def rebind() -> Any:
            connection = self._connection
            connection.user, connection.password = name, password.encode()
            connection.authentication = "SIMPLE"
            try:
                return connection.bind(read_server_info=False, controls=control)
            finally:
                connection.password = connection.request = None

        return self._ask(rebind)

    def search(self, base: str, wanted: str, attributes: Sequence[str], *, most: int, scope: Scope) -> list[Entry]:
        """See :class:`connectors.ldap.directory.Directory`."""
        answer = self._ask(
            lambda: self._connection.search(
                base,
                wanted,
                search_scope="BASE" if scope == "base" else "SUBTREE",
                dereference_aliases="NEVER",
                attributes=list(attributes) or ["1.1"],
                size_limit=most,
                time_limit=5,
            )
        )
        if answer.code == refusals.NO_SUCH_OBJECT:
            return []
        if answer.code not in {refusals.SUCCESS, _SIZE_LIMIT_EXCEEDED}:
            raise ConnectorError("server_error", "The directory cannot be searched.", detail=answer.said)
        found = [each for each in self._connection.response or () if each.get("type") == "searchResEntry"]
        return [_entry(each) for each in found[:most]]

    def replace_password(self, name: str, old: str, new: str) -> Answer:
        """See :class:`connectors.ldap.directory.Directory`."""
        from ldap3.protocol.rfc3062 import PasswdModifyRequestValue

        value = PasswdModifyRequestValue()
        value["userIdentity"], value["oldPasswd"], value["newPasswd"] = name.encode(), old.encode(), new.encode()
        control = [(refusals.POLICY_CONTROL, False, None)]
        return self._ask(lambda: self._connection.extended("1.3.6.1.4.1.4203.1.11.1", value, control))

    def exchange_unicode_password(self, name: str, old: str, new: str) -> Answer:
        """See :class:`connectors.ldap.directory.Directory`."""
        quoted = [f'"{each}"'.encode("utf-16-le") for each in (old, new)]
        changes = {"unicodePwd": [("MODIFY_DELETE", [quoted[0]]), ("MODIFY_ADD", [quoted[1]])]}
        return self._ask(lambda: self._connection.modify(name, changes))

    def allow(self, seconds: float) -> None:
        """See :class:`connectors.ldap.directory.Directory`."""
        self._line.allow(seconds)
        self._connection.socket.begin()

    def close(self) -> None:
        """See :class:`connectors.ldap.directory.Directory`."""
        self._line.close()

    def _listen(self) -> None:
        self._connection.socket = _Counted(self._line.socket)
        self._connection.strategy._outstanding = {}  # noqa: SLF001 - what its own open() does beside dialling
        self._connection.closed = False
        self._connection.listening = True

    def _ask(self, request: Callable[[], T]) -> Answer:
        """What it answers to one request. Raises Broken for everything that is no answer."""
        from ldap3.core.exceptions import LDAPException
        from pyasn1.error import PyAsn1Error

        try:
            request()
            result = self._connection.result or {}
            controls = result.get("controls") or {}
            policy = (controls.get(refusals.POLICY_CONTROL) or {}).get("value")
            code, message = int(result["result"]), str(result.get("message") or "")
            return Answer(code, message, refusals.policy_error(policy) if isinstance(policy, bytes) else None)
        except (LDAPException, PyAsn1Error, OSError, *_UNREADABLE) as error:
            self.close()
            raise Broken(f"{type(error).__name__}: {error}"[:300]) from error


class _Counted:
    """A socket that is not read beyond :data:`MOST_BYTES` in one exchange."""

    def __init__(self, real: socket.socket) -> None:
        self._real = real
        self._left = MOST_BYTES

    def begin(self) -> None:
        """Another exchange."""
        self._left = MOST_BYTES

    def recv(self, size: int) -> bytes:
        """As a socket does."""
        if self._left <= 0:
            raise OSError("the answer is too large")
        data = self._real.recv(min(size, self._left))
        self._left -= len(data)
        return data

    def sendall(self, data: bytes) -> None:
        """As a socket does."""
        self._real.sendall(data)

    def shutdown(self, how: int) -> None:
        """As a socket does."""
        self._real.shutdown(how)

    def close(self) -> None:
        """As a socket does."""
        self._real.close()


def opened(dialer: Dialer, address: Address, *, seconds: float, silent: float) -> Ldap3Directory:
    """A connection, secured as the address says before anything is told it. Raises Broken."""
    try:
        line = dialer.connect(address.host, address.port, seconds=seconds, silent=silent)
    except ConnectorError as error:
        raise Broken(error.detail or error.message) from error
    secured = False
    try:
        directory = _secured(line, address)
        secured = True
        return directory
    except OSError as error:
        raise Broken(f"TLS: {error}"[:300]) from error
    finally:
        if not secured:
            line.close()


def _secured(line: Line, address: Address) -> Ldap3Directory:
    """Raises Broken, OSError."""
    if address.tls == "at once":
        line.secure(address.host, ca=address.ca)
    directory = Ldap3Directory(line, address.host)
    if address.tls == "start":
        answer = directory.start_tls(address.host, address.ca)
        if answer.code != refusals.SUCCESS:
            raise Broken(f"StartTLS was refused, {answer.said}")
    return directory


def _entry(found: dict[str, Any]) -> Entry:
    values = {str(name).lower(): list(raw) for name, raw in (found.get("raw_attributes") or {}).items()}
    return Entry(str(found["dn"]), values)
