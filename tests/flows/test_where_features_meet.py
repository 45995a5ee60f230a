"""Where features that are good alone meet: what one of them takes, the other has to look at, too."""

from __future__ import annotations

import pytest

from idp.applications.clients import client_grants
from idp.protocol.oauth.device import service as devices
from idp.signin.factors import settings_service
from tests.flows.test_device_flow import ask, begin
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.factors import demand, enrol
from tests.world.world import API, Person, World

FACTORS = "openid enroll read:authenticators remove:authenticators"


def optional_factors(world: World) -> None:
    demand(world, "otp")
    with world.writing() as work:
        settings_service.set_policies(work, [])


# ---- which API a request is about
@row("O3")
@pytest.mark.parametrize("by", ["audience", "resource", "default_audience"])
def test_a_password_alone_gives_nobody_who_has_a_factor_the_api_of_factors(world: World, jane: Person, by: str) -> None:
    app = world.client(grant_types=["password"])
    optional_factors(world)
    enrol(world, jane)
    api = f"{world.issuer}mfa/"
    more = {by: api}
    if by == "default_audience":
        world.settings(default_audience=api)
        more = {}
    said = app.token(grant_type="password", username=jane.email, password=jane.password, scope=FACTORS, **more)
    assert (said.status_code, said.get_json().get("error")) == (403, "mfa_required")


@pytest.mark.parametrize("by", ["audience", "resource", "default_audience"])
def test_a_device_of_somebody_elses_is_asked_consent_for_the_api_that_its_token_is_for(
    world: World, browser: Browser, jane: Person, by: str
) -> None:
    world.api()
    tv = world.client("native", grant_types=[devices.GRANT], is_first_party=False)
    world.settings(default_audience=API if by == "default_audience" else "")
    begun = begin(tv, scope="openid read:things nonsense", **({by: API} if by != "default_audience" else {}))
    browser.open("/activate")
    browser.submit(user_code=begun["user_code"])
    browser.submit("device-confirm")
    browser.submit(username=jane.email, password=jane.password)
    assert "nonsense" not in browser.shown.text
    browser.submit("accept")
    assert browser.path == "/device/success"
    said = ask(tv, begun)
    assert said.status_code == 200, said.text
    tokens = said.get_json()
    assert API in tv.claims(tokens["access_token"])["aud"]


def test_a_device_for_the_api_of_factors(world: World, browser: Browser, jane: Person) -> None:
    optional_factors(world)
    enrol(world, jane)
    tv = world.client("native", grant_types=[devices.GRANT])
    world.settings(default_audience=f"{world.issuer}mfa/")
    begun = begin(tv, scope=FACTORS)
    browser.open("/activate")
    browser.submit(user_code=begun["user_code"])
    browser.submit("device-confirm")
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path.startswith("/u/mfa"), browser.path


@row("O3")
@pytest.mark.parametrize("by", ["audience", "resource"])
def test_a_password_alone_gives_nobody_who_has_a_factor_their_own_account(world: World, jane: Person, by: str) -> None:
    app = world.client(grant_types=["password"])
    optional_factors(world)
    api = f"{world.issuer}me/"
    assert world.caller().post("/resource-servers", {"identifier": api}).status_code == 201
    with world.writing() as work:
        client_grants.create(work, app.client_id, api, ["read:me:authentication_methods"], subject_type="user")
    form = {"username": jane.email, "password": jane.password, "scope": "openid read:me:authentication_methods"}
    assert app.token(grant_type="password", **form, **{by: api}).status_code == 200, "whoever has none is not asked"
    enrol(world, jane)
    said = app.token(grant_type="password", **form, **{by: api})
    assert (said.status_code, said.get_json().get("error")) == (403, "mfa_required")
