"""The walk of a PATCH through the house (docs/architecture.md): decoded once, changed once, rendered once."""

from __future__ import annotations

import sys
from collections import Counter
from types import FrameType

from tests.api_v2.test_users import create, path
from tests.world.management import Api

STOPS = (
    ("idp.management.mount", "_Edge.operate"),
    ("idp.foundation.apikit.api", "Endpoint.run"),
    ("idp.foundation.apikit.request", "RawRequest.document"),
    ("idp.foundation.apikit.request", "parse"),
    ("idp.foundation.apikit.request", "_json"),
    ("idp.foundation.apikit.convert", "convert"),
    ("idp.directory.users.api", "update_user"),
    ("idp.foundation.apikit.convert", "changes"),
    ("idp.directory.users.render", "view"),
    ("idp.foundation.apikit.answers", "plain"),
    ("idp.foundation.apikit.answers", "json_answer"),
    ("idp.management.calls", "response"),
)
"""Between ``changes`` and ``view`` the feature's use case works on the rows."""


def test_a_patch_is_decoded_once_and_rendered_once(api: Api) -> None:
    where = path(create(api))
    passed: list[tuple[str, str]] = []

    def look(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            passed.append((str(frame.f_globals.get("__name__")), frame.f_code.co_qualname))

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        answer = api.patch(where, {"nickname": "jd"})
    finally:
        sys.setprofile(before)
    assert (answer.status_code, (answer.json or {})["nickname"]) == (200, "jd")
    assert {stop: count for stop, count in Counter(passed).items() if stop in STOPS} == dict.fromkeys(STOPS, 1)
    order = [stop for stop in dict.fromkeys(passed) if stop in STOPS]
    assert order == list(STOPS)
