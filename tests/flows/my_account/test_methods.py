"""The My Account API: how somebody proves who they are."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import unquote

from idp.signin.factors import service
from tests.security.rows import row
from tests.world.application import Application
from tests.world.factors import code_of, enrol, sent_code
from tests.world.fixtures import Clock, on_both_stores
from tests.world.own_account import ALL, METHODS, Me, sign_in
from tests.world.passkeys import authenticator, show
from tests.world.world import PASSWORD, Person, World

NUMBER = "+491711234567"


@on_both_stores
def test_acceptance_3_an_app_a_code_and_addresses(world: World, app: Application, jane: Person, clock: Clock) -> None:
    me = Me(world, sign_in(app, jane).access_token)
    assert {"type": "totp", "usage": ["secondary"]} in me.get("/factors")["factors"]
    assert me("POST", METHODS, {"type": "email", "email": "x@example.com"}).status_code == 403  # beside another alone
    begun = me.begin("totp")
    assert unquote(begun["at"]) == begun["id"]
    assert begun["barcode_uri"].startswith("otpauth://totp/")
    seed = begun["manual_input_code"]
    assert not me.get(f"{METHODS}/{begun['at']}")["confirmed"]
    made = me.verify(begun, otp_code=code_of(seed))
    assert made.status_code == 201, made.text
    assert (made.json["type"], made.json["confirmed"], made.json["usage"]) == ("totp", True, ["secondary"])
    assert seed not in made.text
    assert world.mails(jane.email)
    clock.forward(seconds=60)
    assert me("POST", METHODS, {"type": "phone", "phone_number": NUMBER}).status_code == 403  # a factor is asked first
    me = Me(world, sign_in(app, jane, seed=seed).access_token)
    changed = me("PATCH", f"{METHODS}/{begun['at']}", {"name": "My phone"})
    assert changed.json["name"] == "My phone"
    phone = me.begin("phone", phone_number="+49 171 1234567")
    assert me.verify(phone, otp_code=sent_code(world, NUMBER)).json["phone_number"] == NUMBER
    mail = me.begin("email", email="second@example.com")
    assert me.verify(mail, otp_code=sent_code(world, "second@example.com")).json["email"] == "second@example.com"
    code = me.begin("recovery-code")
    assert len(code["recovery_code"]) == 24
    assert me.verify(code).status_code == 201
    assert me.types().count("recovery-code") == 1
    assert set(me.types()) == {"password", "totp", "phone", "email", "recovery-code"}
    assert me("GET", f"{METHODS}?type=email").json["authentication_methods"][0]["id"] == mail["id"]
    for each in (mail, phone):
        assert me("DELETE", f"{METHODS}/{each['at']}").status_code == 204
    assert me("DELETE", f"{METHODS}/{mail['at']}").status_code == 404
    assert set(me.types()) == {"password", "totp", "recovery-code"}


def test_acceptance_3_a_passkey(world: World, app: Application, me: Me) -> None:
    device = authenticator(world)
    begun = me.begin("passkey")
    assert (begun["at"], "id" in begun) == ("passkey%7Cnew", False)
    options = begun["authn_params_public_key"]
    assert set(options) >= {"challenge", "rp", "user", "pubKeyCredParams", "authenticatorSelection", "timeout"}
    made = me.verify(begun, authn_response=json.loads(device.create(options)))
    assert made.status_code == 201, made.text
    assert (made.json["type"], made.json["usage"]) == ("passkey", ["primary", "secondary"])
    assert made.json["credential_device_type"] in {"single_device", "multi_device"}
    assert me.verify(begun, authn_response=json.loads(device.create(options))).status_code == 400
    assert me("POST", METHODS, {"type": "totp"}).status_code == 403  # by a password alone, of somebody with a passkey
    assert made.json["id"] in [each["id"] for each in me.get(METHODS)["authentication_methods"]]
    there = f"{METHODS}/{made.json['id'].replace('|', '%7C')}"
    assert me("DELETE", there).status_code == 403, "a password alone takes none away"
    browser = world.browser()
    attempt = app.begin(browser, audience=f"{world.issuer}me/", scope=f"openid {' '.join(ALL)}")
    show(browser, device, device.passkeys[0])
    mine = Me(world, attempt.tokens(browser.answer).access_token)
    assert mine("PATCH", there, {"name": "My telephone"}).json["name"] == "My telephone"
    assert mine.get(f"{METHODS}?type=passkey")["authentication_methods"][0]["name"] == "My telephone"
    assert mine("DELETE", there).status_code == 204
    assert mine.types() == ["password"]


def test_acceptance_3_a_password(world: World, app: Application, jane: Person, me: Me) -> None:
    (listed,) = [each for each in me.get(METHODS)["authentication_methods"] if each["type"] == "password"]
    begun = me.begin("password")
    assert begun["id"] == listed["id"]
    assert begun["policy"]["complexity"]["min_length"] == 8
    weak = me.verify(begun, new_password="short")
    assert (weak.status_code, weak.json["validation_errors"][0]["source"]) == (400, "body")
    assert me.verify(begun, new_password="Another-Pass-77").status_code == 201
    assert sign_in(app, replace(jane, password="Another-Pass-77")).access_token
    browser = world.browser()
    app.begin(browser)
    browser.submit(username=jane.email, password=PASSWORD)
    assert browser.left_for is None
    again = Me(world, sign_in(app, replace(jane, password="Another-Pass-77")).access_token)
    assert again("DELETE", f"{METHODS}/{begun['at']}").status_code == 409


@row("O3")
def test_acceptance_4_nothing_of_anybody_else(world: World, app: Application, me: Me, jane: Person) -> None:
    seed = enrol(world, world.user("other@example.com"))
    other = Me(world, sign_in(app, Person("", "other@example.com", PASSWORD, ""), seed=seed).access_token)
    theirs = other.get(f"{METHODS}?type=totp")["authentication_methods"][0]["id"].replace("|", "%7C")
    for method, body in (("GET", None), ("PATCH", {"name": "Mine"}), ("DELETE", None)):
        assert me(method, f"{METHODS}/{theirs}", body).status_code == 404
    begun = me.begin("totp")
    session = {"auth_session": begun["auth_session"], "otp_code": code_of(begun["manual_input_code"])}
    assert other("POST", f"{METHODS}/{begun['at']}/verify", session).status_code == 400
    assert me("POST", f"{METHODS}/{theirs}/verify", session).status_code == 404


def test_acceptance_4_wrong_codes_and_old_sessions(world: World, me: Me, clock: Clock) -> None:
    begun = me.begin("totp")
    seed = begun["manual_input_code"]
    wrong = me.verify(begun, otp_code=code_of(seed, steps=9))
    assert (wrong.status_code, wrong.json["type"]) == (400, "urn:gatehouse:error:invalid_otp_code")
    assert not me.get(f"{METHODS}/{begun['at']}")["confirmed"]
    assert me.verify({**begun, "auth_session": "nonsense"}, otp_code=code_of(seed)).status_code == 400
    clock.forward(seconds=601)
    old = me.verify(begun, otp_code=code_of(seed))
    assert (old.status_code, old.json["type"]) == (400, "urn:gatehouse:error:invalid_auth_session")
    newer = me.begin("totp")
    newest = me.begin("totp")
    assert me.verify(newer, otp_code=code_of(newer["manual_input_code"])).status_code == 400
    assert me.verify(newest, otp_code=code_of(newest["manual_input_code"])).status_code == 201
    assert me.verify(newest, otp_code=code_of(newest["manual_input_code"], steps=1)).status_code == 400


@row("O5")
def test_guesses_are_counted_as_everywhere(me: Me) -> None:
    begun = me.begin("totp")
    for _ in range(10):
        assert me.verify(begun, otp_code="000000").status_code == 400
    answer = me.verify(begun, otp_code=code_of(begun["manual_input_code"]))
    assert (answer.status_code, answer.json["title"]) == (429, "Too Many Requests")
    assert int(answer.headers["Retry-After"]) > 0
    assert "X-RateLimit-Remaining" in answer.headers


@row("O3")
def test_what_a_password_began_is_no_second_factor_beside_a_first(world: World, me: Me, jane: Person) -> None:
    begun = me.begin("totp")
    enrol(world, jane)
    assert me.verify(begun, otp_code=code_of(begun["manual_input_code"])).status_code == 403
    with world.context() as work:
        assert [each.confirmed for each in service.of_user(work, jane.user_id, pending=True)] == [False, True]


@row("O3")
def test_what_a_password_began_is_not_finished_beside_a_factor(
    world: World, app: Application, me: Me, jane: Person
) -> None:
    """Somebody with the password alone began a passkey and another password; the owner set up a factor meanwhile."""
    device, passkey, password = authenticator(world), me.begin("passkey"), me.begin("password")
    enrol(world, jane)
    proof = {"authn_response": json.loads(device.create(passkey["authn_params_public_key"]))}
    for answer in (me.verify(passkey, **proof), me.verify(password, new_password="Another-Pass-77")):
        assert (answer.status_code, answer.json["title"]) == (403, "Step-Up Required")
    with world.context() as work:
        assert [each.type for each in service.of_user(work, jane.user_id, pending=True)] == ["totp"]


def test_nobody_begins_enrolments_without_end(me: Me) -> None:
    for _ in range(60):
        me.begin("password")
    answer = me("POST", METHODS, {"type": "password"})
    assert (answer.status_code, answer.json["title"]) == (429, "Too Many Requests")
