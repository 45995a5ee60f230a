"""auth0-python 6 does the calls that stdin names, as a program of its own; prints what it saw as JSON."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Mapping
from typing import Any

import httpx
from auth0.management import ManagementClient
from auth0.management.core.api_error import ApiError
from auth0.management.core.pagination import SyncPager
from pydantic import BaseModel

from tests.rp.official.speaking import Scene, Seen, attribute, file_of, filled, run


def plain(value: Any) -> Any:
    """What a call gave back, as JSON has it; pages one after the other."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return [plain(each) for each in value] if isinstance(value, SyncPager | list) else value


def called(client: ManagementClient, call: Mapping[str, Any], scene: Scene) -> Any:
    """Do one call: what stands in the path by position, the rest by name, and what has no names as ``request``."""
    method = attribute(client, call["method"])
    members = filled(call["members"], scene)
    parameters = inspect.signature(method).parameters
    once: dict[str, Any] = {"request_options": {"max_retries": 0}}
    if "request" in parameters:
        return plain(method(*filled(call["args"], scene), request=members, **once))
    named = {}
    for name, value in members.items():
        content = file_of(value)
        sent = value if content is None else ("users.json", content, "application/json")
        named[name if name in parameters else f"{name}_"] = sent
    return plain(method(*filled(call["args"], scene), **named, **once))


def refusal(error: Exception) -> dict[str, Any] | None:
    """What the library makes of an error."""
    if not isinstance(error, ApiError) or not isinstance(error.body, dict):
        return None
    return {"status": error.status_code, "code": error.body.get("errorCode"), "message": error.body.get("message")}


def main() -> None:
    """Do them all."""
    given = json.load(sys.stdin)
    seen: Seen = []

    def watch(answer: httpx.Response) -> None:
        seen.append((answer.request.method, answer.request.url.raw_path.decode(), answer.status_code))

    with httpx.Client(event_hooks={"response": [watch]}) as connections:
        clients = {who: ManagementClient(**given["callers"][who], httpx_client=connections) for who in given["callers"]}
        run(given, seen, lambda call, scene: called(clients[call["by"]], call, scene), refusal)


if __name__ == "__main__":
    main()
