"""Every address tells errors in its own words, also those that happen before its edge has the request, or that it has
none for (contract.md section 6).
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from structlog.testing import capture_logs

from idp.foundation.kernel.errors import StoreUnavailable
from idp.foundation.web import spoken
from idp.processes import wsgi
from idp.processes.reception import Reception
from idp.processes.room import Room
from tests.processes.serving.test_reception import Request, echo
from tests.world.world import World

OAUTH = {"error", "error_description"}
MANAGEMENT = {"statusCode", "error", "message"}
PROBLEM = {"type", "status", "title", "detail"}
SCIM = {"schemas", "status", "detail"}
APIS = {
    "/api/v2/users": MANAGEMENT,
    "/api/v2": MANAGEMENT,
    "/extensions/authorization/api/groups": MANAGEMENT,
    "/me/v1/authentication-methods": PROBLEM,
    "/scim/v2/connections/con_1/Users": SCIM,
    "/oauth/token": OAUTH,
    "/oauth/device/code": OAUTH,
    "/userinfo": OAUTH,
    "/oidc/register": OAUTH,
    "/.well-known/jwks.json": OAUTH,
    "/bc-authorize": OAUTH,
    "/co/authenticate": OAUTH,
    "/dbconnections/signup": OAUTH,
    "/passwordless/start": OAUTH,
    "/passwordless/verify": OAUTH,
    "/mfa/challenge": OAUTH,
    "/passkey/register": OAUTH,
    "/logout/backchannel/source": OAUTH,
}
PAGES = (
    *("/", "/authorize", "/u/login", "/passwordless/verify_redirect", "/oidc/logout", "/userinformation", "/mfa"),
    *("/admin/security/mfa/otp", "/account/mfa/", "/auth/u/mfa/x", "/api/v20", "/oauth"),
)
ISSUERS = ("", "/auth", "/a/b")


def test_a_host_of_nobody(world: World) -> None:
    for path, members in APIS.items():
        told = world.get(f"https://nobody.example{path}")
        assert (told.status_code, set(told.get_json())) == (404, members), path


def test_a_method_that_is_not_there(world: World) -> None:
    for path in (path for path, members in APIS.items() if members == OAUTH):
        told = world.send("PATCH", path)
        assert (told.status_code, set(told.get_json())) == (405, OAUTH), path
        assert told.headers["Allow"]


@pytest.mark.parametrize(
    ("failure", "status"), [(StoreUnavailable(detail="away"), 503), (RuntimeError("a defect of mine"), 500)]
)
def test_a_store_that_is_away_and_a_defect(
    world: World, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int
) -> None:
    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(type(world.platform.configurations), "by_place", fail)
    for path, members in APIS.items():
        for issuer in ISSUERS:
            with capture_logs():
                told = world.get(f"https://other.example{issuer}{path}")
            assert (told.status_code, set(told.get_json())) == (status, members), issuer + path
            assert ("Retry-After" in told.headers) == (status == 503)
            assert "of mine" not in told.text


@pytest.mark.parametrize("issuer", ISSUERS)
@pytest.mark.parametrize("path", APIS)
def test_a_body_beyond_the_limit(path: str, issuer: str) -> None:
    reception = Reception(wsgi.Parts(echo, None), Room(places=1))
    request = Request(path=f"{issuer}{path}".encode(), content_length=str(wsgi.MAX_BODY_BYTES + 1))
    reception(request)
    document = _json(request)
    assert (request.answer[0], set(document)) == (413, APIS[path])
    if APIS[path] == MANAGEMENT:
        assert (document["statusCode"], document["error"]) == (413, "Payload Too Large")


@pytest.mark.parametrize("path", APIS)
def test_a_full_line(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    room = Room(places=1)
    monkeypatch.setattr(room, "submit", lambda *_: False)
    request = Request(path=path.encode())
    Reception(wsgi.Parts(echo, None), room)(request)
    assert (request.answer[0], set(_json(request))) == (503, APIS[path])


def test_a_path_that_is_too_long() -> None:
    request = Request(path=b"/api/v2/users/" + b"a" * wsgi.MAX_TARGET_CHARS)
    Reception(wsgi.Parts(echo, None), Room(places=1))(request)
    assert (request.answer[0], _json(request)["error"]) == (414, "URI Too Long")


@pytest.mark.parametrize("path", PAGES)
def test_pages_stay_pages(path: str) -> None:
    assert spoken.of(path) is None
    request = Request(path=path.encode(), content_length=str(wsgi.MAX_BODY_BYTES + 1))
    Reception(wsgi.Parts(echo, None), Room(places=1))(request)
    assert request.answer == (413, b"The request is larger than 1 MiB.")


def test_long_paths_are_told_apart_quickly() -> None:
    begun = time.perf_counter()
    for path in ("/a" * 16_000, "/api/v" * 6_000, "/" * 32_000, "/passwordless/start" * 1_700 + "x"):
        spoken.of(path)
    assert time.perf_counter() - begun < 0.1


def _json(request: Request) -> Any:
    assert request.answered.wait(5)
    headers = {name.lower(): value for name, value in request.sent[0]["headers"]}
    assert headers[b"content-type"].partition(b";")[0] in {b"application/json", b"application/scim+json"}
    assert headers[b"content-length"] == str(len(request.sent[1]["body"])).encode()
    return json.loads(request.sent[1]["body"])
