"""Sends through the SMTP server of ``SMTP_URL``: ``smtp://`` (STARTTLS where offered) or ``smtps://``.

One deadline for the whole conversation (:mod:`idp.foundation.egress.deadline`). What goes wrong before the server takes
mail concerns every mail; what goes wrong with one mail concerns that mail alone, as long as the server greets somebody
else meanwhile.
"""

from __future__ import annotations

import contextlib
import ipaddress
import smtplib
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from idp.foundation.db.slow_work import slow_work
from idp.foundation.egress import guard
from idp.foundation.egress.deadline import Deadline
from idp.foundation.queue.tasks import GiveUp, Outage, TryLater
from idp.tenant.mail.message import InvalidMail, Mail, compose

TOTAL_S = 30.0
"""For one mail, from looking the server's name up to its word that it has the mail."""
IDLE_S = 15.0
GREETING_S = 10.0
"""For asking whether the server still takes mail, after it failed on one."""
Addresses = Callable[[str, int, Deadline], Sequence[str]]
_SILENT = (OSError, smtplib.SMTPException, guard.EgressError)


@dataclass(frozen=True)
class Smtp:
    """The port. ``sender`` of the URL's query (``?from=login@example.com``) replaces the mail's own sender."""

    host: str
    port: int
    implicit_tls: bool
    username: str | None
    password: str | None
    sender: str | None
    ca_file: str | None
    addresses: Addresses | None = None
    """Where the host may be reached; None: wherever it is, as an operator said so."""
    headers: tuple[tuple[str, str], ...] = ()
    """Further headers of every mail."""

    @classmethod
    def from_url(cls, url: str, ca_file: str | None) -> Smtp:
        """Read ``SMTP_URL``; ``ca_file`` is trusted beside the system's authorities."""
        parts = urlsplit(url)
        secure = parts.scheme == "smtps"
        username = unquote(parts.username) if parts.username else None
        named = parse_qs(parts.query).get("from", [None])[0]
        return cls(
            host=str(parts.hostname),
            port=parts.port or (465 if secure else 587 if username else 25),
            implicit_tls=secure,
            username=username,
            password=unquote(parts.password) if parts.password else None,
            sender=named or (username if username and "@" in username else None),
            ca_file=ca_file,
        )

    @slow_work("talking to the mail server")
    def deliver(self, mail: Mail) -> None:
        """Send it. Raises Outage (no server), GiveUp (the server or the address refuses for good), TryLater (this mail
        was refused for now, or the server hung up on it).
        """
        if self.sender:
            mail = msgspec.structs.replace(mail, sender=self.sender)
        try:
            message = compose(mail)
            for name, value in self.headers:
                message[name] = value
        except (InvalidMail, ValueError) as error:
            raise GiveUp(str(error)) from error
        deadline = Deadline(TOTAL_S, idle=IDLE_S)
        try:
            server = self._connect(deadline)
        except _SILENT as error:
            raise Outage(f"the mail server does not answer as it should: {type(error).__name__}: {error}") from error
        try:
            server.send_message(message, from_addr=mail.sender, to_addrs=[mail.to])
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise _refused(code)(f"the mail server refuses the recipient ({code})") from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise _refused(error.smtp_code)(f"the mail server refuses the mail ({error.smtp_code})") from error
        except smtplib.SMTPNotSupportedError as error:
            raise GiveUp("the mail server can't take this address") from error
        except _SILENT as error:
            server.close()
            raise self._whose_fault(error) from error
        finally:
            _leave(server, deadline)

    @slow_work("talking to the mail server")
    def check(self) -> None:
        """Connect, secure, sign in, and leave. Raises OSError, SMTPException or EgressError for what goes wrong, Outage
        where a password would go out in clear.
        """
        deadline = Deadline(GREETING_S)
        server = self._connect(deadline)
        try:
            server.noop()
        finally:
            _leave(server, deadline)

    def _whose_fault(self, error: Exception) -> Exception:
        """The server hung up, or fell silent, in the middle of a mail: the mail's fault if it greets us again."""
        reason = f"{type(error).__name__}: {error}"
        try:
            self.check()
        except _SILENT:
            return Outage(f"the mail server does not answer any more: {reason}")
        return TryLater(f"the mail server hung up on this mail: {reason}")

    def _connect(self, deadline: Deadline) -> smtplib.SMTP:
        server = _Conversation(self, deadline)
        try:
            server.ehlo()
            if not self.implicit_tls and server.has_extn("starttls"):
                server.starttls(context=deadline.tls(self.ca_file, web=False))
                server.ehlo()
            elif not self.implicit_tls:
                self._refuse_clear_password()
            if self.username:
                server.login(self.username, self.password or "")
        except BaseException:
            server.close()
            raise
        return server

    def _refuse_clear_password(self) -> None:
        if self.username and not self._on_this_machine():
            raise Outage("the mail server offers no TLS, and the password is not sent in clear")

    def _on_this_machine(self) -> bool:
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


class _Conversation(smtplib.SMTP):
    """A conversation with the server, on sockets that obey ``deadline``."""

    def __init__(self, to: Smtp, deadline: Deadline) -> None:
        self._to = to
        self._deadline = deadline
        name = socket.gethostname()
        named = name if "." in name else "[127.0.0.1]"  # looking up who we are could hang, too
        super().__init__(to.host, to.port, local_hostname=named, timeout=IDLE_S)

    def _get_socket(self, host: str, port: int, _timeout: Any) -> socket.socket:
        """Smtplib's hook: the socket to talk over."""
        find = self._to.addresses
        known = find(host, port, self._deadline) if find else guard.resolve(host, port, self._deadline)
        plain = self._deadline.connect(known, port)
        if not self._to.implicit_tls:
            return plain
        try:
            return self._deadline.tls(self._to.ca_file, web=False).wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise


def _refused(code: int) -> type[Exception]:
    return GiveUp if code >= 500 else TryLater


def _leave(server: smtplib.SMTP, deadline: Deadline) -> None:
    """Whatever it answers: a mail that it has taken is sent."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        if not deadline.over:
            server.docmd("QUIT")
    server.close()
