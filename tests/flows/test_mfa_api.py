"""The MFA API for applications with pages of their own (login-factors.md, acceptance 24; security.md O2, O3, O7)."""

from __future__ import annotations

from typing import Any

import pytest

from idp.signin.factors import service, settings_service
from idp.signin.factors.policy import ACR
from tests.security.rows import row
from tests.world.factors import code_of, demand, enrol, sent_code
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import Application, Person, World

MFA = "http://auth0.com/oauth/grant-type/mfa-"
GRANTS = ["password", *(f"{MFA}{name}" for name in ("otp", "oob", "recovery-code"))]
NUMBER = "+491711234567"


@pytest.fixture
def app(world: World) -> Application:
    demand(world, "otp", "sms", "email")
    return world.client(grant_types=GRANTS)


def refused(app: Application, person: Person, **more: str) -> dict[str, Any]:
    """The answer to a password, which does not suffice."""
    answer = app.token(grant_type="password", username=person.email, password=person.password, **more)
    assert answer.status_code == 403, answer.get_data(as_text=True)
    body: dict[str, Any] = answer.get_json()
    assert (body["error"], body["error_description"]) == ("mfa_required", "Multifactor authentication required")
    return body


def post(app: Application, path: str, token: str, **body: Any) -> Any:
    sent = {"client_id": app.client_id, "client_secret": app.secret, **body}
    return app.world.send("POST", path, json=sent, headers={"Authorization": f"Bearer {token}"})


def exchange(app: Application, how: str, token: str, **form: str) -> Any:
    return app.token(grant_type=MFA + how, mfa_token=token, **form)


@on_both_stores
def test_an_app_is_associated_and_proven(world: World, app: Application, jane: Person, clock: Clock) -> None:
    body = refused(app, jane, scope="openid")
    assert {"type": "otp"} in body["mfa_requirements"]["enroll"]
    token = body["mfa_token"]
    assert post(app, "/mfa/challenge", token, challenge_type="otp oob").get_json()["error"] == "association_required"
    made = post(app, "/mfa/associate", token, authenticator_types=["otp"]).get_json()
    assert made["authenticator_type"] == "otp"
    assert made["barcode_uri"].startswith("otpauth://totp/")
    (recovery,) = made["recovery_codes"]
    assert len(recovery) == 24
    listed = world.get("/mfa/authenticators", headers={"Authorization": f"Bearer {token}"}).get_json()
    assert [(each["authenticator_type"], each["active"]) for each in listed] == [("otp", False)]
    answer = exchange(app, "otp", token, otp=code_of(made["secret"]))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    claims = app.claims(answer.get_json()["id_token"])
    assert (claims["sub"], claims["acr"], claims["amr"]) == (jane.user_id, ACR, ["pwd", "mfa", "otp"])
    clock.forward(seconds=60)
    again = refused(app, jane)
    assert {"type": "otp"} in again["mfa_requirements"]["challenge"]
    assert "enroll" not in again["mfa_requirements"]
    challenge = post(app, "/mfa/challenge", again["mfa_token"], challenge_type="otp")
    assert challenge.get_json() == {"challenge_type": "otp"}
    assert exchange(app, "otp", again["mfa_token"], otp=code_of(made["secret"])).status_code == 200
    used = exchange(app, "otp", again["mfa_token"], otp=code_of(made["secret"], steps=1))
    assert used.get_json()["error"] in {"expired_token", "invalid_token"}
    third = refused(app, jane)["mfa_token"]
    answer = exchange(app, "recovery-code", third, recovery_code=recovery)
    assert len(answer.get_json()["recovery_code"]) == 24


def test_a_phone_is_associated_and_proven(world: World, app: Application, jane: Person, clock: Clock) -> None:
    token = refused(app, jane)["mfa_token"]
    wrong = post(app, "/mfa/associate", token, authenticator_types=["oob"], oob_channels=["sms"], phone_number="12")
    assert wrong.get_json()["error"] == "invalid_phone_number"
    made = post(app, "/mfa/associate", token, authenticator_types=["oob"], oob_channels=["sms"], phone_number=NUMBER)
    body = made.get_json()
    assert (body["authenticator_type"], body["oob_channel"], body["binding_method"]) == ("oob", "sms", "prompt")
    bad = exchange(app, "oob", token, oob_code=body["oob_code"], binding_code="000000")
    assert bad.get_json()["error"] == "invalid_grant"
    answer = exchange(app, "oob", token, oob_code=body["oob_code"], binding_code=sent_code(world, NUMBER))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    clock.forward(seconds=60)
    token = refused(app, jane)["mfa_token"]
    sent = post(app, "/mfa/challenge", token, challenge_type="oob").get_json()
    assert sent["challenge_type"] == "oob"
    assert (
        exchange(app, "oob", token, oob_code=sent["oob_code"], binding_code=sent_code(world, NUMBER)).status_code == 200
    )


def test_mail_is_another_way_for_somebody_who_has_a_factor(world: World, app: Application, jane: Person) -> None:
    enrol(world, jane)
    token = refused(app, jane)["mfa_token"]
    found = refused(app, jane)["mfa_requirements"]["challenge"]
    assert found == [{"type": "otp"}, {"type": "email"}]
    listed = world.get("/mfa/authenticators", headers={"Authorization": f"Bearer {token}"}).get_json()
    (mail,) = [each for each in listed if each["type"] == "email"]
    assert (mail["authenticator_type"], mail["oob_channel"], mail["active"]) == ("oob", "email", True)
    sent = post(app, "/mfa/challenge", token, challenge_type="oob", authenticator_id=mail["id"]).get_json()
    code = sent_code(world, jane.email)
    assert exchange(app, "oob", token, oob_code=sent["oob_code"], binding_code=code).status_code == 200


@row("O7")
def test_a_token_is_one_clients_and_one_persons(world: World, app: Application, jane: Person) -> None:
    seed, other = enrol(world, jane), world.user("other@example.com")
    theirs = enrol(world, other)
    token = refused(app, jane)["mfa_token"]
    foreign = world.client(grant_types=GRANTS)
    assert exchange(foreign, "otp", token, otp=code_of(seed)).status_code == 401
    assert post(foreign, "/mfa/challenge", token, challenge_type="otp").status_code == 401
    assert exchange(app, "otp", token, otp=code_of(theirs)).status_code == 400
    sent = refused(app, other)["mfa_token"]
    assert exchange(app, "oob", token, oob_code=sent, binding_code="1").get_json()["error"] == "invalid_grant"
    assert exchange(app, "otp", token, otp=code_of(seed)).status_code == 200


@row("O2")
def test_a_token_of_it_is_no_access_token(world: World, app: Application, jane: Person) -> None:
    token = refused(app, jane)["mfa_token"]
    assert app.userinfo(token).status_code == 401
    assert world.get("/api/v2/users", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert world.get("/mfa/authenticators", headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_nobody_associates_by_a_password_who_has_a_factor(world: World, app: Application, jane: Person) -> None:
    enrol(world, jane)
    token = refused(app, jane)["mfa_token"]
    answer = post(app, "/mfa/associate", token, authenticator_types=["otp"])
    assert (answer.status_code, answer.get_json()["error"]) == (403, "access_denied")


@row("O3")
def test_what_was_begun_by_a_password_is_not_finished_once_the_owner_has_a_factor(
    world: World, app: Application, jane: Person
) -> None:
    token = refused(app, jane)["mfa_token"]
    made = post(app, "/mfa/associate", token, authenticator_types=["otp"]).get_json()
    enrol(world, jane)
    answer = exchange(app, "otp", token, otp=code_of(made["secret"]))
    assert (answer.status_code, answer.get_json()["error"]) == (403, "access_denied")


@row("O3")
@pytest.mark.parametrize("what", ["password", "block", "deletion"])
def test_what_was_begun_ends_with_the_password_the_block_and_the_person(
    world: World, app: Application, jane: Person, what: str
) -> None:
    """Whoever knew the old password sets no factor of their own up in the minutes after it."""
    token = refused(app, jane)["mfa_token"]
    made = post(app, "/mfa/associate", token, authenticator_types=["otp"]).get_json()
    api, path = world.caller(), f"/users/{jane.user_id}"
    if what == "deletion":
        assert api.delete(path).status_code == 204
    else:
        assert api.patch(path, {"password": "another 9 Battery"} if what == "password" else {"blocked": True}).json
    told = "invalid_token" if what == "deletion" else "expired_token"
    again = post(app, "/mfa/associate", token, authenticator_types=["otp"])
    assert (again.status_code, again.get_json()["error"]) == (401, told)
    answer = exchange(app, "otp", token, otp=code_of(made["secret"]))
    assert (answer.status_code, answer.get_json()["error"]) == (401, told)
    with world.context() as work:
        assert service.of_user(work, jane.user_id) == []


def test_a_token_is_good_for_ten_minutes(world: World, app: Application, jane: Person, clock: Clock) -> None:
    seed = enrol(world, jane)
    token = refused(app, jane)["mfa_token"]
    clock.forward(seconds=601)
    answer = exchange(app, "otp", token, otp=code_of(seed))
    assert (answer.status_code, answer.get_json()["error"]) == (401, "expired_token")


def test_the_grants_are_off_unless_the_client_has_them(world: World, app: Application, jane: Person) -> None:
    seed = enrol(world, jane)
    plain = world.client(grant_types=["password"])
    token = refused(plain, jane)["mfa_token"]
    assert exchange(plain, "otp", token, otp=code_of(seed)).get_json()["error"] == "unauthorized_client"
    assert post(plain, "/mfa/challenge", token, challenge_type="otp").get_json()["error"] == "unauthorized_client"


def test_without_a_policy_a_password_suffices(world: World, jane: Person) -> None:
    demand(world, policy="")
    enrol(world, jane)
    app = world.client(grant_types=GRANTS)
    answer = app.token(grant_type="password", username=jane.email, password=jane.password)
    assert answer.status_code == 200


def test_of_two_exchanges_of_one_token_one_wins(world: World, app: Application, jane: Person) -> None:
    first = enrol(world, jane)
    with world.writing() as work:
        code = service.new_recovery_code(work, jane.user_id)
    token = refused(app, jane)["mfa_token"]
    assert exchange(app, "otp", token, otp=code_of(first)).status_code == 200
    assert exchange(app, "recovery-code", token, recovery_code=code).status_code == 401


# ---- access tokens of the API of factors
SCOPES = "openid enroll read:authenticators remove:authenticators"


def audience(world: World) -> str:
    return f"{world.issuer}mfa/"


def by_password(app: Application, person: Person, scope: str = SCOPES, **more: str) -> Any:
    form = {"audience": audience(app.world), "scope": scope, **more}
    return app.token(grant_type="password", username=person.email, password=person.password, **form)


@on_both_stores
def test_login_factors_acceptance_17_the_api_of_factors_wants_a_factor(
    world: World, app: Application, jane: Person, clock: Clock
) -> None:
    """Step-up whatever the policy is: a password is not enough for whoever has a factor."""
    with world.writing() as work:
        settings_service.set_policies(work, [])
    seed = enrol(world, jane)
    assert by_password(app, jane, audience="").status_code == 200
    refusal = by_password(app, jane)
    assert refusal.get_json()["error"] == "mfa_required"
    answer = exchange(app, "otp", refusal.get_json()["mfa_token"], otp=code_of(seed)).get_json()
    assert set(answer["scope"].split()) == set(SCOPES.split())
    assert "refresh_token" not in answer
    token = answer["access_token"]
    authorized = {"Authorization": f"Bearer {token}"}
    listed = world.get("/mfa/authenticators", headers=authorized).get_json()
    assert [each["authenticator_type"] for each in listed] == ["otp"]
    clock.forward(seconds=60)
    made = post(app, "/mfa/associate", token, authenticator_types=["oob"], oob_channels=["sms"], phone_number=NUMBER)
    assert made.status_code == 200, made.get_data(as_text=True)
    done = exchange(
        app, "oob", token, oob_code=made.get_json()["oob_code"], binding_code=sent_code(world, NUMBER)
    ).get_json()
    assert app.claims(done["id_token"])["amr"] == ["pwd", "mfa", "otp", "sms"]
    again = {"Authorization": f"Bearer {done['access_token']}"}
    listed = world.get("/mfa/authenticators", headers=again).get_json()
    assert {each["authenticator_type"] for each in listed} >= {"otp", "oob"}
    phone = next(each["id"] for each in listed if each["authenticator_type"] == "oob")
    assert world.send("DELETE", f"/mfa/authenticators/{phone}", headers=again).status_code == 204
    assert world.send("DELETE", f"/mfa/authenticators/{phone}", headers=again).status_code == 404
    assert len(world.mails(jane.email)) >= 2, "each change is told"
    clock.forward(seconds=601)
    assert world.get("/mfa/authenticators", headers=again).status_code == 401, "ten minutes"


@row("O3")
def test_a_token_without_a_factor_changes_nothing_of_whoever_has_one(
    world: World, app: Application, jane: Person
) -> None:
    with world.writing() as work:
        for name in ("otp", "sms"):
            settings_service.switch(work, name, enabled=False)
        settings_service.set_policies(work, [])
    token = by_password(app, jane).get_json()["access_token"]
    authorized = {"Authorization": f"Bearer {token}"}
    assert world.get("/mfa/authenticators", headers=authorized).get_json() == []
    demand(world, "otp", policy="")
    made = post(app, "/mfa/associate", token, authenticator_types=["otp"])
    assert made.status_code == 200, "whoever has none sets their first up"
    with world.writing() as work:
        service.add(work, jane.user_id, [service.New(type="phone", phone_number=NUMBER)])
    for answer in (
        world.get("/mfa/authenticators", headers=authorized),
        world.send("DELETE", "/mfa/authenticators/anything", headers=authorized),
        post(app, "/mfa/associate", token, authenticator_types=["otp"]),
        exchange(app, "otp", token, otp=code_of(made.get_json()["secret"])),
    ):
        assert answer.status_code == 403, answer.get_data(as_text=True)


@row("O2", "O7")
def test_tokens_that_are_not_for_the_api_of_factors(world: World, app: Application, jane: Person) -> None:
    enrol(world, jane)
    pending = refused(app, jane)["mfa_token"]
    gone = world.send("DELETE", "/mfa/authenticators/x", headers={"Authorization": f"Bearer {pending}"})
    assert gone.status_code == 401, "an mfa_token removes nothing"
    with world.writing() as work:
        settings_service.set_policies(work, [])
    other = app.token(
        grant_type="password",
        username=jane.email,
        password=jane.password,
        audience=world.api(),
        scope="openid",
    ).get_json()["access_token"]
    for token in (other, "", "a.b.c", "x" * 9_000):
        assert world.get("/mfa/authenticators", headers={"Authorization": f"Bearer {token}"}).status_code == 401
        assert post(app, "/mfa/associate", token, authenticator_types=["otp"]).status_code == 401
    third = world.client(grant_types=["authorization_code"], is_first_party=False)
    browser = world.browser()
    third.begin(browser, audience=audience(world), scope=SCOPES)
    assert browser.answer.params["error"] == "access_denied", "applications of others are given none"


def test_one_scope_each(world: World, app: Application, jane: Person) -> None:
    seed = enrol(world, jane)
    refusal = by_password(app, jane, "read:authenticators").get_json()["mfa_token"]
    token = exchange(app, "otp", refusal, otp=code_of(seed)).get_json()["access_token"]
    authorized = {"Authorization": f"Bearer {token}"}
    assert world.get("/mfa/authenticators", headers=authorized).status_code == 200
    assert world.send("DELETE", "/mfa/authenticators/x", headers=authorized).status_code == 403
    assert post(app, "/mfa/associate", token, authenticator_types=["otp"]).status_code == 403
