"""How these endpoints read a call and answer it: forms or JSON, browsers of other origins, and Auth0's two shapes of
errors (spec/authentication-api.md section 4).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import msgspec

from idp.applications.clients import runtime as clients
from idp.applications.clients.cross_origin import CrossOrigin
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import strict_json
from idp.foundation.kernel.errors import GatehouseError, OAuthError, invalid_request
from idp.foundation.kernel.strict_json import InvalidJson
from idp.foundation.tenancy.work import Work
from idp.foundation.web import params
from idp.foundation.web.exchange import NO_STORE, Call, Reply
from idp.foundation.web.security import BASE_HEADERS

RULES = CrossOrigin(
    methods="GET, POST, DELETE, OPTIONS",
    allowed="authorization, content-type, auth0-client, auth0-forwarded-for, x-request-language, dpop",
    exposed="dpop-nonce, www-authenticate, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, retry-after",
)
LONGEST_ID = 256


class Refused(GatehouseError):
    """An answer in Auth0's words: ``body`` is what the caller reads, with ``status``."""

    def __init__(self, body: dict[str, Any], *, status: int = 400, retry_after: int | None = None) -> None:
        super().__init__(str(body.get("error_description") or body.get("description") or body.get("error")))
        self.body = body
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True)
class Sent:
    """The parameters of a call: texts, and whole documents where it was JSON."""

    texts: dict[str, str]
    document: dict[str, Any]

    def text(self, name: str, most: int = 2_048) -> str:
        """A text, cut to size; empty where there is none."""
        return self.texts.get(name, "")[:most]


def refused(error: str, description: str, *, status: int = 400, retry_after: int | None = None) -> Refused:
    """``{statusCode, error, error_description}``, as the passwordless endpoints answer."""
    body = {"statusCode": status, "error": error, "error_description": description}
    return Refused(body, status=status, retry_after=retry_after)


def too_many(wait_s: int, error: str = "too_many_requests") -> Refused:
    """429, with when to try again."""
    words = f"Too many attempts. Try again in {wait_s} seconds."
    body = {"statusCode": 429, "error": error, "error_description": words, "code": error, "description": words}
    return Refused(body, status=429, retry_after=wait_s)


def read(call: Call) -> Sent:
    """The body of a form or of JSON. Raises OAuthError ``invalid_request``."""
    raw = call.body()
    if call.mimetype != "application/json":
        texts = params.from_urlencoded(raw)
        return Sent(texts, dict(texts))
    try:
        document = strict_json.decode(raw)
    except InvalidJson as error:
        raise invalid_request(str(error)) from error
    if not isinstance(document, dict):
        raise invalid_request("The body must be a JSON object")
    flat = {name: value for name, value in document.items() if not isinstance(value, dict | list)}
    return Sent(params.from_json(msgspec.json.encode(flat)), document)


def client_of(work: Work, sent: Sent) -> ClientConfig:
    """The client that the call names. Raises Refused."""
    found = clients.find(work, sent.text("client_id", LONGEST_ID)) if sent.text("client_id") else None
    if found is None:
        raise refused("invalid_request", "The client_id is missing or unknown.", status=400)
    return found


def json_reply(body: object, status: int = 200, retry_after: int | None = None) -> Reply:
    """JSON that no cache keeps."""
    headers = [("Content-Type", "application/json; charset=utf-8"), NO_STORE, *BASE_HEADERS.items()]
    if retry_after is not None:
        headers.append(("Retry-After", str(retry_after)))
    return Reply(status, headers, msgspec.json.encode(body))


def with_origin(work: Work, call: Call, reply: Reply, client_id: str | None, *, credentials: bool = False) -> Reply:
    """Name the caller's origin where it is one of the client's; ``credentials``: cookies come along."""
    if not call.origin:
        return reply
    found = RULES.headers(work, call.origin, client_id)
    if credentials and "Access-Control-Allow-Origin" in found:
        found["Access-Control-Allow-Credentials"] = "true"
    return reply.add(found)


def preflight(work: Work, call: Call, *, credentials: bool = False) -> Reply:
    """The answer to OPTIONS."""
    work.refresh()
    found = RULES.preflight(work, call.origin)
    if credentials and "Access-Control-Allow-Origin" in found:
        found["Access-Control-Allow-Credentials"] = "true"
    return Reply(204, []).add(found)


Answer = Callable[[Work, Call, Sent], Reply]


def endpoint(answer: Answer, *, credentials: bool = False) -> Callable[[Work, Call], Reply]:
    """What all of these share: preflight, one strict reading, errors in Auth0's words, the caller's origin."""

    @wraps(answer)
    def answered(work: Work, call: Call) -> Reply:
        if call.method == "OPTIONS":
            return preflight(work, call, credentials=credentials)
        work.refresh()
        sent = Sent({}, {})
        try:
            sent = read(call)
            reply = answer(work, call, sent)
        except Refused as problem:
            reply = json_reply(problem.body, problem.status, problem.retry_after)
        except OAuthError as problem:
            body = {"error": problem.error, "error_description": problem.description}
            reply = json_reply(body, problem.status).add(problem.headers)
        return with_origin(work, call, reply, sent.text("client_id", LONGEST_ID) or None, credentials=credentials)

    return answered
