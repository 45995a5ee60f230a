"""What was built side by side and met: levels, names, deletions and step-ups at grants that came with others."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest

from idp.foundation.kernel import clock as now
from idp.protocol.oauth.ciba import service as ciba
from idp.protocol.oauth.device import service as devices
from idp.tenant.keys import signer
from tests.flows.test_account_deletion import leave
from tests.flows.test_device_flow import approve
from tests.flows.test_fapi2 import arrive, code_of, error, fapi, post, pushed
from tests.flows.test_token_exchange import ACCESS, BACK, FRONT, LEGACY, exchange, profile, token
from tests.flows.test_token_exchange import GRANT as EXCHANGE
from tests.security.rows import row
from tests.world.backchannel import ask, confirm, hint, link, redeem
from tests.world.browser import Browser
from tests.world.client_keys import key, signed
from tests.world.factors import demand, enrol
from tests.world.holder import Holder
from tests.world.own_account import activated, allow
from tests.world.world import API, Person, World


# ---- FAPI 2.0 at every grant
@row("E4")
def test_a_level_exchanges_no_tokens(world: World, jane: Person) -> None:
    profile(world)
    both = {"allow_any_profile_of_type": ["custom_authentication", "on_behalf_of_token_exchange"]}
    app = fapi(world, token_exchange=both, native_social_login={"apple": {"enabled": True}})
    for kind in (LEGACY, ACCESS, "http://auth0.com/oauth/token-type/apple-authz-code"):
        form = {"grant_type": EXCHANGE, "subject_token": token(world, jane.user_id), "subject_token_type": kind}
        said = post(app, "/oauth/token", proof=Holder(app).proof("POST", "/oauth/token"), audience=API, **form)
        assert said.get_json()["error"] == "unauthorized_client", kind


@row("U1")
def test_proofs_keep_the_levels_algorithms(world: World, browser: Browser, jane: Person) -> None:
    app = fapi(world)
    attempt = app.attempt()
    arrive(app, browser, jane, attempt, pushed(app, attempt))
    form = code_of(app, attempt, browser.answer.code)
    weak = Holder(app, alg="RS256").proof("POST", "/oauth/token")
    assert error(post(app, "/oauth/token", proof=weak, **form)) == "invalid_dpop_proof"
    good = Holder(app).proof("POST", "/oauth/token")
    assert post(app, "/oauth/token", proof=good, **form).status_code == 200


@pytest.mark.parametrize("member", ["userinfo_signed_response_alg", "introspection_signed_response_alg"])
def test_answers_keep_the_levels_algorithms(world: World, member: str) -> None:
    app = fapi(world)
    response = world.management()("PATCH", f"/clients/{app.client_id}", {member: "RS256"})
    assert response.status_code == 400
    assert "compliance_level" in response.get_json()["message"]


def test_an_introspection_is_signed_as_the_level_has_it(world: World) -> None:
    app = fapi(world)
    by = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
    moment = now.now()
    said = {"iss": app.client_id, "sub": app.client_id, "aud": world.issuer, "exp": moment + 60, "iat": moment}
    raw = signed({**said, "jti": secrets.token_urlsafe(9)}, key("ES256"), "ES256", kid=None)
    answer = world.app.test_client().post(
        "/oauth/introspect",
        data={**by, "client_assertion": raw, "token": "x"},
        headers={"Accept": "application/token-introspection+jwt"},
        base_url=world.issuer,
    )
    assert answer.status_code == 200, answer.text
    assert signer.header(answer.text)["alg"] == "PS256"


def test_an_answer_is_signed_as_the_level_has_it(world: World, browser: Browser, jane: Person) -> None:
    app = fapi(world, authorization_signed_response_alg="RS256")
    uri = pushed(app, app.attempt(response_mode="jwt"))
    browser.open(f"/authorize?client_id={app.client_id}&request_uri={uri}", site="cross-site")
    browser.submit(username=jane.email, password=jane.password)
    assert signer.header(browser.answer.params["response"])["alg"] == "PS256"


@row("A12")
def test_who_signs_requests_signs_them_at_the_back_channel_too(world: World, jane: Person) -> None:
    app = fapi(world, "fapi2_ms_pkj_dpop", grant_types=[ciba.GRANT])
    plain = {"scope": "openid", "login_hint": hint(world, jane.user_id)}
    assert error(post(app, "/bc-authorize", **plain)) == "invalid_request"
    moment = now.now()
    about = {"iss": app.client_id, "aud": world.issuer, "iat": moment, "nbf": moment, "exp": moment + 60, **plain}
    raw = signed({**about, "jti": secrets.token_urlsafe(9)}, key("ES256"), "ES256", kid=None)
    assert post(app, "/bc-authorize", request=raw).status_code == 200


# ---- pairwise names
@row("K1")
def test_a_pairwise_client_asks_by_the_name_that_it_knows(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(grant_types=[ciba.GRANT, "authorization_code"], subject_type="pairwise")
    name = app.sign_in(world.browser(), jane).id_claims["sub"]
    assert name != jane.user_id
    begun = ask(app, jane, login_hint=hint(world, name))
    confirm(browser, link(world, jane), jane)
    assert app.claims(redeem(app, begun).get_json()["id_token"])["sub"] == name


@row("K1")
def test_a_pairwise_client_asks_for_nobody_by_an_id(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(grant_types=[ciba.GRANT, "authorization_code"], subject_type="pairwise")
    app.sign_in(browser, jane)
    said = app.call("/bc-authorize", scope="openid", login_hint=hint(world, jane.user_id))
    assert (said.status_code, said.get_json()["error"]) == (400, "unknown_user_id")
    app.begin(browser, prompt="none", claims=json.dumps({"id_token": {"sub": {"value": jane.user_id}}}))
    assert browser.answer.error == "login_required"


@row("K1")
def test_applications_on_peoples_own_machines_are_no_sector(world: World, jane: Person) -> None:
    members = {"subject_type": "pairwise", "callbacks": ["http://127.0.0.1/callback"]}
    one, other = (world.client("native", name=name, **members) for name in ("one", "other"))
    names = [app.sign_in(world.browser(), jane).id_claims["sub"] for app in (one, other, one)]
    assert names[0] == names[2] != names[1]


# ---- an account that is to go
@row("F5")
def test_a_yes_from_before_is_not_fetched_after_the_account_stays(world: World, browser: Browser, jane: Person) -> None:
    world.settings(account_deletion_days=3)
    app = world.client(grant_types=[ciba.GRANT, "authorization_code"])
    tv = world.client("native", grant_types=[devices.GRANT])
    begun, code = ask(app, jane), tv.call("/oauth/device/code", scope="openid").get_json()
    confirm(world.browser(), link(world, jane), jane)
    approve(world.browser(), code, jane)
    leave(browser, jane)
    assert world.caller().delete(f"/users/{jane.user_id}/deletion").status_code < 300
    assert redeem(app, begun).get_json()["error"] == "invalid_grant"
    said = tv.token(grant_type=devices.GRANT, device_code=code["device_code"])
    assert said.get_json()["error"] in {"invalid_grant", "expired_token"}


@row("F5")
def test_what_came_of_a_token_ends_when_that_is_revoked(world: World, browser: Browser, jane: Person) -> None:
    front = world.client("m2m", token_exchange={"allow_any_profile_of_type": ["on_behalf_of_token_exchange"]})
    back = world.client("m2m", name="back")
    world.api(FRONT, client_id=front.client_id)
    world.api(BACK, client_id=back.client_id)
    caller = world.client()
    tokens = caller.sign_in(browser, jane, audience=FRONT, scope="openid read:things")
    got = exchange(front, tokens.access_token, ACCESS, audience=BACK, scope="read:things").get_json()["access_token"]
    assert back.introspect(got)["active"] is True
    assert caller.call("/oauth/revoke", token=tokens.access_token).status_code == 200
    assert back.introspect(got) == {"active": False}


def test_who_is_to_go_is_asked_nothing(world: World, browser: Browser, jane: Person) -> None:
    world.settings(account_deletion_days=3)
    app = world.client(grant_types=[ciba.GRANT])
    leave(browser, jane)
    said = app.call("/bc-authorize", scope="openid", login_hint=hint(world, jane.user_id))
    assert said.get_json()["error"] == "access_denied"
    assert not any("/approve?request=" in mail.text for mail in world.mails(jane.email))


# ---- the person's own account
@row("O3")
def test_nobody_changes_an_account_on_somebodys_behalf(world: World, browser: Browser, jane: Person) -> None:
    """What an application was given once, an API behind it would make fresh again and again."""
    me = activated(world)
    front = world.client("m2m", token_exchange={"allow_any_profile_of_type": ["on_behalf_of_token_exchange"]})
    allow(world, front)
    world.api(FRONT, client_id=front.client_id)
    tokens = world.client().sign_in(browser, jane, audience=FRONT, scope="openid read:things")
    for audience in (me, f"{world.issuer}mfa/", f"{world.issuer}api/v2/"):
        said = exchange(front, tokens.access_token, ACCESS, audience=audience, scope="read:me:factors enroll")
        assert said.get_json()["error"] == "invalid_target", audience


@row("O2")
def test_a_refresh_token_of_another_api_is_no_way_round_the_second_factor(
    world: World, browser: Browser, jane: Person
) -> None:
    demand(world, "otp", policy="")
    me = activated(world)
    app = world.client(refresh_token={"policies": [{"audience": me, "scope": ["read:me:factors"]}]})
    allow(world, app)
    world.api(skip_consent_for_verifiable_first_party_clients=True)
    tokens = app.sign_in(browser, jane, audience=API, scope="openid offline_access read:things")
    assert app.refresh(tokens.refresh_token, audience=me).status_code == 200, "nobody has a factor yet"
    enrol(world, jane)
    said = app.refresh(tokens.refresh_token, audience=me)
    assert (said.status_code, said.get_json()["error"]) == (403, "mfa_required")


# ---- assertions
@pytest.mark.parametrize("addon", ["samlp", "wsfed"])
@pytest.mark.parametrize("members", [{"subject_type": "pairwise"}, {"level": True}])
def test_an_assertion_is_no_way_round_a_name_or_a_level(
    world: World, browser: Browser, addon: str, members: dict[str, Any]
) -> None:
    app = fapi(world, addons={addon: {}}) if "level" in members else world.client(addons={addon: {}}, **members)
    browser.open(f"/{addon}/{app.client_id}")
    assert browser.status == 400
    assert "not available here" in browser.shown.text


# ---- details
@row("F4")
def test_details_that_an_api_offers_no_more_are_in_no_token(world: World, browser: Browser, jane: Person) -> None:
    payment, reading = {"type": "payment"}, {"type": "reading"}
    audience = world.api(authorization_details=[payment, reading])
    app = world.client()
    asked = {"audience": audience, "scope": "openid offline_access read:things"}
    tokens = app.sign_in(browser, jane, authorization_details=json.dumps([payment, reading]), **asked)
    assert tokens.refreshed().access_claims["authorization_details"] == [payment, reading]
    world.change_api(audience, authorization_details=[reading])
    assert tokens.refreshed().access_claims["authorization_details"] == [reading]
    assert tokens.refreshed().raw["authorization_details"] == [reading]
    assert app.introspect(tokens.access_token)["authorization_details"] == [reading]
    assert app.introspect(tokens.refresh_token)["authorization_details"] == [reading]
    world.change_api(audience, authorization_details=[])
    assert "authorization_details" not in tokens.refreshed().access_claims
    assert "authorization_details" not in app.introspect(tokens.access_token)
