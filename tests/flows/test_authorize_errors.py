"""Requests that cannot be granted: told to the application where it is proven, on our page where it is not (RFC 6749
4.1.2.1).
"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.world import API, Person, World

TO_THE_CLIENT: list[tuple[dict[str, str | None], str]] = [
    ({"response_type": None}, "invalid_request"),
    ({"response_type": ""}, "invalid_request"),
    ({"response_type": "token"}, "unauthorized_client"),
    ({"response_type": "id_token"}, "unauthorized_client"),
    ({"response_type": "code id_token"}, "unauthorized_client"),
    ({"response_type": "nonsense"}, "unsupported_response_type"),
    ({"response_mode": "web_message.jwt"}, "invalid_request"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"max_age": "soon"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"max_age": "1.5"}, "invalid_request"),
    ({"max_age": "99999999999"}, "invalid_request"),
    ({"max_age": "\u0661"}, "invalid_request"),
    ({"scope": 'openid "quoted"'}, "invalid_scope"),
    ({"scope": "openid b\\ackslash"}, "invalid_scope"),
    ({"scope": "openid ünïcode"}, "invalid_scope"),
    ({"scope": "openid " + "x" * 5000}, "invalid_scope"),
    ({"audience": "https://nobody.example.test/"}, "access_denied"),
    ({"claims": "{"}, "invalid_request"),
    ({"claims": "[]"}, "invalid_request"),
    ({"claims": '"text"'}, "invalid_request"),
    ({"claims": "[" * 5000}, "invalid_request"),
    ({"id_token_hint": "nonsense"}, "invalid_request"),
    ({"connection": "no-such-connection"}, "invalid_request"),
    ({"organization": "org_1"}, "invalid_request"),
    ({"request": "eyJhbGciOiJub25lIn0.e30."}, "invalid_request_object"),
    ({"request_uri": "https://evil.test/request"}, "invalid_request_uri"),
    ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request_uri"),
    ({"registration": "{}"}, "registration_not_supported"),
    ({"code_challenge": None, "code_challenge_method": "S256"}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "S512"}, "invalid_request"),
    ({"code_challenge_method": "s256"}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"code_challenge": "a" * 129}, "invalid_request"),
    ({"code_challenge": "a" * 42 + "!"}, "invalid_request"),
    ({"code_challenge": "a" * 42 + "="}, "invalid_request"),
]


IN_FRONT = ("token", "id_token", "code token", "code id_token", "id_token token", "code id_token token")
"""What brings tokens to the browser: its answers never stand in the query."""


@pytest.mark.parametrize(("params", "error"), TO_THE_CLIENT)
@pytest.mark.parametrize("mode", ["query", "fragment", "form_post", "web_message"])
def test_the_client_is_told_in_the_mode_it_asked_for(
    world: World, browser: Browser, params: dict[str, str | None], error: str, mode: str
) -> None:
    asked = {"response_mode": mode, **params}
    attempt = world.client("spa").begin(browser, **asked)
    answer = browser.answer
    usual = "fragment" if (params.get("response_type") or "code") in IN_FRONT else "query"
    assert answer.error == error
    assert answer.mode == (usual if "response_mode" in params or mode == "query" else mode)
    assert answer.params["state"] == attempt.params["state"]
    assert answer.params["iss"] == world.issuer
    assert set(answer.params) == {"error", "error_description", "state", "iss"}


@pytest.mark.parametrize("response_type", IN_FRONT)
@pytest.mark.parametrize("mode", [None, "query", "nonsense"])
def test_errors_of_front_channel_types_stand_in_the_fragment(
    world: World, browser: Browser, response_type: str, mode: str | None
) -> None:
    attempt = world.client().begin(browser, response_type=response_type, response_mode=mode)
    assert browser.answer.mode == "fragment"
    assert browser.answer.params["state"] == attempt.params["state"]
    assert browser.left_for is not None
    assert "?" not in browser.left_for


# ---- request objects
def request_object(alg: str = "none", /, **members: Any) -> str:
    parts = [json.dumps(each).encode() for each in ({"alg": alg}, members)]
    head, body = (base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts)
    return f"{head}.{body}.{'' if alg == 'none' else 'c2lnbmF0dXJl'}"


@pytest.mark.parametrize("alg", ["none", "RS256", "HS256"])
@pytest.mark.parametrize("mode", ["query", "fragment", "form_post", "web_message"])
def test_a_refused_request_object_is_answered_where_it_says(
    world: World, browser: Browser, alg: str, mode: str
) -> None:
    inside = request_object(alg, state="inside", response_mode=mode, response_type="code")
    world.client().begin(browser, request=inside, state="outside")
    assert (browser.answer.error, browser.answer.mode) == ("invalid_request_object", mode)
    assert browser.answer.params["state"] == "inside"


def test_a_request_object_alone_has_the_state(world: World, browser: Browser) -> None:
    app = world.client()
    inside = request_object(state="inside", client_id=app.client_id, response_type="code id_token")
    app.begin(browser, request=inside, state=None)
    assert (browser.answer.params["state"], browser.answer.mode) == ("inside", "fragment")


def test_where_the_answer_goes_is_not_the_objects_to_say(world: World, browser: Browser) -> None:
    app = world.client()
    inside = request_object(redirect_uri="https://evil.test/", state="inside")
    app.begin(browser, request=inside)
    assert browser.answer.url == app.callback
    app.begin(browser, request=inside, redirect_uri=None)
    assert (browser.left_for, browser.status) == (None, 400)


@pytest.mark.parametrize(
    "unreadable",
    [
        "nonsense",
        "",
        "a.b.c",
        "a.b.c.d.e",
        request_object(state=1, response_mode=["form_post"]),
        request_object(state="of somebody else", client_id="somebody else"),
        request_object(state="a\0b", response_mode="\0"),
        request_object(state="x" * 20_000),
        "eyJhbGciOiJub25lIn0.eyJzdGF0ZSI6Ilx1ZDgwMCJ9.",
    ],
)
def test_what_cannot_be_read_or_believed_leaves_the_parameters_as_they_are(
    world: World, browser: Browser, unreadable: str
) -> None:
    attempt = world.client().begin(browser, request=unreadable)
    assert (browser.answer.error, browser.answer.mode) == ("invalid_request_object", "query")
    assert browser.answer.params["state"] == attempt.params["state"]


# ---- what was changed while somebody signed in
@pytest.mark.parametrize("button", ["default", "login-cancel"])
def test_a_callback_that_was_removed_meanwhile_gets_no_answer(
    world: World, browser: Browser, jane: Person, button: str
) -> None:
    app = world.client()
    app.begin(browser)
    world.change_client(app.client_id, callbacks=["https://elsewhere.example.test/callback"])
    if button == "default":
        browser.submit(username=jane.email, password=jane.password)
    else:
        browser.submit(button)
    assert browser.left_for is None
    assert browser.status == 400


def test_a_client_that_became_public_meanwhile_needs_pkce(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    attempt = app.begin(browser, code_challenge=None, code_challenge_method=None)
    world.change_client(app.client_id, token_endpoint_auth_method="none")
    browser.submit(username=jane.email, password=jane.password)
    assert browser.answer.error == "invalid_request"
    assert browser.answer.params["state"] == attempt.params["state"]


@pytest.mark.parametrize("page", ["/u/login", "/u/consent"])
def test_an_api_that_was_deleted_meanwhile_gives_no_code(
    world: World, browser: Browser, jane: Person, page: str
) -> None:
    world.api()
    world.client(is_first_party=False).begin(browser, audience=API, scope="openid read:things")
    if page == "/u/consent":
        browser.submit(username=jane.email, password=jane.password)
    assert browser.path == page
    (api,) = [each for each in world.management().get("/resource-servers") if each["identifier"] == API]
    world.management().delete(f"/resource-servers/{api['id']}")
    if page == "/u/login":
        browser.submit(username=jane.email, password=jane.password)
    else:
        browser.submit("consent-accept")
    assert browser.answer.error == "access_denied"
    assert world.management().get(f"/grants?user_id={jane.user_id}") == []


@row("A4")
@pytest.mark.parametrize(
    "name", ["client_id", "redirect_uri", "scope", "state", "response_type", "nonce", "prompt", "unknown"]
)
@pytest.mark.parametrize("same", [True, False])
def test_a_repeated_parameter_is_refused_on_our_page(world: World, browser: Browser, name: str, same: bool) -> None:
    attempt = world.client().attempt()
    attempt.params.setdefault(name, "x")
    browser.open(f"{attempt.url}&{urlencode({name: attempt.params[name] if same else 'https://evil.test/'})}")
    assert browser.left_for is None
    assert browser.status == 400
    assert browser.shown.texts["error-code"] == "invalid_request"


@pytest.mark.parametrize("query", ["state=%ff", "state=%c3%28", "%ff=x", "state=%00", "state=a%00b", "scope=\udc80"])
def test_broken_text_is_refused_on_our_page(world: World, browser: Browser, query: str) -> None:
    raw = f"{world.client().attempt().url}&x=1&".replace("state=", "was=") + query.encode(
        "utf-8", "surrogateescape"
    ).decode("latin-1")
    browser.open(raw)
    assert browser.status == 400


def test_too_many_parameters_are_refused(world: World, browser: Browser) -> None:
    browser.open(world.client().attempt().url + "".join(f"&p{n}=1" for n in range(300)))
    assert browser.status == 400


def test_a_client_without_the_grant_is_told_so(world: World, browser: Browser) -> None:
    world.client(grant_types=["client_credentials"]).begin(browser)
    assert browser.answer.error == "unauthorized_client"


def test_a_public_client_without_pkce_is_told_so(world: World, browser: Browser) -> None:
    world.client("spa").begin(browser, code_challenge=None, code_challenge_method=None)
    assert browser.answer.error == "invalid_request"
    assert "PKCE" in browser.answer.params["error_description"]


def test_a_failed_request_leaves_a_log_entry(world: World, browser: Browser) -> None:
    app = world.client()
    app.begin(browser, response_type="token")
    (entry,) = world.logs("f")
    assert entry.client_id == app.client_id


def test_a_client_without_any_connection_cannot_sign_anybody_in(world: World, browser: Browser) -> None:
    app = world.client()
    world.enable_connection(world.connection_id)
    app.begin(browser)
    assert browser.status == 400
    assert browser.shown.texts["error-code"] == "access_denied"


def test_a_blocked_person_is_told_to_the_application(world: World, browser: Browser, jane: Person) -> None:
    world.change_user(jane.user_id, blocked=True)
    world.client().begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.answer.params["error"] == "unauthorized"
    assert browser.answer.params["error_description"] == "user is blocked"
    assert browser.jar.get("auth0") is None


def test_a_person_blocked_later_is_refused_silently_too(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    world.change_user(jane.user_id, blocked=True)
    app.begin(browser, prompt="none")
    assert browser.answer.params["error"] == "unauthorized"
    assert browser.answer.params["error_description"] == "user is blocked"


@row("X1", "X6")
@pytest.mark.parametrize("parts", [1, 1_500])
def test_the_tenants_own_error_page_does_not_need_a_form_that_can_be_read(world: World, parts: int) -> None:
    world.settings(error_page={"url": "https://errors.example.test/"})
    part = b'--b\r\nContent-Disposition: form-data; name="client_id"\r\n\r\n%s\r\n' % (b"a" * (700_000 // parts))
    answer = world.post(
        "/authorize?client_id=app", part * parts + b"--b--", headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("https://errors.example.test/?client_id=app&")
