"""A field declared as a URL, address or id is judged wherever it stands, without a line in its endpoint."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest
from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Api, Body, Query
from idp.foundation.apikit.request import RawRequest
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.formats import (
    Callback,
    ConnectionId,
    DateTime,
    Email,
    LoginPage,
    LogoutUrl,
    Origin,
    ResultPage,
    WebUrl,
    WebUrlOrBlank,
)


class Part(Body):
    links: list[WebUrl] | UnsetType = UNSET


class Gadget(Body):
    homepage: WebUrl | UnsetType | None = UNSET
    described: Annotated[WebUrl, Meta(description="Where it lives.")] | UnsetType = UNSET
    logo: WebUrlOrBlank | UnsetType = UNSET
    links: list[WebUrl] | UnsetType = UNSET
    parts: list[Part] | UnsetType = UNSET
    part: Part | UnsetType | None = UNSET
    by_name: dict[str, WebUrl] | UnsetType = UNSET
    callback: Callback | UnsetType = UNSET
    logout: LogoutUrl | UnsetType = UNSET
    origin: Origin | UnsetType = UNSET
    login: LoginPage | UnsetType = UNSET
    result: ResultPage | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    until: DateTime | UnsetType = UNSET


class Near(Query):
    site: WebUrl | UnsetType = UNSET
    sites: list[WebUrl] | UnsetType = UNSET


api = Api("gadgets")


@api.patch("/gadgets/{id}", scopes={"update:gadgets"}, status=204)
def change(work: None, id: ConnectionId, body: Gadget, query: Near) -> None:
    assert work is None
    assert id
    assert body is not None
    assert query is not None


(CHANGE,) = api.endpoints
ID = "con_0123456789abcdef"
SCRIPTS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "JAVASCRIPT://a.example/%0aalert(1)",
    "java\tscript:alert(1)",
    "\tjavascript:alert(1)",
    " javascript:alert(1)",
    "javascript\n:alert(1)",
    "java\x01script:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "https://",
    "//a.example",
    "https://jane@a.example/",
    "",
]


def send(body: dict[str, Any], *, id: str = ID, development: bool = False, **query: str) -> int:
    raw = RawRequest({"id": id}, list(query.items()), "application/json", msgspec.json.encode(body), development)
    return CHANGE.run(raw, None).status


def refused(body: dict[str, Any], **options: Any) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        send(body, **options)
    return caught.value


@pytest.mark.parametrize("url", SCRIPTS)
@pytest.mark.parametrize(
    ("where", "body"),
    [
        ("homepage", lambda url: {"homepage": url}),
        ("links[1]", lambda url: {"links": ["https://a.example/", url]}),
        ("parts[0].links[0]", lambda url: {"parts": [{"links": [url]}]}),
        ("part.links[0]", lambda url: {"part": {"links": [url]}}),
        ("by_name[...]", lambda url: {"by_name": {"a": url}}),
    ],
)
def test_a_web_url_is_no_script_wherever_it_stands(where: str, body: Any, url: str) -> None:
    error = refused(body(url))
    why = f"Object didn't pass validation for format url: {url}"
    assert (error.message, error.error_code) == (
        f"Payload validation error: '{why}' on property {where}.",
        "invalid_body",
    )


def test_the_property_says_what_it_is_for() -> None:
    assert refused({"described": "data:x"}).message.endswith("on property described (Where it lives).")


@pytest.mark.parametrize("url", SCRIPTS)
@pytest.mark.parametrize("name", ["callback", "logout", "origin", "login", "result", "logo"])
def test_no_other_kind_of_address_runs_a_script(name: str, url: str) -> None:
    if url == "" and name in {"login", "result", "logo"}:
        assert send({name: url}) == 204
    else:
        assert refused({name: url}).error_code == "invalid_body"


GOOD = {
    "homepage": "https://a.example/x?y=1",
    "logo": "",
    "callback": "com.example.app://signed-in",
    "logout": "https://*.a.example.com/",
    "origin": "http://localhost:3000",
    "login": "https://a.example/login",
    "result": "https://a.example/#done",
    "email": "jane@example.com",
    "until": "2030-01-01T00:00:00Z",
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_fine(name: str) -> None:
    assert send({name: GOOD[name]}) == 204
    assert send({"homepage": None}) == 204


def test_queries_and_paths_are_judged_too() -> None:
    assert send({}, site="https://a.example/", sites="https://a.example/,https://b.example/") == 204
    assert refused({}, site="javascript:1").error_code == "invalid_query_string"
    assert refused({}, sites="https://a.example/,Javascript:1").error_code == "invalid_query_string"
    assert refused({}, id="con_short").error_code == "invalid_uri"


def test_a_login_page_on_this_machine_is_for_development() -> None:
    page = {"login": "http://localhost:3000/login"}
    assert send(page, development=True) == 204
    assert "format https-url" in refused(page).message
    assert "format https-url" in refused({"login": "http://a.example/"}, development=True).message


@pytest.mark.parametrize(("name", "value"), [("email", "jane"), ("until", "tomorrow")])
def test_other_formats(name: str, value: str) -> None:
    assert f"format {'email' if name == 'email' else 'date-time'}" in refused({name: value}).message
