"""Databases of MongoDB's protocol, through the same guard as HTTP: commands as BSON over a socket that obeys a
deadline.

The wire's ``OP_MSG`` and SCRAM (RFC 5802, RFC 7677) are written here, and BSON is PyMongo's: its client looks up names
and connects by itself, to servers that answers name, where no guard stands. One server is spoken to, the first that the
address names.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import socket
import ssl
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from idp.foundation.db.slow_work import slow_work
from idp.foundation.egress import guard
from idp.foundation.egress.deadline import Deadline
from idp.foundation.egress.guard import EgressError, Refused, Unreachable
from idp.foundation.settings import Settings

TOTAL_S = 10.0
MOST_BYTES = 2 * 1024 * 1024
"""Of one answer: reading a megabyte of small values holds the process up for a tenth of a second."""
PORT = 27_017
OP_MSG = 2013
_HEADER = struct.Struct("<iiii")
_ROUNDS = range(4_096, 1_000_001)
"""How often a password is hashed: fewer (RFC 7677 4) give it away to a server that only asks, more cost us."""
_SCHEME, _SEEDLIST = "mongodb://", "mongodb+srv://"
_MECHANISMS = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-1": "sha1"}
_YES = frozenset({"true", "1"})


class MongoError(EgressError):
    """The database refused a command; ``code`` is its own number."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Place:
    """A server and who asks; people are known in the database ``source``."""

    host: str
    port: int = PORT
    user: str = ""
    password: str = field(default="", repr=False)
    database: str = ""
    source: str = "admin"
    mechanism: str = ""
    tls: bool = False
    verify: bool = True


def place_of(url: str) -> Place:
    """The place that a URL names (``mongodb://user:password@host:27017/database?authSource=admin``). Raises Refused."""
    if url.startswith(_SEEDLIST):
        raise Refused("mongodb+srv:// finds its servers in the DNS: name one as mongodb://host:port/?tls=true")
    if not url.startswith(_SCHEME):
        raise Refused("not the URL of a MongoDB server")
    rest, _, query = url.removeprefix(_SCHEME).partition("?")
    where, _, database = rest.partition("/")
    person, _, hosts = where.rpartition("@")
    host, port = _host(hosts.split(",")[0])
    options = {name.lower(): values[-1] for name, values in parse_qs(query).items()}
    user, _, password = person.partition(":")
    mechanism = options.get("authmechanism", "").upper()
    if mechanism and mechanism not in _MECHANISMS:
        raise Refused(f"authMechanism {mechanism[:40]} is not spoken: {' or '.join(_MECHANISMS)}")
    return Place(
        host=host,
        port=port,
        user=unquote(user),
        password=unquote(password),
        database=unquote(database),
        source=options.get("authsource") or unquote(database) or "admin",
        mechanism=mechanism,
        tls=(options.get("tls") or options.get("ssl") or "").lower() in _YES,
        verify=(options.get("tlsallowinvalidcertificates") or options.get("tlsinsecure") or "").lower() not in _YES,
    )


def _host(text: str) -> tuple[str, int]:
    host, bracket, port = text.rpartition("]:") if text.startswith("[") else text.partition(":")
    if text.startswith("[") and not bracket:
        host, port = text.rstrip("]"), ""
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise Refused("a port is a number")
    return unquote(host).strip("[]"), int(port or PORT)


@slow_work("a call of a foreign database")
def open_database(settings: Settings, place: Place, *, seconds: float = TOTAL_S) -> Mongo:
    """Connect, and say who asks. Raises Refused, Unreachable, MongoError."""
    try:
        import bson
    except ImportError as error:
        raise Refused("the driver of MongoDB is not installed: pip install pymongo") from error
    deadline = Deadline(seconds, idle=seconds)
    addresses = guard.check_server(
        place.host, place.port, settings.outbound_allow, lambda host, port: guard.resolve(host, port, deadline)
    )
    try:
        line = deadline.connect(addresses, place.port)
        if place.tls:
            context = deadline.tls(settings.outbound_ca, web=False)
            if not place.verify:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            line = context.wrap_socket(line, server_hostname=place.host)
    except (OSError, ValueError) as error:  # ValueError: a name that TLS knows no certificate for
        raise Unreachable(f"{place.host}: {error}") from error
    opened = Mongo(line, deadline, bson)
    try:
        opened.greet(place)
    except BaseException:
        opened.close()
        raise
    return opened


class Mongo:
    """An open connection."""

    def __init__(self, line: socket.socket, deadline: Deadline, bson: Any) -> None:
        self._line, self._deadline, self._bson = line, deadline, bson
        self._asked = 0

    def greet(self, place: Place) -> None:
        """Say hello and, where there is a user, prove it. Raises MongoError, Unreachable."""
        hello: dict[str, Any] = {"hello": 1}
        if place.user:
            hello["saslSupportedMechs"] = f"{place.source}.{place.user}"
        said = self._answered("admin", hello)
        if place.user:
            known = said.get("saslSupportedMechs")
            usual = "SCRAM-SHA-256" if isinstance(known, list) and "SCRAM-SHA-256" in known else "SCRAM-SHA-1"
            self._prove(place, place.mechanism or usual)

    @slow_work("a call of a foreign database")
    def command(self, database: str, text: str) -> str:
        """The answer to a command, both as Extended JSON.

        :raises MongoError: the database refuses it, or it is none.
        :raises Unreachable: nobody answers.
        """
        from bson import json_util

        try:
            asked = json_util.loads(text)
            if not isinstance(asked, dict) or not asked:
                raise MongoError("a command is an object")
            return json_util.dumps(self._answered(database, asked), json_options=json_util.CANONICAL_JSON_OPTIONS)
        except (TypeError, ValueError, ArithmeticError, RecursionError, self._bson.errors.BSONError) as error:
            raise MongoError(f"a command that cannot be sent: {error}"[:300]) from error

    def close(self) -> None:
        """End it."""
        self._line.close()

    def _answered(self, database: str, command: Mapping[str, Any]) -> dict[str, Any]:
        name = next(iter(command))
        if not database or len(database) > 64:
            raise MongoError("the name of a database is needed")
        self._asked += 1
        body = struct.pack("<IB", 0, 0) + self._bson.encode({**command, "$db": database})
        try:
            self._line.settimeout(self._deadline.left())
            self._line.sendall(_HEADER.pack(_HEADER.size + len(body), self._asked, 0, OP_MSG) + body)
            said = self._received()
        except (OSError, struct.error) as error:
            raise Unreachable(f"the database does not answer: {error}") from error
        except self._bson.errors.BSONError as error:
            raise Unreachable("what answers is no MongoDB") from error
        if said.get("ok") != 1:
            code = said.get("code")
            words = str(said.get("errmsg") or f"{name} was refused")[:300]
            raise MongoError(words, code if isinstance(code, int) else 0)
        return said

    def _received(self) -> dict[str, Any]:
        size, _, answered, kind = _HEADER.unpack(self._exactly(_HEADER.size))
        if not _HEADER.size + 5 <= size <= MOST_BYTES or kind != OP_MSG or answered != self._asked:
            raise MongoError("the answer is larger than allowed, or none")
        body = self._exactly(size - _HEADER.size)
        flags, section = struct.unpack_from("<IB", body)
        end = len(body) - (4 if flags & 1 else 0)  # a checksum
        if section != 0:
            raise MongoError("the answer is of a kind that nobody asked for")
        found: dict[str, Any] = self._bson.decode(body[5:end])
        return found

    def _exactly(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            chunk = self._line.recv(min(size - len(found), 65_536))
            if not chunk:
                raise OSError("the connection was closed")
            found += chunk
        return bytes(found)

    def _prove(self, place: Place, mechanism: str) -> None:
        """SCRAM (RFC 5802 3); the server shows that it knows the password, too."""
        algorithm = _MECHANISMS[mechanism]
        user = place.user.replace("=", "=3D").replace(",", "=2C")
        nonce = base64.b64encode(secrets.token_bytes(24)).decode()
        first = f"n={user},r={nonce}"
        start = {"saslStart": 1, "mechanism": mechanism, "payload": f"n,,{first}".encode(), "autoAuthorize": 1}
        said = self._answered(place.source, {**start, "options": {"skipEmptyExchange": True}})
        try:
            server_first = _payload(said).decode()
            told = dict(part.split("=", 1) for part in server_first.split(",") if "=" in part)
            rounds, salt, both = int(told["i"]), base64.b64decode(told["s"], validate=True), told["r"]
        except (KeyError, ValueError) as error:
            raise MongoError("the server does not answer as SCRAM does") from error
        if not both.startswith(nonce):
            raise MongoError("the server answered for another sign-in")
        if rounds not in _ROUNDS:
            raise MongoError(f"the server wants the password hashed {rounds} times"[:100])
        password = _prepared(place.password) if algorithm == "sha256" else _digested(place.user, place.password)
        salted = hashlib.pbkdf2_hmac(algorithm, password.encode(), salt, rounds)
        without = f"c=biws,r={both}"
        text = f"{first},{server_first},{without}".encode()

        def keyed(key: bytes, what: bytes) -> bytes:
            return hmac.new(key, what, algorithm).digest()

        client_key = keyed(salted, b"Client Key")
        signature = keyed(hashlib.new(algorithm, client_key).digest(), text)
        proof = base64.b64encode(bytes(a ^ b for a, b in zip(client_key, signature, strict=True))).decode()
        about = {"conversationId": said.get("conversationId", 1)}
        done = self._answered(place.source, {"saslContinue": 1, **about, "payload": f"{without},p={proof}".encode()})
        expected = "v=" + base64.b64encode(keyed(keyed(salted, b"Server Key"), text)).decode()
        if not hmac.compare_digest(_payload(done), expected.encode()):
            raise MongoError("the server does not know the password")
        if not done.get("done"):
            self._answered(place.source, {"saslContinue": 1, **about, "payload": b""})


def _payload(said: Mapping[str, Any]) -> bytes:
    """What a server says of a sign-in; a number would become as many bytes. Raises MongoError."""
    found = said.get("payload")
    if not isinstance(found, bytes):
        raise MongoError("the server does not answer as SCRAM does")
    return found


def _prepared(password: str) -> str:
    """As SASLprep leaves it (RFC 4013) for what passwords hold: in the compatible composition, nothing invisible."""
    import stringprep
    import unicodedata

    kept = "".join(
        " " if stringprep.in_table_c12(each) else each for each in password if not stringprep.in_table_b1(each)
    )
    return unicodedata.normalize("NFKC", kept)


def _digested(user: str, password: str) -> str:
    """What SCRAM-SHA-1 takes for the password: the hash that older servers kept."""
    return hashlib.md5(f"{user}:mongo:{password}".encode(), usedforsecurity=False).hexdigest()
