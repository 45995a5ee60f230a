"""Group E: authenticating clients."""

from __future__ import annotations

import base64

import pytest

from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.world import API, Person, World


@row("E1")
@pytest.mark.parametrize("secret", ["wrong", "", " ", "x" * 10_000, "ü", "\x01"])
@pytest.mark.parametrize("how", ["client_secret_post", "client_secret_basic"])
def test_no_other_secret_opens(world: World, secret: str, how: str) -> None:
    app = world.client("m2m")
    app.secret = secret
    response = app.token(auth=how, grant_type="client_credentials", audience=API)
    assert (response.status_code, response.get_json()["error"]) == (401, "invalid_client")


@row("E1")
def test_another_clients_secret_and_one_in_the_address_do_not_open(world: World) -> None:
    one, other = world.client("m2m"), world.client("m2m")
    assert one.token(grant_type="client_credentials", audience=API, client_secret=other.secret).status_code == 401
    query = f"/oauth/token?client_id={one.client_id}&client_secret={one.secret}&grant_type=client_credentials"
    assert world.post(query, {}).status_code == 400
    assert world.post(query, {"grant_type": "client_credentials", "client_id": one.client_id}).status_code in {400, 401}


@row("E1")
def test_secrets_are_compared_in_constant_time_and_long(world: World) -> None:
    assert len(str(world.client().secret)) >= 43


@row("E2")
def test_two_identities_are_a_bad_request(world: World) -> None:
    one, other = world.client("m2m"), world.client("m2m")
    pair = base64.b64encode(f"{one.client_id}:{one.secret}".encode()).decode()
    for form in (
        {"client_id": other.client_id},
        {"client_id": other.client_id, "client_secret": str(other.secret)},
        {"client_secret": str(one.secret)},
    ):
        response = world.post(
            "/oauth/token", {"grant_type": "client_credentials", **form}, headers={"Authorization": f"Basic {pair}"}
        )
        assert response.status_code == 400


@row("E3")
def test_get_is_not_allowed(world: World) -> None:
    app = world.client("m2m")
    response = world.get(
        f"/oauth/token?grant_type=client_credentials&client_id={app.client_id}&client_secret={app.secret}&audience={API}"
    )
    assert response.status_code == 405
    assert "access_token" not in response.get_data(as_text=True)


@row("E4")
@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token", "client_credentials"])
def test_a_grant_type_that_is_off_stays_off(world: World, browser: Browser, jane: Person, grant: str) -> None:
    every = ["authorization_code", "refresh_token", "client_credentials"]
    app = world.client(grant_types=every)
    world.grant(app.client_id, world.api(), "read:things")
    tokens = app.sign_in(browser, jane, scope="openid offline_access")
    attempt = app.begin(browser)
    answer = browser.answer
    world.change_client(app.client_id, grant_types=[each for each in every if each != grant])
    response = {
        "authorization_code": lambda: attempt.redeem(answer),
        "refresh_token": lambda: app.refresh(tokens.refresh_token),
        "client_credentials": lambda: app.token(grant_type=grant, audience=API),
    }[grant]()
    assert response.get_json()["error"] == "unauthorized_client"


@row("E5")
@pytest.mark.parametrize("assertion", ["x", "eyJhbGciOiJub25lIn0.e30.", "a.b.c"])
def test_assertions_of_clients_with_secrets_are_refused_whatever_they_say(world: World, assertion: str) -> None:
    app = world.client("m2m")
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    for extra in ({"client_id": app.client_id}, {"client_id": app.client_id, "client_secret": str(app.secret)}):
        form = {
            "grant_type": "client_credentials",
            "audience": API,
            "client_assertion": assertion,
            "client_assertion_type": kind,
            **extra,
        }
        response = world.post("/oauth/token", form)
        # two ways at once are no request (RFC 6749 2.3)
        refusal = (400, "invalid_request") if "client_secret" in extra else (401, "invalid_client")
        assert (response.status_code, response.get_json()["error"]) == refusal


@row("E6")
def test_a_machine_gets_the_intersection_and_nothing_without_a_grant(world: World) -> None:
    app = world.client("m2m")
    world.api()
    refused = app.token(grant_type="client_credentials", audience=API, scope="read:things")
    assert (refused.status_code, refused.get_json()["error"]) == (400, "access_denied")
    world.grant(app.client_id, API, "read:things")
    body = app.token(grant_type="client_credentials", audience=API, scope="read:things write:things").get_json()
    assert app.claims(body["access_token"])["scope"] == "read:things"
    world.api("https://other.example.test/")
    other = app.token(grant_type="client_credentials", audience="https://other.example.test/")
    assert other.get_json()["error"] == "access_denied"


@row("E7")
def test_a_rotated_secret_is_dead_at_once_in_every_process(world: World) -> None:
    app = world.client("m2m")
    world.grant(app.client_id, world.api(), "read:things")
    other = world.other_process()
    form = {"grant_type": "client_credentials", "client_id": app.client_id, "audience": API}
    assert other.post("/oauth/token", {**form, "client_secret": str(app.secret)}).status_code == 200
    fresh = world.management().post(f"/clients/{app.client_id}/rotate-secret", {})["client_secret"]
    for process in (world, other):
        assert process.post("/oauth/token", {**form, "client_secret": str(app.secret)}).status_code == 401
        assert process.post("/oauth/token", {**form, "client_secret": fresh}).status_code == 200
    other.platform.db.dispose()


@row("E7")
def test_a_deleted_client_is_nobody_at_once_in_every_process(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    tokens = app.sign_in(browser, jane, scope="openid offline_access")
    attempt = app.begin(browser)
    answer, other = browser.answer, world.other_process()
    assert other.get("/userinfo", headers={"Authorization": f"Bearer {tokens.access_token}"}).status_code == 200
    world.management().delete(f"/clients/{app.client_id}")
    for process in (world, other):
        assert process.get("/userinfo", headers={"Authorization": f"Bearer {tokens.access_token}"}).status_code == 401
    assert app.refresh(tokens.refresh_token).status_code == 401
    assert attempt.redeem(answer).status_code == 401
    app.begin(browser)
    assert browser.status == 400
    other.platform.db.dispose()


@row("E8")
@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_a_confidential_client_cannot_pass_as_a_public_one(
    world: World, browser: Browser, jane: Person, method: str
) -> None:
    app = world.client(token_endpoint_auth_method=method)
    attempt = app.begin(browser, scope="openid offline_access")
    browser.submit(username=jane.email, password=jane.password)
    answer = browser.answer
    assert attempt.redeem(answer, auth="none").status_code == 401
    tokens = attempt.tokens(answer)
    assert app.refresh(tokens.refresh_token, auth="none").status_code == 401
    assert app.call("/oauth/revoke", auth="none", token=tokens.refresh_token).status_code == 401


@row("E8")
def test_a_public_client_with_a_wrong_secret_is_refused(world: World, browser: Browser, jane: Person) -> None:
    app = world.client("spa")
    attempt = app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.redeem(browser.answer, client_secret="anything").status_code == 401
