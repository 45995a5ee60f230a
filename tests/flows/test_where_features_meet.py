"""Where features that are good alone meet: what one of them takes, the other has to look at, too."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from idp.applications.clients import client_grants, stored
from idp.applications.clients import service as clients
from idp.foundation.ephemeral import limits, one_time
from idp.foundation.ephemeral.limits import Limit
from idp.foundation.kernel import clock
from idp.protocol.oauth.device import service as devices
from idp.signin.factors import settings_service
from idp.tenant.keys import signer
from tests.flows.test_device_flow import ask, begin
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.client_keys import assertion
from tests.world.factors import demand, enrol
from tests.world.key_sets import KeySetServer, keyed, token
from tests.world.world import API, CALLBACK, Person, World

FACTORS = "openid enroll read:authenticators remove:authenticators"


def optional_factors(world: World) -> None:
    demand(world, "otp")
    with world.writing() as work:
        settings_service.set_policies(work, [])


# ---- which API a request is about
@row("O3")
@pytest.mark.parametrize("by", ["audience", "resource"])
def test_a_password_alone_gives_nobody_who_has_a_factor_the_api_of_factors(world: World, jane: Person, by: str) -> None:
    app = world.client(grant_types=["password"])
    optional_factors(world)
    enrol(world, jane)
    api = f"{world.issuer}mfa/"
    said = app.token(grant_type="password", username=jane.email, password=jane.password, scope=FACTORS, **{by: api})
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
    assert "return to" not in browser.shown.text, "a device is no address"
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
    begun = begin(tv, scope=FACTORS, audience=f"{world.issuer}mfa/")
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


# ---- answers and requests that are signed
def test_no_answer_is_signed_with_a_secret_that_is_too_short(world: World, browser: Browser) -> None:
    """Anybody may ask for an error, and guess the secret from its signature."""
    app = world.client(authorization_signed_response_alg="HS256")
    with world.writing() as work:  # as an earlier release kept it
        row_ = work.rows.lock(clients.get(work, app.client_id))
        row_.secret_sealed = stored.sealed_secret(work, app.client_id, "sixteen letters!")
        work.configuration_changed()
    app.begin(browser, response_mode="jwt")
    answer = parse_qs(urlsplit(str(browser.left_for)).query)["response"][0]
    assert signer.header(answer)["alg"] == "RS256"
    assert signer.unverified(answer)["error"] == "invalid_request"


@row("A12")
def test_a_network_makes_us_fetch_so_many_requests(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REQUESTS_FETCHED", Limit("requests-fetched", 2, 300_000))
    site = KeySetServer()
    try:
        app = world.client(request_uris=[site.url])
        known = f"redirect_uri={CALLBACK}&response_type=code&state=s"
        address = f"/authorize?client_id={app.client_id}&{known}&request_uri={site.url}"
        errors = [parse_qs(urlsplit(world.get(address).headers["Location"]).query)["error"][0] for _ in range(4)]
    finally:
        site.close()
    assert errors == ["invalid_request_object"] * 2 + ["temporarily_unavailable"] * 2
    assert site.asked == 2


@row("E5")
def test_an_assertion_is_remembered_to_its_last_moment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    put = one_time.put
    monkeypatch.setattr(one_time, "put", lambda *a, **named: (kept.append(named["ttl_ms"]), put(*a, **named)))
    app = keyed(world)
    token(app, assertion(app, header={"kid": None}, exp=clock.now() - 29.5))
    assert kept[0] >= 1_000
