"""A DNS server on loopback that says what a test put there."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class Zone:
    """Records by (name, type); ``silent`` answers nothing but SERVFAIL."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.records: dict[tuple[str, str], list[str]] = {}
        self.asked: list[tuple[str, str]] = []
        self.silent = False

    def txt(self, name: str, value: str) -> None:
        """A TXT record."""
        self.records.setdefault((name, "TXT"), []).append(f'"{value}"')

    def cname(self, name: str, target: str) -> None:
        """An alias."""
        self.records[name, "CNAME"] = [f"{target}."]

    def answer(self, wire: bytes) -> bytes:
        """What the server says."""
        query = dns.message.from_wire(wire)
        made = dns.message.make_response(query)
        made.flags |= dns.flags.RA
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        values = self.records.get((name, kind), [])
        if self.silent:
            made.set_rcode(dns.rcode.SERVFAIL)
        elif values:
            made.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *values))
        elif not any(known == name for known, _ in self.records):
            made.set_rcode(dns.rcode.NXDOMAIN)
        return made.to_wire()


@contextmanager
def serving() -> Iterator[Zone]:
    """A server on a port of its own; ``address`` is what IDP_NAMESERVERS takes."""

    class Asked(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, channel = self.request
            channel.sendto(zone.answer(data), self.client_address)

    with socketserver.UDPServer(("127.0.0.1", 0), Asked) as server:
        host, port = _where(server)
        zone = Zone(f"{host}:{port}")
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield zone
        server.shutdown()


def _where(server: Any) -> tuple[str, int]:
    host, port = server.server_address[:2]
    return str(host), int(port)
