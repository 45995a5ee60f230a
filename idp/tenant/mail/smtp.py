"""Sends through the SMTP server of ``SMTP_URL``: ``smtp://`` (STARTTLS where offered) or ``smtps://``."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from idp.foundation.db.slow_work import slow_work
from idp.foundation.queue.tasks import GiveUp, Outage
from idp.tenant.mail.message import InvalidMail, Mail, compose

TIMEOUT_S = 15


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

    def deliver(self, mail: Mail) -> None:
        """Send it. Raises Outage (no server), GiveUp (the server or the address refuses for good), SMTPException
        (refused for now).
        """
        if self.sender:
            mail = msgspec.structs.replace(mail, sender=self.sender)
        try:
            message = compose(mail)
        except InvalidMail as error:
            raise GiveUp(str(error)) from error
        try:
            with self._connect() as server:
                server.send_message(message, from_addr=mail.sender, to_addrs=[mail.to])
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise (GiveUp if code >= 500 else RuntimeError)(
                f"the mail server refuses the recipient ({code})"
            ) from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise (GiveUp if error.smtp_code >= 500 else RuntimeError)(
                f"the mail server refuses the mail ({error.smtp_code})"
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise GiveUp("the mail server can't take this address") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Outage(f"the mail server does not answer as it should: {type(error).__name__}: {error}") from error

    def check(self) -> None:
        """Connect, secure, sign in, and leave. Raises what goes wrong."""
        with self._connect() as server:
            server.noop()

    @slow_work("talking to the mail server")
    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.ca_file:
            context.load_verify_locations(self.ca_file)
        if self.implicit_tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        try:
            server.ehlo()
            if not self.implicit_tls and server.has_extn("starttls"):
                server.starttls(context=context)
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
