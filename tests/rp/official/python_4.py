"""auth0-python 4 does the calls that stdin names, as a program of its own; prints what it saw as JSON."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from auth0.authentication import GetToken
from auth0.exceptions import Auth0Error
from auth0.management import Auth0
from auth0.rest import RestClientOptions

from tests.rp.official.speaking import Scene, Seen, attribute, file_of, filled, run


def plain(value: Any) -> Any:
    """A list that came with its totals or its next page, alone."""
    lists = [each for each in value.values() if isinstance(each, list)] if isinstance(value, dict) else []
    paged = isinstance(value, dict) and ({"total", "next"} & value.keys()) and len(lists) == 1
    return lists[0] if paged else value


def called(client: Any, call: Mapping[str, Any], scene: Scene) -> Any:
    """Do one call: what stands in the path, then the body as one document."""
    name, arguments, keywords = call["four"] or (call["method"], [*call["args"], call["members"]], {})
    if call["four"] is None and not call["members"]:
        arguments = call["args"]
    given = filled(list(arguments), scene)
    opened = [each if file_of(each) is None else io.BytesIO(file_of(each) or b"") for each in given]
    return plain(attribute(client, name)(*opened, **filled(keywords, scene)))


def refusal(error: Exception) -> dict[str, Any] | None:
    """What the library makes of an error."""
    if not isinstance(error, Auth0Error):
        return None
    return {"status": error.status_code, "code": error.error_code, "message": error.message}


def main() -> None:
    """Do them all."""
    given = json.load(sys.stdin)
    seen: Seen = []
    machine = given["callers"]["machine"]
    token = GetToken(machine["domain"], machine["client_id"], client_secret=machine["client_secret"])
    got = token.client_credentials(f"https://{machine['domain']}/api/v2/")
    sent = requests.Session.send

    def watched(self: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        answer = sent(self, request, **more)
        parts = urlsplit(str(request.url))
        seen.append((str(request.method), f"{parts.path}?{parts.query}", answer.status_code))
        return answer

    requests.Session.send = watched  # type: ignore[method-assign]
    clients = {
        who: Auth0(each["domain"], each.get("token", got["access_token"]), RestClientOptions(retries=0))
        for who, each in given["callers"].items()
    }
    run(given, seen, lambda call, scene: called(clients[call["by"]], call, scene), refusal)


if __name__ == "__main__":
    main()
