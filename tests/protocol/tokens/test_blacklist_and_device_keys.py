"""Tokens that an administrator refuses, and public keys of devices."""

from __future__ import annotations

from typing import Any

import pytest

from tests.security.rows import row
from tests.world.management import Api
from tests.world.templates import BARE, Template
from tests.world.world import World


@pytest.fixture
def template() -> Template:
    return BARE


@pytest.fixture
def environment() -> dict[str, str]:
    return {"IDP_RATE_LIMITS": "off"}


def refused(api: Api, jti: str, **more: str) -> None:
    answer = api.post("/blacklists/tokens", {"jti": jti, **more})
    assert answer.status_code == 204, answer.json


@row("W5")
def test_a_refused_token_is_no_good_at_the_management_api_anywhere(world: World, elsewhere: World) -> None:
    api, script = world.caller(jti="token-1"), world.caller(jti="token-2")
    assert (api.get("/clients").status_code, script.get("/clients").status_code) == (200, 200)
    refused(api, "token-2")
    assert script.get("/clients").status_code == 401
    assert Api(elsewhere, script.token).get("/clients").status_code == 401
    assert api.get("/clients").status_code == 200
    audience = f"{world.issuer}api/v2/"
    assert api.get("/blacklists/tokens").json == [{"aud": audience, "jti": "token-2"}]
    refused(api, "token-2")
    refused(api, "other", aud="https://other.example/")
    assert api.get("/blacklists/tokens", aud=audience).json == [{"aud": audience, "jti": "token-2"}]
    assert len(api.get("/blacklists/tokens").json) == 2


def test_a_token_of_another_audience_stays_good(world: World) -> None:
    api = world.caller(jti="token-1")
    refused(api, "token-1", aud="https://other.example/")
    assert api.get("/clients").status_code == 200


def test_audiences_that_are_no_texts_name_nobody(world: World) -> None:
    audience, odd = f"{world.issuer}api/v2/", [{"a": 1}, ["b"], None, 7]
    assert world.caller(aud=odd).get("/clients").status_code == 401
    api, other = world.caller(jti="token-1", aud=[*odd, audience]), world.caller(aud=[*odd, audience], azp={"a": 1})
    assert api.get("/clients").status_code == 200
    assert other.get("/clients").status_code == 401
    refused(api, "token-1")
    assert api.get("/clients").status_code == 401
    assert world.caller(jti="token-1", aud=[*odd, audience], client_id=["x"]).get("/clients").status_code == 401


def test_a_refused_access_token_is_no_good_at_userinfo(world: World) -> None:
    from idp.tenant.keys import signer

    world.api()
    jane, app, browser = world.user(), world.client(), world.browser()
    attempt = app.begin(browser, audience="https://api.example.test/", scope="openid read:things")
    browser.submit(username=jane.email, password=jane.password)
    if browser.left_for is None:
        browser.submit("consent-accept")
    token = attempt.redeem(browser.answer).get_json()["access_token"]
    assert app.userinfo(token).status_code == 200
    refused(world.caller(), str(signer.unverified(token)["jti"]), aud="https://api.example.test/")
    assert app.userinfo(token).status_code == 401


@pytest.mark.parametrize("body", [{}, {"jti": ""}, {"jti": "x" * 256}, {"jti": 1}, {"jti": "a", "more": 1}])
def test_what_is_no_token_is_refused(world: World, body: dict[str, Any]) -> None:
    assert world.caller().post("/blacklists/tokens", body).status_code == 400


KEY = {"device_name": "Jane's phone", "type": "public_key", "value": "ssh-rsa AAAA", "device_id": "d-1"}


def test_a_user_keeps_keys_of_devices(world: World) -> None:
    jane, joe, app = world.user(), world.user("joe@example.com"), world.client()
    own = ("create:current_user_device_credentials", "delete:current_user_device_credentials")
    mine = world.caller(*own, sub=jane.user_id, azp=app.client_id)
    theirs = world.caller(*own, sub=joe.user_id, azp=app.client_id)
    api = world.caller()
    made = mine.post("/device-credentials", KEY)
    assert made.status_code == 201, made.json
    assert list(made.json) == ["id"]
    assert mine.post("/device-credentials", KEY).status_code == 409
    listed = api.get("/device-credentials", user_id=jane.user_id, type="public_key").json
    shown = {name: KEY[name] for name in ("device_name", "device_id", "type")}
    assert listed == [{**shown, "id": made.json["id"], "user_id": jane.user_id, "client_id": app.client_id}]
    path = f"/device-credentials/{made.json['id']}"
    assert theirs.delete(path).status_code == 204
    assert len(api.get("/device-credentials", type="public_key").json) == 1
    assert mine.delete(path).status_code == 204
    assert api.get("/device-credentials", type="public_key").json == []


def test_a_machine_has_no_device_and_keys_go_with_their_user(world: World) -> None:
    jane, app, api = world.user(), world.client(), world.caller()
    assert api.post("/device-credentials", KEY).status_code == 403
    mine = world.caller("create:current_user_device_credentials", sub=jane.user_id, azp=app.client_id)
    assert mine.post("/device-credentials", {**KEY, "client_id": "nobody"}).status_code == 400
    assert mine.post("/device-credentials", KEY).status_code == 201
    api.delete(f"/users/{jane.user_id.replace('|', '%7C')}")
    assert api.get("/device-credentials", type="public_key").json == []
