"""Browser applications of other origins: each origin opens the answers of the clients that registered it, and no other
client's (security.md B8, W8).
"""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from idp.applications.clients import service as clients
from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.world import Person, World

MINE, THEIRS = "https://mine.example", "https://theirs.example"


@pytest.fixture
def app(world: World) -> Application:
    """An application at :data:`MINE`; another one is at :data:`THEIRS`."""
    world.client("spa", web_origins=[THEIRS], callbacks=[f"{THEIRS}/cb"])
    return world.client("spa", web_origins=[MINE], callbacks=[f"{MINE}/cb"])


def allowed(response: TestResponse) -> str | None:
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert response.headers["Vary"] == "Origin"
    return response.headers.get("Access-Control-Allow-Origin")


@row("B8")
@pytest.mark.parametrize(
    ("origin", "opens"),
    [(MINE, True), (MINE.upper().replace("HTTPS", "https"), True), (THEIRS, False), ("null", False)],
)
def test_answers_for_a_client_are_for_its_own_origins(
    world: World, app: Application, browser: Browser, jane: Person, origin: str, opens: bool
) -> None:
    tokens = app.sign_in(browser, jane, scope="openid offline_access")
    head = {"Origin": origin}
    bearer = {"Authorization": f"Bearer {tokens.access_token}", **head}
    expected = origin if opens else None
    for response in (
        world.get("/userinfo", headers=bearer),
        app.token(headers=head, grant_type="refresh_token", refresh_token=tokens.refresh_token),
        app.token(headers=head, grant_type="authorization_code", code="wrong", redirect_uri=app.callback),
        app.token(headers=head, grant_type="nonsense"),
        app.token(headers=head),
        app.token(headers=head, grant_type="refresh_token", refresh_token="x", client_secret="wrong"),
        app.call("/oauth/revoke", headers=head, token="x"),
    ):
        assert allowed(response) == expected, response.get_data(as_text=True)


@row("B8")
def test_a_confidential_client_that_fails_to_authenticate_is_still_that_client(world: World, app: Application) -> None:
    web = world.client("web", callbacks=["https://web.example/cb"])
    for origin, opens in ((MINE, False), (THEIRS, False), ("https://web.example", True)):
        for auth in ("client_secret_post", "client_secret_basic"):
            web.secret = "wrong"
            answer = web.token(auth=auth, headers={"Origin": origin}, grant_type="refresh_token", refresh_token="x")
            assert (answer.status_code, allowed(answer)) == (401, origin if opens else None)


def test_where_nobody_knows_the_client_any_registered_origin_may_read_the_error(world: World, app: Application) -> None:
    for origin, opens in ((MINE, True), (THEIRS, True), ("https://evil.example", False)):
        head = {"Origin": origin}
        for response in (
            world.get("/userinfo", headers={**head, "Authorization": "Bearer nonsense"}),
            world.post("/oauth/token", {"grant_type": "refresh_token", "client_id": "nobody"}, headers=head),
            world.send("OPTIONS", "/oauth/token", headers={**head, "Access-Control-Request-Method": "POST"}),
        ):
            assert allowed(response) == (origin if opens else None)


@row("B8")
def test_a_changed_origin_counts_at_once(world: World, app: Application) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    assert allowed(app.token(headers={"Origin": MINE}, **form)) == MINE
    with world.writing() as work:
        clients.update(work, clients.get(work, app.client_id), {"web_origins": [], "callbacks": [f"{THEIRS}/x"]})
    assert allowed(app.token(headers={"Origin": MINE}, **form)) is None
    assert allowed(app.token(headers={"Origin": THEIRS}, **form)) == THEIRS


@row("W8")
def test_the_management_api_answers_the_origins_of_the_client_that_calls(
    world: World, app: Application, jane: Person
) -> None:
    me = world.caller_for(jane.user_id, "read:current_user")
    me.token = world.token(sub=jane.user_id, azp=app.client_id, client_id=app.client_id, scope="read:current_user")
    for origin, opens in ((MINE, True), (THEIRS, False)):
        for path in (f"/users/{jane.user_id}", "/users", "/nothing"):
            answer = me("GET", path, headers={"Origin": origin})
            assert allowed(answer) == (origin if opens else None), path
        assert allowed(me("OPTIONS", "/users", headers={"Origin": origin})) == origin, "a preflight names no client"
