"""Servers of MongoDB's protocol that mean no good: what they send is small, of the expected kind, and in time."""

from __future__ import annotations

import base64
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bson
import pytest

from idp.foundation.egress import mongo, sql
from idp.foundation.egress.guard import EgressError, Refused, Unreachable
from idp.foundation.settings import Settings
from idp.processes.certificates import ensure
from tests.security.rows import row

PASSWORD = "a password that nobody is told"
Said = Mapping[str, Any] | bytes
Answers = Callable[[dict[str, Any]], Said]


@contextmanager
def serving(answers: Answers, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that answers every command of one connection so, as a document or as bytes; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            line, _ = listener.accept()
            with context.wrap_socket(line, server_side=True) if context else line as heard:
                while header := heard.recv(16):
                    size, asked, _, _ = struct.unpack("<iiii", header)
                    body = heard.recv(size - 16)
                    said = answers(bson.decode(body[5:]))
                    if isinstance(said, bytes):
                        heard.sendall(said)
                        continue
                    document = struct.pack("<IB", 0, 0) + bson.encode(said)
                    heard.sendall(struct.pack("<iiii", 16 + len(document), 1, asked, mongo.OP_MSG) + document)
        except OSError:
            return  # nobody listens

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.close()
    thread.join(10)


def settings(**env: str) -> Settings:
    return Settings.from_env({"IDP_SECRET_KEY": "a master key of the tests that is long enough", **env})


def opened(port: int, query: str = "", *, seconds: float = 5, authority: Path | None = None) -> mongo.Mongo:
    place = mongo.place_of(f"mongodb://bar=x:{PASSWORD}@localhost:{port}/people?{query}")
    env = {"IDP_OUTBOUND_CA": str(authority)} if authority else {}
    return mongo.open_database(settings(**env), place, seconds=seconds)


def first(payload: Any) -> Answers:
    """Greets, and begins SCRAM with that."""
    return lambda asked: {"ok": 1} if "hello" in asked else {"ok": 1, "conversationId": 1, "payload": payload(asked)}


def scram(template: str) -> Answers:
    """Begins SCRAM with the caller's nonce in its place."""
    return first(lambda asked: template.format(r=asked["payload"].rpartition(b"r=")[2].decode()).encode())


SALT = base64.b64encode(b"salt").decode()


@row("P4")
@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (first(lambda _: 2**33), "not answer as SCRAM"),
        (first(lambda _: "r=1"), "not answer as SCRAM"),
        (first(lambda _: b"\xff"), "not answer as SCRAM"),
        (scram("r={r}x,s=%,i=4096"), "not answer as SCRAM"),
        (scram("r={r}x,i=4096"), "not answer as SCRAM"),
        (scram(f"r={{r}}x,s={SALT},i=many"), "not answer as SCRAM"),
        (scram(f"r=another,s={SALT},i=4096"), "another sign-in"),
        (scram(f"r={{r}}x,s={SALT},i=1"), "hashed 1 times"),
        (scram(f"r={{r}}x,s={SALT},i=1000000000"), "hashed 1000000000 times"),
        (scram(f"r={{r}}x,s={SALT},i=4096"), "does not know the password"),
        (lambda _: {"ok": 1, "saslSupportedMechs": 7, "payload": None}, "not answer as SCRAM"),
        (lambda _: struct.pack("<iiii", mongo.MOST_BYTES + 1, 1, 1, mongo.OP_MSG), "larger than allowed"),
        (lambda _: struct.pack("<iiii", 40, 1, 1, mongo.OP_MSG) + b"\0" * 5 + b"x" * 19, "no MongoDB"),
        (lambda _: {"ok": 0, "errmsg": "no", "code": 18}, "^no$"),
    ],
)
def test_a_server_that_means_no_good_learns_and_costs_nothing(answers: Answers, why: str) -> None:
    with serving(answers) as port, pytest.raises(EgressError, match=why) as refused:
        opened(port)
    assert PASSWORD not in str(refused.value)


def test_a_server_that_says_nothing_is_left_in_time() -> None:
    with serving(lambda _: b"") as port, pytest.raises(Unreachable):
        opened(port, seconds=0.2)


@row("P4")
def test_tls_is_checked_against_the_name_and_the_extra_authority(tmp_path: Path) -> None:
    made = ensure(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    refuses: Answers = lambda _: {"ok": 0, "errmsg": "heard"}  # noqa: E731 - a server in one line
    with serving(refuses, context) as port, pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        opened(port, "tls=true")
    for query, authority in (("tls=true", made.authority), ("tls=true&tlsInsecure=true", None)):
        with serving(refuses, context) as port, pytest.raises(mongo.MongoError, match="heard"):
            opened(port, query, authority=authority)


@row("P4")
@pytest.mark.parametrize("mark", ["#", "?", "@", "%23", "\\", " ", "\0"])
def test_a_host_is_nothing_but_a_host(mark: str) -> None:
    """What an address of the web reads as its end would be judged with the port of the web."""
    allowed = settings(IDP_OUTBOUND_ALLOW="localhost:80")
    place = sql.Place(kind="postgresql", host=f"localhost{mark}", port=1)
    with pytest.raises(Refused, match="host name"):
        sql.open_database(allowed, place)
    with pytest.raises(Refused, match="host name"):
        mongo.open_database(allowed, mongo.Place(host=f"localhost{mark}", port=1))
    with pytest.raises(Refused, match="IDP_OUTBOUND_ALLOW"):
        mongo.open_database(allowed, mongo.Place(host="localhost", port=1))
