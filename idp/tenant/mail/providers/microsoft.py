"""Azure Communication Services, signed with the key of its connection string, and Microsoft 365 by Microsoft Graph."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote, urlencode, urlsplit
from uuid import NAMESPACE_URL, uuid5

import msgspec

from idp.foundation.kernel import clock, strict_json
from idp.foundation.queue.tasks import GiveUp, TryLater
from idp.foundation.settings import Settings
from idp.tenant.mail.message import InvalidMail, Mail, compose
from idp.tenant.mail.providers.account import Account, post

TOKENS = "https://login.microsoftonline.com"
GRAPH = "https://graph.microsoft.com"
_SEND = "/emails:send?api-version=2023-03-31"


def deliver_azure(settings: Settings, account: Account, mail: Mail) -> None:
    """Send it. Raises GiveUp, TryLater."""
    endpoint, key = _connection(account.secret("connectionString"))
    document = {
        "senderAddress": mail.sender,
        "content": {"subject": mail.subject, "plainText": mail.text, "html": mail.html},
        "recipients": {"to": [{"address": mail.to}]},
        "userEngagementTrackingDisabled": True,
    }
    body = msgspec.json.encode(document)
    url = f"{endpoint}{_SEND}"
    host = urlsplit(url).netloc
    stamp = format_datetime(datetime.fromtimestamp(clock.now_ms() / 1000, UTC), usegmt=True)
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    text = f"POST\n{_SEND}\n{stamp};{host};{digest}"
    signature = base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
    headers = {
        "Content-Type": "application/json",
        "x-ms-date": stamp,
        "x-ms-content-sha256": digest,
        "repeatability-request-id": str(uuid5(NAMESPACE_URL, mail.message_id)),
        "repeatability-first-sent": stamp,
        "Authorization": f"HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}",
    }
    post(settings, account, url, body, headers)


def deliver_ms365(settings: Settings, account: Account, mail: Mail) -> None:
    """Send it in the name of the sender's mailbox. Raises GiveUp, TryLater."""
    form = {
        "grant_type": "client_credentials",
        "client_id": account.secret("clientId"),
        "client_secret": account.secret("clientSecret"),
        "scope": f"{GRAPH}/.default",
    }
    asked = f"{TOKENS}/{quote(account.secret('tenantId'), safe='')}/oauth2/v2.0/token"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        answer = post(settings, account, asked, urlencode(form).encode(), kind)
    except GiveUp as error:  # a refusal here is about the account, never about the mail
        raise TryLater(str(error)) from error
    try:
        token = strict_json.decode(answer.body)["access_token"]
        raw = base64.b64encode(compose(mail).as_bytes())
    except (strict_json.InvalidJson, KeyError, TypeError) as error:
        raise TryLater("the provider ms365 answered no token") from error
    except InvalidMail as error:
        raise GiveUp(str(error)) from error
    url = f"{GRAPH}/v1.0/users/{quote(mail.sender, safe='@')}/sendMail"
    post(settings, account, url, raw, {"Content-Type": "text/plain", "Authorization": f"Bearer {token}"})


def _connection(text: str) -> tuple[str, bytes]:
    """``endpoint=https://...;accesskey=...``. Raises GiveUp."""
    parts = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
    named = {name.strip().lower(): value.strip() for name, value in parts.items()}
    try:
        return named["endpoint"].rstrip("/"), base64.b64decode(named["accesskey"], validate=True)
    except (KeyError, binascii.Error) as error:
        raise GiveUp("the connection string of the provider azure_cs has no endpoint or no key") from error
