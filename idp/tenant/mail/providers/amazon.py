"""Amazon SES: the mail as it is (``SendEmail`` of API v2 with raw content), signed with AWS Signature Version 4."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from idp.foundation.kernel import clock
from idp.foundation.queue.tasks import GiveUp
from idp.foundation.settings import Settings
from idp.tenant.mail.message import InvalidMail, Mail, compose
from idp.tenant.mail.providers.account import Account, post

BASE = "https://email.{region}.amazonaws.com"
PATH = "/v2/email/outbound-emails"
_REGION = re.compile(r"[a-z0-9-]{1,40}")


def deliver(settings: Settings, account: Account, mail: Mail) -> None:
    """Send it. Raises GiveUp, TryLater."""
    region = account.secret("region")
    if _REGION.fullmatch(region) is None:
        raise GiveUp("the region of the provider ses is none")
    try:
        raw = compose(mail).as_bytes()
    except InvalidMail as error:
        raise GiveUp(str(error)) from error
    document: dict[str, Any] = {
        "FromEmailAddress": mail.sender,
        "Destination": {"ToAddresses": [mail.to]},
        "Content": {"Raw": {"Data": base64.b64encode(raw).decode()}},
    }
    if named := account.message.get("configuration_set_name"):
        document["ConfigurationSetName"] = str(named)
    body = msgspec.json.encode(document)
    url = f"{BASE.format(region=region)}{PATH}"
    post(settings, account, url, body, signed(account, url, body, region, clock.now_ms()))


def signed(account: Account, url: str, body: bytes, region: str, now_ms: int) -> dict[str, str]:
    """Headers of the request with its signature."""
    parts = urlsplit(url)
    moment = datetime.fromtimestamp(now_ms / 1000, UTC)
    stamp, day = moment.strftime("%Y%m%dT%H%M%SZ"), moment.strftime("%Y%m%d")
    headers = {"content-type": "application/json", "host": parts.netloc, "x-amz-date": stamp}
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = "\n".join(("POST", parts.path, "", lines, names, hashlib.sha256(body).hexdigest()))
    scope = f"{day}/{region}/ses/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{account.secret('secretAccessKey')}".encode()
    for each in (day, region, "ses", "aws4_request"):
        key = hmac.new(key, each.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    credential = f"{account.secret('accessKeyId')}/{scope}"
    authorization = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return {"Content-Type": "application/json", "X-Amz-Date": stamp, "Authorization": authorization}
