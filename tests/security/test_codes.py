"""Groups B and D: authorization codes at the token endpoint, and PKCE."""

from __future__ import annotations

import pytest

from tests.security.rows import row
from tests.world.application import Application, Attempt
from tests.world.browser import Answer, Browser
from tests.world.fixtures import Clock
from tests.world.world import Person, World


@pytest.fixture
def app(world: World) -> Application:
    return world.client("spa")


@pytest.fixture
def fresh(app: Application, browser: Browser, jane: Person) -> tuple[Attempt, Answer]:
    attempt = app.begin(browser, scope="openid offline_access")
    browser.submit(username=jane.email, password=jane.password)
    return attempt, browser.answer


@row("B1")
@pytest.mark.parametrize("later", [0, 35, 3600])
def test_a_replayed_code_ends_everything_that_came_of_it(
    app: Application, fresh: tuple[Attempt, Answer], clock: Clock, later: int
) -> None:
    attempt, answer = fresh
    tokens = attempt.tokens(answer)
    child = tokens.refreshed()
    clock.forward(seconds=later)
    replay = attempt.redeem(answer)
    assert (replay.status_code, replay.get_json()["error"]) == (400, "invalid_grant")
    assert [each.userinfo().status_code for each in (tokens, child)] == [401, 401]
    assert app.refresh(child.refresh_token).status_code == 400
    assert any("reused" in str(entry.data) for entry in app.world.logs("feacft"))


@row("B1", "F8")
def test_a_spent_code_is_spent_in_every_process(world: World, fresh: tuple[Attempt, Answer]) -> None:
    attempt, answer = fresh
    attempt.tokens(answer)
    other = world.other_process()
    attempt.app = Application(other, attempt.app.client_id, None, attempt.app.callback, "none")
    assert attempt.redeem(answer).get_json()["error"] == "invalid_grant"
    other.platform.db.dispose()


@row("B3")
def test_a_code_of_another_client_is_worth_nothing_and_stays_good(
    world: World, browser: Browser, fresh: tuple[Attempt, Answer]
) -> None:
    attempt, answer = fresh
    for thief in (world.client("spa"), world.client()):
        stolen = Attempt(thief, attempt.params, attempt.verifier)
        assert stolen.redeem(answer).get_json()["error"] == "invalid_grant"
    assert attempt.tokens(answer)


@row("B4")
@pytest.mark.parametrize(
    "uri",
    [
        None,
        "",
        "https://app.example.test/other",
        "https://app.example.test/callback/",
        "https://app.example.test/callback?x=1",
    ],
)
def test_the_redirect_uri_must_be_the_same_again(fresh: tuple[Attempt, Answer], uri: str | None) -> None:
    attempt, answer = fresh
    attempt.app.world.change_client(
        attempt.app.client_id, callbacks=["https://app.example.test/callback", "https://app.example.test/other"]
    )
    assert attempt.redeem(answer, redirect_uri=uri).get_json()["error"] == "invalid_grant"


@row("B5")
def test_no_other_secret_of_ours_is_a_code(world: World, browser: Browser, fresh: tuple[Attempt, Answer]) -> None:
    attempt, answer = fresh
    tokens = attempt.tokens(answer)
    state = world.client().begin(world.browser()).params["state"]
    for secret in (
        tokens.refresh_token,
        tokens.access_token,
        tokens.id_token,
        str(browser.jar.get("auth0")),
        str(browser.jar.get("did")),
        state,
    ):
        assert attempt.redeem(Answer("query", "", {"code": secret})).get_json()["error"] == "invalid_grant"
    for endpoint in ("/userinfo",):
        assert world.get(endpoint, headers={"Authorization": f"Bearer {answer.code}"}).status_code == 401


@row("B5", "H8", "M10", "SEC1")
def test_the_database_holds_no_secret_that_opens_anything(
    world: World, browser: Browser, fresh: tuple[Attempt, Answer], jane: Person
) -> None:
    attempt, answer = fresh
    tokens = attempt.tokens(answer)
    world.client().begin(world.browser(), screen_hint="reset-password")
    stranger = world.browser()
    pending = world.client().begin(stranger)
    page = stranger.shown.form("username").fields["state"]
    ticket = (
        world.management().post("/tickets/password-change", {"user_id": jane.user_id})["ticket"].partition("ticket=")[2]
    )
    confidential = world.client()
    world.api(signing_secret="an-api-signing-secret-of-40-characters!!")
    stored = everything_stored(world)
    for name, secret in {
        "code": answer.code,
        "access token": tokens.access_token,
        "refresh token": tokens.refresh_token,
        "session": str(browser.jar.get("auth0")),
        "device": str(browser.jar.get("did")),
        "transaction": page,
        "ticket": ticket.rstrip("#"),
        "client secret": str(confidential.secret),
        "api secret": "an-api-signing-secret-of-40-characters!!",
        "password": jane.password,
        "private key": "PRIVATE KEY",
        "verifier": attempt.verifier,
    }.items():
        assert secret not in stored, name
    assert pending


def everything_stored(world: World) -> str:
    """Every column of every row, as text."""
    with world.platform.db.engine.connect() as connection:
        from idp.foundation.db.schema import metadata

        return "\n".join(
            str(tuple(found)) for table in metadata().sorted_tables for found in connection.execute(table.select())
        )


@row("B6")
def test_no_answer_of_the_token_endpoint_is_cached(app: Application, fresh: tuple[Attempt, Answer]) -> None:
    attempt, answer = fresh
    for response in (attempt.redeem(answer), attempt.redeem(answer), app.token(grant_type="x")):
        assert response.headers["Cache-Control"] == "no-store"


@row("B7", "X1")
@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/oauth/introspect"])
@pytest.mark.parametrize(
    "body",
    [
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b"[" * 100_000,
        b'{"token": ["x"], "client_id": {"$gt": ""}}',
        b'{"client_id": 1e400}',
        b"\x00" * 100,
        b'{"client_id": "\\ud800"}',
        b'{"client_id": NaN}',
        b"true",
    ],
)
def test_no_json_confuses_an_endpoint(world: World, path: str, body: bytes) -> None:
    response = world.send("POST", path, data=body, headers={"Content-Type": "application/json"})
    assert response.status_code in {400, 401}
    assert response.get_json()["error"] in {"invalid_request", "invalid_client"}


@row("B8")
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.test",
        "https://app.example.test.evil.test",
        "https://app.example.testevil.test",
        "http://app.example.test",
        "https://app.example.test:8443",
        "null",
        "https://APP.example.test.",
        "https://sub.app.example.test",
        "*",
    ],
)
@pytest.mark.parametrize(
    "path", ["/oauth/token", "/oauth/revoke", "/userinfo", "/authorize", "/oauth/introspect", "/u/login"]
)
def test_only_registered_origins_may_read_answers(world: World, app: Application, origin: str, path: str) -> None:
    for method in ("OPTIONS", "POST", "GET"):
        response = world.send(method, path, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
        assert "Access-Control-Allow-Origin" not in response.headers
        assert "Access-Control-Allow-Credentials" not in response.headers


@row("B8")
def test_nobody_may_read_the_authorization_endpoint_across_origins(world: World, app: Application) -> None:
    response = world.get(app.attempt(prompt="none").url, headers={"Origin": "https://app.example.test"})
    assert "Access-Control-Allow-Origin" not in response.headers


@row("B9", "X8", "LOG2")
@pytest.mark.parametrize("path", ["/oauth/token", "/userinfo", "/authorize", "/u/login", "/oidc/logout"])
def test_a_defect_tells_nothing_but_its_number(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the database password is hunter2")

    for name in ("one", "run", "all"):
        monkeypatch.setattr(f"idp.foundation.db.hot.HotConnection.{name}", broken)
    response = world.send(
        "POST" if path == "/oauth/token" else "GET",
        f"{path}?client_id=x&state=x",
        headers={"Cookie": "auth0=x", "Authorization": "Bearer x"},
        data={"grant_type": "refresh_token", "refresh_token": "x", "client_id": "x"}
        if path == "/oauth/token"
        else None,
    )
    assert response.status_code == 500
    text = response.get_data(as_text=True)
    assert "hunter2" not in text
    assert "Traceback" not in text
    assert "RuntimeError" not in text
    assert "server_error" in text


# ---- PKCE


@row("D1")
@pytest.mark.parametrize("kind", ["spa", "native"])
def test_public_clients_need_pkce(world: World, browser: Browser, jane: Person, kind: str) -> None:
    app = world.client(kind)
    app.sign_in(browser, jane)
    app.begin(browser, code_challenge=None, code_challenge_method=None)
    assert browser.answer.error == "invalid_request"
    assert "code" not in browser.answer.params


@row("D2")
@pytest.mark.parametrize("change", ["missing", "wrong", "truncated", "swapped case", "the challenge", "padded"])
def test_only_the_right_verifier_counts_and_a_wrong_one_spends_the_code(
    fresh: tuple[Attempt, Answer], change: str
) -> None:
    attempt, answer = fresh
    verifier = {
        "missing": None,
        "wrong": "w" * 43,
        "truncated": attempt.verifier[:-1],
        "swapped case": attempt.verifier.swapcase(),
        "the challenge": attempt.params["code_challenge"],
        "padded": attempt.verifier + "=",
    }[change]
    assert attempt.redeem(answer, code_verifier=verifier).get_json()["error"] == "invalid_grant"
    assert attempt.redeem(answer).get_json()["error"] == "invalid_grant"


@row("D3")
def test_a_verifier_without_a_challenge_is_a_downgrade(world: World, browser: Browser, jane: Person) -> None:
    attempt = world.client().begin(browser, code_challenge=None, code_challenge_method=None)
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.redeem(browser.answer, code_verifier="v" * 43).get_json()["error"] == "invalid_grant"


@row("D4")
@pytest.mark.parametrize("method", ["plain", "none", "S512", "s256", None])
def test_only_s256_is_taken(world: World, browser: Browser, app: Application, method: str | None) -> None:
    app.begin(browser, code_challenge_method=method)
    assert browser.answer.error == "invalid_request"
    assert world.get("/.well-known/openid-configuration").get_json()["code_challenge_methods_supported"] == ["S256"]


@row("D5")
@pytest.mark.parametrize(
    "challenge", ["a" * 42, "a" * 129, "a" * 42 + "+", "a" * 42 + "/", "a" * 42 + "=", "a" * 42 + " ", "ä" * 43]
)
def test_a_challenge_of_other_letters_or_lengths_is_refused(app: Application, browser: Browser, challenge: str) -> None:
    app.begin(browser, code_challenge=challenge)
    assert browser.answer.error == "invalid_request"
