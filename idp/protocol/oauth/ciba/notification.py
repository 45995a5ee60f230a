"""Ping (CIBA Core 10.2): an application hears that a person has answered, and comes for the tokens itself."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from idp.applications.clients import runtime as clients
from idp.foundation import egress
from idp.foundation.queue.tasks import GiveUp, TryLater, Unanswered
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.log_types import OAuthLog
from idp.tenant.audit import log

TASK: Final = "ciba.notify"
ILL: Final = 500
"""The first status of a server that may be better later; below it an application has said what it thinks of it."""


def payload(client_id: str, url: str, auth_req_id: str, token: str) -> dict[str, Any]:
    """What the worker needs; the outbox seals it."""
    return {"client_id": client_id, "url": url, "auth_req_id": auth_req_id, "token": token}


def receiver(url: str) -> str:
    """Whose turn it is: one application that does not answer holds up nobody else."""
    return urlsplit(url).netloc


def prepare() -> None:
    """Import the client for outbound calls, in one thread (:func:`idp.foundation.queue.tasks.find`)."""
    egress.load()


def send(work: Work, payload: dict[str, Any]) -> None:
    """Post one notification; the answer's body means nothing, and a redirect is not followed. Raises TryLater,
    Unanswered, GiveUp. Handler of TASK.
    """
    client = clients.find(work, payload["client_id"])
    if client is None or client.data.backchannel_client_notification_endpoint != payload["url"]:
        return  # it is not where the application wants to hear of it any more
    about = {"client_id": client.client_id, "client_name": client.name}
    body = msgspec.json.encode({"auth_req_id": payload["auth_req_id"]})
    headers = {"Authorization": f"Bearer {payload['token']}", "Content-Type": "application/json"}
    try:
        status = egress.load().post(work.platform.settings, payload["url"], body=body, headers=headers).status
    except egress.EgressError as error:
        log.write(work, OAuthLog.CIBA_NOTIFICATION_FAILED, str(error), **about)
        if isinstance(error, egress.Refused):
            raise GiveUp(str(error)) from error  # the address will not become allowed by waiting
        raise Unanswered(str(error)) from error
    succeeded = 200 <= status < 300
    kind = OAuthLog.CIBA_NOTIFIED if succeeded else OAuthLog.CIBA_NOTIFICATION_FAILED
    log.write(work, kind, None if succeeded else f"the application answered {status}", **about)
    if status >= ILL:
        raise TryLater(f"the application answered {status}")
