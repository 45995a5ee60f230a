"""The gate: a grant that checks nothing gets nothing that the client, the API or the user may not have now."""

from __future__ import annotations

from typing import Any, cast

import pytest

from idp.applications.clients.runtime import ClientConfig
from idp.protocol.oauth.grants import GRANTS
from idp.protocol.oauth.grants.contract import Grant, TokenRequest
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.tokens import store
from idp.protocol.tokens.proofs import ClientProof, Proof, UserProof
from idp.protocol.tokens.store import Granted
from tests.world.application import Application, Attempt
from tests.world.browser import Answer, Browser
from tests.world.world import API, Person, World

FORGETFUL = "urn:test:forgetful"
FORGETFUL_OF_USERS = "urn:test:forgetful-of-users"


class Forgetful:
    """Reads nothing, checks nothing: whoever asks has proved everything."""

    grant_type = FORGETFUL
    success = OAuthLog.CODE_EXCHANGED
    failure = OAuthLog.CODE_EXCHANGE_FAILED

    def find(self, _request: TokenRequest) -> object:
        return object()

    def prove(self, request: TokenRequest, _client: ClientConfig, _found: object) -> Proof:
        return ClientProof(audience=request.params.get("audience"))


class ForgetfulOfUsers(Forgetful):
    """Takes any code for an authorization, whoever's it is."""

    grant_type = FORGETFUL_OF_USERS

    def prove(self, request: TokenRequest, _client: ClientConfig, _found: object) -> Proof:
        granted = cast("Granted", store.by_code(request.work, request.params["code"]))
        return UserProof(authorization=granted, scope=request.params.get("scope"), refresh=True)


@pytest.fixture(autouse=True)
def forgetful_grants(monkeypatch: pytest.MonkeyPatch) -> None:
    for grant in (Forgetful(), ForgetfulOfUsers()):
        monkeypatch.setitem(cast("dict[str, Grant]", GRANTS), grant.grant_type, grant)


def client_of(world: World, **members: Any) -> Application:
    return world.client(grant_types=[FORGETFUL, FORGETFUL_OF_USERS, "authorization_code", "refresh_token"], **members)


def outcome(app: Application, **form: str) -> tuple[int, str]:
    response = app.token(**{"grant_type": FORGETFUL, **form})
    return response.status_code, response.get_json().get("error") or response.get_json().get("scope", "")


@pytest.fixture
def management(world: World) -> str:
    return f"{world.issuer}api/v2/"


def test_a_forgetful_grant_gets_no_token_without_a_client_grant(world: World, management: str) -> None:
    assert outcome(client_of(world), audience=management) == (400, "access_denied")


def test_a_forgetful_grant_gets_what_the_client_grant_holds(world: World, management: str) -> None:
    app = client_of(world)
    world.grant(app.client_id, management, "read:clients")
    assert outcome(app, audience=management) == (200, "read:clients")


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"require_proof_of_possession": True}, "invalid_request"),
        ({"organization_usage": "require"}, "invalid_request"),
        ({"grant_types": ["client_credentials"]}, "unauthorized_client"),
        ({"token_endpoint_auth_method": "none"}, "unauthorized_client"),
    ],
)
def test_a_forgetful_grant_cannot_pass_over_the_client(
    world: World, management: str, members: dict[str, Any], error: str
) -> None:
    app = client_of(world)
    world.grant(app.client_id, management, "read:clients")
    world.change_client(app.client_id, **members)
    assert outcome(app, audience=management) == (400, error)


def test_a_forgetful_grant_cannot_pass_over_the_api(world: World) -> None:
    app = client_of(world)
    world.grant(app.client_id, world.api(proof_of_possession={"mechanism": "dpop", "required": True}), "read:things")
    assert outcome(app, audience=API) == (400, "invalid_dpop_proof")


def test_every_issuance_reads_the_configuration_of_its_moment(world: World, management: str) -> None:
    app = client_of(world)
    world.grant(app.client_id, management, "read:clients")
    assert outcome(app, audience=management)[0] == 200
    other = world.other_process()
    other.change_client(app.client_id, require_proof_of_possession=True)
    other.platform.db.dispose()
    assert outcome(app, audience=management) == (400, "invalid_request")


# ---- with an authorization of somebody
@pytest.fixture
def app(world: World) -> Application:
    return client_of(world)


@pytest.fixture
def code(world: World, app: Application, browser: Browser, jane: Person) -> str:
    """A code for an API that nobody redeemed yet."""
    app.begin(browser, audience=world.api(), scope="openid read:things write:things")
    browser.submit(username=jane.email, password=jane.password)
    return browser.answer.params["code"]


def exchanged(app: Application, code: str, **form: str) -> tuple[int, str]:
    return outcome(app, grant_type=FORGETFUL_OF_USERS, code=code, **form)


def test_without_anything_in_the_way_there_are_tokens(app: Application, code: str) -> None:
    assert exchanged(app, code) == (200, "openid read:things write:things")


def test_no_more_than_was_granted(app: Application, code: str) -> None:
    assert exchanged(app, code, scope="openid read:users") == (400, "invalid_scope")
    assert exchanged(app, code, scope="read:things") == (200, "read:things")


def test_another_clients_authorization_is_worth_nothing(world: World, code: str) -> None:
    assert exchanged(client_of(world), code) == (400, "invalid_grant")


def test_a_blocked_user_gets_nothing(world: World, app: Application, code: str, jane: Person) -> None:
    world.change_user(jane.user_id, blocked=True)
    assert exchanged(app, code) == (400, "invalid_grant")


def test_a_connection_that_was_switched_off_gives_nothing(world: World, app: Application, code: str) -> None:
    world.enable_connection(world.connection_id)
    assert exchanged(app, code) == (400, "invalid_grant")


def test_a_revoked_authorization_gives_nothing(world: World, app: Application, code: str, jane: Person) -> None:
    with world.context() as work:
        store.revoke_of_user(work, jane.user_id)
    assert exchanged(app, code) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"token_encryption": {"format": "compact-nested-jwe"}}, (400, "invalid_request")),
        ({"subject_type_authorization": {"user": {"policy": "deny_all"}}}, (400, "access_denied")),
        ({"scopes": [{"value": "read:things"}]}, (200, "openid read:things")),
    ],
)
def test_what_the_api_became_meanwhile_counts(
    world: World, app: Application, code: str, members: dict[str, Any], expected: tuple[int, str]
) -> None:
    world.change_api(API, **members)
    assert exchanged(app, code) == expected


# ---- codes
@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"organization_usage": "require"}, "invalid_request"),
        ({"require_pushed_authorization_requests": True}, "invalid_request"),
        ({"grant_types": ["client_credentials"]}, "unauthorized_client"),
    ],
)
def test_no_code_for_a_client_that_was_changed_during_the_sign_in(
    world: World, app: Application, browser: Browser, jane: Person, members: dict[str, Any], error: str
) -> None:
    attempt: Attempt = app.begin(browser)
    world.change_client(app.client_id, **members)
    browser.submit(username=jane.email, password=jane.password)
    answer: Answer = browser.answer
    assert (answer.error, answer.params["state"]) == (error, attempt.params["state"])
    assert [entry.type for entry in world.logs("f")] == ["f"]
