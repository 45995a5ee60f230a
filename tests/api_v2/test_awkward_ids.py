"""Every id that can be created can be addressed, whatever it is made of, behind any server."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from idp.foundation.apikit import path as paths
from idp.management import mount
from idp.wiring import api_modules
from tests.api_v2.test_users import create
from tests.world.management import Api

AWKWARD = (
    "a/b",
    "a/b/c/d",
    "https://api.x.example",
    "https://api.x.example/",
    "//a",
    "a//b",
    "a b",
    "100%",
    "a%2Fb",
    "a%252fb",
    "ü|ñ",
    "日本",
    "a?b=c#d",
    "a;b=c",
    "a+b&c",
    "..a",
    "a/../b",
    "'\"<>\\^`{|}",
)
USER_IDS = [text for text in AWKWARD if " " not in text]
"""``user_id`` takes no white space."""
TEMPLATES = sorted({(each.method, each.path) for each in mount.endpoints(api_modules()) if "{" in each.path})


@pytest.mark.parametrize(("method", "template"), TEMPLATES)
def test_every_parameter_of_every_path_takes_awkward_ids(method: str, template: str) -> None:
    router = mount.router(api_modules())
    names = paths.names(template)
    free = [name for name in names if name != "provider"]  # providers are ours: none has a slash
    for text in AWKWARD:
        for name in free:
            params = dict.fromkeys(names, "x") | {name: text}
            segments = [params.get(part.strip("{}"), part) if "{" in part else part for part in template[1:].split("/")]
            for found in (router.match(method, segments), router.match_decoded(method, "/".join(segments))):
                assert found is not None, (text, name)
                assert (found.value.path, found.params) == (template, params)


@pytest.fixture(params=["the path as it was sent", "the decoded path alone"])
def caller(request: pytest.FixtureRequest, api: Api) -> Api:
    """A server that keeps the path as it was sent, or one that does not."""
    if request.param == "the decoded path alone":
        real = api.world.app.wsgi_app

        def decoding(environ: dict[str, Any], start_response: Any) -> Any:
            for name in ("REQUEST_URI", "RAW_URI"):
                environ.pop(name, None)
            return real(environ, start_response)

        api.world.app.wsgi_app = decoding  # type: ignore[method-assign]
    return api


@pytest.mark.parametrize("text", USER_IDS)
def test_users(caller: Api, text: str) -> None:
    user = create(caller, user_id=text, email_verified=True)
    assert user["user_id"] == f"auth0|{text}"
    where = f"/users/{quote(user['user_id'], safe='')}"
    assert caller.get(where).json["user_id"] == user["user_id"]
    assert caller.patch(where, {"blocked": True}).json["blocked"] is True
    for below in ("logs", "sessions", "refresh-tokens"):
        assert caller.get(f"{where}/{below}").status_code == 200, below
    assert caller.get(f"/user-blocks/{quote(user['user_id'], safe='')}").status_code == 200
    other = create(caller, "other@example.com", user_id=f"other{text}", email_verified=True)
    body = {"provider": "auth0", "user_id": f"other{text}"}
    assert len(caller.post(f"{where}/identities", body).json) == 2, other
    gone = caller.delete(f"{where}/identities/auth0/{quote(f'other{text}', safe='')}")
    assert len(gone.json) == 1
    assert caller.delete(where).status_code == 204
    assert caller.get(where).status_code == 404


@pytest.mark.parametrize("text", [text for text in AWKWARD if text.isascii() and " " not in text])
def test_apis(caller: Api, text: str) -> None:
    made = caller.post("/resource-servers", {"identifier": text, "name": "An API"})
    assert made.status_code == 201, made.json
    where = f"/resource-servers/{quote(text, safe='')}"
    assert caller.get(where).json["id"] == made.json["id"]
    assert caller.patch(where, {"name": "Renamed"}).json["name"] == "Renamed"
    assert caller.get(f"/resource-servers/{made.json['id']}").json["name"] == "Renamed"
    assert caller.delete(where).status_code == 204
    assert caller.get(where).status_code == 404


@pytest.mark.parametrize("text", [".", ".."])
def test_what_no_client_could_send_is_no_identifier(api: Api, text: str) -> None:
    assert api.post("/resource-servers", {"identifier": text}).status_code == 400
    assert create(api, user_id=text)["user_id"] == f"auth0|{text}"
    assert api.get(f"/users/auth0%7C{text}").status_code == 200


def test_a_path_that_was_sent_keeps_ids_and_paths_apart(api: Api) -> None:
    """``auth0|a/logs`` is a user, and the log of ``auth0|a`` is something else."""
    user = create(api, user_id="a/logs", verify_email=False)
    assert api.get("/users/auth0%7Ca%2Flogs").json["user_id"] == user["user_id"]
    assert api.get("/users/auth0%7Ca/logs").json == []
    assert api.delete("/users/auth0%7Ca%2Flogs").status_code == 204
