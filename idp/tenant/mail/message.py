"""One mail to one person, safe to hand to a server whatever its parts hold (security.md Q3)."""

from __future__ import annotations

from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import localtime

import msgspec


class InvalidMail(ValueError):
    """The parts can't become a mail; trying again can't help."""


class Mail(msgspec.Struct, frozen=True):
    """A rendered mail. ``sender`` and ``to`` are bare addresses; ``message_id`` stays the same over every attempt."""

    sender: str
    sender_name: str
    to: str
    subject: str
    text: str
    html: str
    message_id: str


def compose(mail: Mail) -> EmailMessage:
    """The MIME message: plain text with an HTML alternative, exactly one recipient. Raises InvalidMail."""
    try:
        recipient, sender = _address(mail.to), _address(mail.sender, " ".join(mail.sender_name.split()))
        message = EmailMessage(policy=SMTP if mail.to.isascii() else SMTPUTF8)
        message["From"] = sender
        message["To"] = recipient
        message["Subject"] = mail.subject
        message["Date"] = localtime()
        message["Message-ID"] = mail.message_id
        message["Auto-Submitted"] = "auto-generated"
    except (ValueError, IndexError, HeaderParseError) as error:
        raise InvalidMail(f"not a usable header: {type(error).__name__}") from error
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    return message


def _address(spec: str, name: str = "") -> Address:
    if any(ord(char) < 0x21 or char in ",;<>" or ord(char) == 0x7F for char in spec):
        raise ValueError("an address has no spaces, controls or lists")
    local, at, domain = spec.rpartition("@")
    if not (at and local and domain):
        raise ValueError("an address needs an @")
    return Address(display_name=name, username=local, domain=domain)
