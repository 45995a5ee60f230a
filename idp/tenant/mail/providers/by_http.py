"""Providers that take a mail as one HTTP call: SendGrid, Mailgun, Mandrill, SparkPost, Resend."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from idp.foundation.settings import Settings
from idp.tenant.mail.message import Mail
from idp.tenant.mail.providers.account import Account, post

BASES: dict[str, str] = {
    "sendgrid": "https://api.sendgrid.com",
    "mailgun": "https://api.mailgun.net",
    "mailgun:eu": "https://api.eu.mailgun.net",
    "mandrill": "https://mandrillapp.com",
    "sparkpost": "https://api.sparkpost.com",
    "sparkpost:eu": "https://api.eu.sparkpost.com",
    "resend": "https://api.resend.com",
}
"""Where each is reached, by name and region."""
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Call:
    """What is posted where, below the provider's base."""

    path: str
    body: bytes
    headers: Mapping[str, str]


def deliver(settings: Settings, account: Account, mail: Mail) -> None:
    """Send it. Raises GiveUp, TryLater."""
    region = account.credentials.get("region")
    base = BASES[f"{account.name}:eu" if region == "eu" and f"{account.name}:eu" in BASES else account.name]
    call = CALLS[account.name](account, mail)
    post(settings, account, f"{base}{call.path}", call.body, call.headers)


def _sendgrid(account: Account, mail: Mail) -> Call:
    document = {
        "personalizations": [{"to": [{"email": mail.to}]}],
        "from": _named(mail),
        "subject": mail.subject,
        "content": [{"type": "text/plain", "value": mail.text}, {"type": "text/html", "value": mail.html}],
        "headers": {"Message-ID": mail.message_id},
        "tracking_settings": {"click_tracking": {"enable": False}, "open_tracking": {"enable": False}},
    }
    return _json("/v3/mail/send", document, {"Authorization": f"Bearer {account.secret('api_key')}"})


def _mailgun(account: Account, mail: Mail) -> Call:
    form = {
        "from": _line(mail),
        "to": mail.to,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "h:Message-Id": mail.message_id,
        "o:tracking": "no",
    }
    basic = base64.b64encode(f"api:{account.secret('api_key')}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    path = f"/v3/{quote(account.secret('domain'), safe='')}/messages"
    return Call(path, urlencode(form).encode(), headers)


def _mandrill(account: Account, mail: Mail) -> Call:
    message: dict[str, Any] = {
        "html": mail.html,
        "text": mail.text,
        "subject": mail.subject,
        "from_email": mail.sender,
        "from_name": mail.sender_name,
        "to": [{"email": mail.to, "type": "to"}],
        "headers": {"Message-Id": mail.message_id},
        "track_clicks": False,
        "track_opens": False,
    }
    if isinstance(account.message.get("view_content_link"), bool):
        message["view_content_link"] = account.message["view_content_link"]
    return _json("/api/1.0/messages/send.json", {"key": account.secret("api_key"), "message": message}, {})


def _sparkpost(account: Account, mail: Mail) -> Call:
    document = {
        "options": {"transactional": True, "click_tracking": False, "open_tracking": False},
        "recipients": [{"address": {"email": mail.to}}],
        "content": {"from": _named(mail), "subject": mail.subject, "text": mail.text, "html": mail.html},
    }
    return _json("/api/v1/transmissions", document, {"Authorization": account.secret("api_key")})


def _resend(account: Account, mail: Mail) -> Call:
    document = {
        "from": _line(mail),
        "to": [mail.to],
        "subject": mail.subject,
        "html": mail.html,
        "text": mail.text,
        "headers": {"Message-ID": mail.message_id},
    }
    headers = {"Authorization": f"Bearer {account.secret('api_key')}", "Idempotency-Key": mail.message_id[:256]}
    return _json("/emails", document, headers)


CALLS: Mapping[str, Callable[[Account, Mail], Call]] = {
    "sendgrid": _sendgrid,
    "mailgun": _mailgun,
    "mandrill": _mandrill,
    "sparkpost": _sparkpost,
    "resend": _resend,
}


def _json(path: str, document: object, headers: Mapping[str, str]) -> Call:
    return Call(path, msgspec.json.encode(document), {**_JSON, **headers})


def _named(mail: Mail) -> dict[str, str]:
    name = " ".join(mail.sender_name.split())
    return {"email": mail.sender, **({"name": name} if name else {})}


def _line(mail: Mail) -> str:
    """``"Acme" <login@acme.example>``."""
    name = " ".join(mail.sender_name.split()).replace("\\", "").replace('"', "")
    return f'"{name}" <{mail.sender}>' if name else mail.sender
