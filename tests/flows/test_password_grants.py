"""``password`` and ``password-realm``: off unless a client has them, and behind every protection of the pages."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.world.fixtures import on_both_stores
from tests.world.sources import KNOWN, PASSWORDS, connect
from tests.world.world import API, Application, Person, World

PASSWORD = "password"
REALM = "http://auth0.com/oauth/grant-type/password-realm"
DATABASE = "Username-Password-Authentication"
GRANTS = [PASSWORD, REALM, "refresh_token", "authorization_code"]


def ask(app: Application, grant: str = PASSWORD, **form: str | None) -> TestResponse:
    return app.token(**{"grant_type": grant, "scope": "openid profile email offline_access", **form})


@pytest.fixture
def app(world: World) -> Application:
    return world.client(grant_types=GRANTS)


@on_both_stores
def test_a_password_becomes_tokens(world: World, jane: Person) -> None:
    app = world.client(grant_types=GRANTS)
    for grant, more in ((PASSWORD, {}), (REALM, {"realm": DATABASE})):
        answer = ask(app, grant, username=jane.email.upper(), password=jane.password, **more)
        assert answer.status_code == 200, answer.text
        said = answer.json or {}
        claims = app.claims(said["id_token"])
        assert (claims["sub"], claims["email"], claims["amr"]) == (jane.user_id, jane.email, ["pwd"])
        assert "sid" not in claims
        assert app.userinfo(said["access_token"]).status_code == 200
        assert app.refresh(said["refresh_token"]).status_code == 200
    assert [entry.type for entry in world.logs("sepft")] == ["sepft", "sepft"]
    shown = world.caller().get(f"/users/{jane.user_id.replace('|', '%7C')}").json or {}
    assert shown["logins_count"] == 2


def test_new_clients_have_neither(world: World, jane: Person) -> None:
    for kind in ("web", "spa", "native", "m2m"):
        client = world.client(kind)
        answer = ask(client, username=jane.email, password=jane.password)
        assert (answer.status_code, (answer.json or {})["error"]) == (400, "unauthorized_client")
        wrong = ask(client, username=jane.email, password="wrong")
        assert wrong.json == answer.json, "nothing is told of the password"


def test_wrong_ones_are_one_answer(world: World, app: Application, jane: Person) -> None:
    answers = [ask(app, username=name, password="wrong") for name in (jane.email, "nobody@example.com", "x" * 5000)]
    assert {(each.status_code, each.text) for each in answers} == {
        (400, '{"error":"invalid_grant","error_description":"Wrong email or password."}')
    }
    assert [entry.type for entry in world.logs("fp", "fu")] == ["fp", "fu", "fu"]
    for missing in ({"username": None}, {"password": None}, {"username": "", "password": "x"}):
        said = ask(app, **{"username": jane.email, "password": jane.password, **missing})
        assert (said.json or {})["error"] == "invalid_request"
    world.settings(compatibility={"auth0_statuses": True})
    assert ask(app, username=jane.email, password="wrong").status_code == 403


def test_the_lockout_counts_here_too(world: World, app: Application, jane: Person) -> None:
    world.brute_force(max_attempts=3)
    for _ in range(3):
        assert ask(app, username=jane.email, password="wrong").status_code == 400
    answer = ask(app, username=jane.email, password=jane.password)
    assert (answer.status_code, (answer.json or {})["error"]) == (429, "too_many_attempts")
    assert world.logs("limit_wc")


def test_a_trusted_server_says_whose_address_it_is(world: World, jane: Person) -> None:
    world.brute_force(max_attempts=2)

    def tries(app: Application, forwarded: str) -> list[int]:
        form = {"grant_type": PASSWORD, "username": jane.email, "password": "wrong", "client_id": app.client_id}
        headers = {"auth0-forwarded-for": forwarded}
        data = {**form, "client_secret": str(app.secret)}
        return [world.post("/oauth/token", data, headers=headers).status_code for _ in range(3)]

    trusted = world.client(grant_types=GRANTS, is_token_endpoint_ip_header_trusted=True)
    assert tries(trusted, "203.0.113.1") == [400, 400, 429]
    assert tries(trusted, "203.0.113.2") == [400, 400, 429]
    assert tries(trusted, "no address") == [400, 400, 429]
    assert tries(world.client(grant_types=GRANTS), "203.0.113.3") == [429, 429, 429], "of the address it came from"


def test_a_blocked_user_gets_nothing(world: World, app: Application, jane: Person) -> None:
    world.change_user(jane.user_id, blocked=True)
    answer = ask(app, username=jane.email, password=jane.password)
    assert (answer.json or {})["error_description"] == "user is blocked"


def test_the_gate_is_the_same(world: World, jane: Person) -> None:
    app = world.client(grant_types=GRANTS)
    world.api(skip_consent_for_verifiable_first_party_clients=True)
    answer = ask(app, username=jane.email, password=jane.password, audience=API, scope="openid read:things nonsense")
    said = answer.json or {}
    claims = app.claims(said["access_token"])
    assert (claims["scope"], claims["gty"], claims["sub"]) == ("openid read:things", "password", jane.user_id)
    unknown = ask(app, username=jane.email, password=jane.password, audience="https://nowhere.example/")
    assert (unknown.json or {})["error"] == "access_denied"
    third = world.client(grant_types=GRANTS, is_first_party=False)
    refused = ask(third, username=jane.email, password=jane.password)
    assert (refused.json or {})["error"] == "invalid_grant", "nobody said yes to it"
    with world.context() as work:
        from idp.protocol.tokens.models import Authorization

        assert work.rows.query(Authorization).filter_by(client_id=third.client_id).count() == 0


def test_the_secret_is_asked_for_first(world: World, app: Application, jane: Person) -> None:
    form = {"grant_type": PASSWORD, "username": jane.email, "password": jane.password, "client_id": app.client_id}
    answer = world.post("/oauth/token", {**form, "client_secret": "wrong"})
    assert (answer.status_code, (answer.json or {})["error"]) == (401, "invalid_client")
    assert world.logs("fp", "fu", "sepft") == []


@pytest.mark.usefixtures("source_stubs")
def test_a_realm_is_any_connection_that_takes_passwords(world: World, app: Application, jane: Person) -> None:
    connect(world, PASSWORDS, app.client_id)
    said: dict[str, Any] = ask(app, REALM, realm="stub-directory", username="jane", password=KNOWN["jane"]).json or {}
    assert app.claims(said["id_token"])["sub"] == "stub-directory|jane"
    unsaid = ask(app, username=jane.email, password=jane.password)
    assert (unsaid.json or {})["error"] == "server_error", "two of them, and nobody said which"
    world.settings(default_directory=DATABASE)
    assert ask(app, username=jane.email, password=jane.password).status_code == 200
    other = ask(app, REALM, realm="unknown", username=jane.email, password=jane.password)
    assert (other.json or {})["error"] == "unauthorized_client"
