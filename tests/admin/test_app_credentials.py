"""Keys and certificates of applications, registered, replaced and removed on the dashboard."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc.jwk import ECKey, RSAKey

from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import World

APPS = "/admin/applications/apps"
KEY, OTHER = RSAKey.generate_key(2048), ECKey.generate_key("P-256")
PEM = KEY.as_pem(private=False).decode()
METHODS, WAY, REQUESTS = "client_authentication_methods", "private_key_jwt", "signed_request_object"


def certificate() -> str:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "orders")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=90))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def tab(client_id: str) -> str:
    return f"{APPS}/{client_id}/credentials"


def registered(world: World, client_id: str) -> list[dict[str, Any]]:
    return list(world.caller().get(f"/clients/{client_id}/credentials").json or [])


def in_force(world: World, client_id: str, way: str = WAY) -> list[str]:
    methods = world.management().get(f"/clients/{client_id}").get(METHODS) or {}
    return [each["id"] for each in (methods.get(way) or {}).get("credentials") or ()]


def test_a_key_is_registered_counts_is_replaced_and_removed(world: World, desk: Desk) -> None:
    client_id = world.client().client_id
    assert desk.open(tab(client_id)).has("no-credentials")
    desk.press("apps-add-credential", name="The first", key=PEM)
    assert "in use" in desk.say("notice")
    (first,) = registered(world, client_id)
    assert (first["name"], first["alg"], first["credential_type"]) == ("The first", "RS256", "public_key")
    assert in_force(world, client_id) == [first["id"]]
    assert "Proves the application" in desk.say("apps-credentials")

    jwk = json.dumps({**OTHER.as_dict(private=False), "kid": "second", "alg": "ES256"})
    desk.press("apps-rotate-1", name="The second", key=jwk, old="both")
    assert "Both are in use" in desk.say("notice")
    second = registered(world, client_id)[1]
    assert (second["kid"], second["alg"]) == ("second", "ES256")
    assert in_force(world, client_id) == [first["id"], second["id"]]

    desk.press(f"credential-1-private_key_jwt-{first['id']}")
    assert in_force(world, client_id) == [second["id"]]
    desk.press("undo")
    assert sorted(in_force(world, client_id)) == sorted([first["id"], second["id"]])
    desk.press(f"credential-1-private_key_jwt-{first['id']}")
    desk.press(f"credential-1-private_key_jwt-{second['id']}")
    assert (desk.status, "the only one" in desk.say("credentials-problem")) == (422, True)

    desk.open(tab(client_id)).follow("apps-remove-1")
    assert desk.say("apps-what") == "The first"
    desk.press("apps-confirm")
    assert [each["id"] for each in registered(world, client_id)] == [second["id"]]
    desk.open(f"{APPS}/{client_id}/history")
    assert METHODS in desk.text


@pytest.mark.parametrize("old", ["none", "both"])
def test_a_key_is_replaced_wherever_it_counts(world: World, desk: Desk, old: str) -> None:
    """One that got out goes on signing requests nowhere, and requests still have to be signed."""
    client_id = world.client().client_id
    desk.open(tab(client_id)).press("apps-add-credential", key=PEM)
    (first,) = registered(world, client_id)
    desk.press(f"credential-2-signed_request_object-{first['id']}")
    world.management().patch(
        f"/clients/{client_id}", {REQUESTS: {"required": True, "credentials": [{"id": first["id"]}]}}
    )
    desk.open(tab(client_id)).press("apps-rotate-1", key=OTHER.as_pem(private=False).decode(), old=old)
    assert desk.status == 200, desk.text
    second = registered(world, client_id)[1]
    assert len(registered(world, client_id)) == 2, "one key, though it counts twice"
    counting = [first["id"], second["id"]] if old == "both" else [second["id"]]
    assert in_force(world, client_id) == counting
    requests = world.management().get(f"/clients/{client_id}")[REQUESTS]
    assert ([each["id"] for each in requests["credentials"]], requests["required"]) == (counting, True)


def test_line_23_a_key_lasts_longer_by_a_fresh_sign_in_alone(world: World, desk: Desk, clock: Clock) -> None:
    client_id = world.client().client_id
    desk.open(tab(client_id)).press("apps-add-credential", key=PEM, expires_at="2031-01-01T00:00:00Z")
    (before,) = registered(world, client_id)
    clock.forward(minutes=6)
    desk.press("apps-expire-1", expires_at="")
    assert desk.browser.path == "/u/login"
    assert registered(world, client_id) == [before]


def test_a_certificate_and_a_name_count_for_mtls(world: World, desk: Desk) -> None:
    client_id = world.client().client_id
    desk.open(tab(client_id)).press("apps-add-credential", credential_type="x509_cert", key=certificate())
    (made,) = registered(world, client_id)
    assert in_force(world, client_id, "self_signed_tls_client_auth") == [made["id"]]
    assert made["expires_at"], "its end is that of the certificate"
    desk.press("apps-expire-1", expires_at="2027-01-01T00:00:00Z")
    assert registered(world, client_id)[0]["expires_at"].startswith("2027-01-01")
    desk.press("apps-expire-1", expires_at="tomorrow")
    assert (desk.status, desk.has("credentials-problem")) == (422, True)
    desk.open(tab(client_id)).press(
        "apps-add-credential", credential_type="cert_subject_dn", key="CN=orders, O=Acme", use="later"
    )
    assert "not in use yet" in desk.say("notice")
    assert in_force(world, client_id, "tls_client_auth") == []
    desk.press(f"credential-1-tls_client_auth-{registered(world, client_id)[1]['id']}")
    assert in_force(world, client_id, "tls_client_auth") == [registered(world, client_id)[1]["id"]]
    assert in_force(world, client_id, "self_signed_tls_client_auth") == [], "an application has one way"


def test_line_6_what_is_no_public_key_is_refused_where_it_was_typed(world: World, desk: Desk) -> None:
    client_id = world.client().client_id
    private = KEY.as_pem(private=True).decode()
    for typed, said in (
        ("no key", "can't be read"),
        ("", "Missing required property: pem"),
        (private, "private key"),
        (json.dumps(OTHER.as_dict(private=True)), "private key"),
        ('{"kty": "EC"', "JSON"),
        ('{"kty": "EC", "crv": "P-256"}', "can’t be read"),
        (json.dumps({"keys": [OTHER.as_dict(private=False)] * 2}), "One key"),
        ('{"kty": "oct", "k": "c2VjcmV0"}', "private key"),
    ):
        desk.open(tab(client_id)).press("apps-add-credential", name="Mine", key=typed)
        assert (desk.status, said in desk.say("new-problem")) == (422, True), (typed, desk.say("new-problem"))
        assert desk.one("new-name").get("value") == "Mine"
        assert desk.one("new-key").text_content().strip() == ("" if "private" in said else typed), "shown to nobody"
    assert registered(world, client_id) == []
    assert "PRIVATE" not in str([each.rest for each in world.logs("fapi")])


def test_lines_8_and_23_a_key_is_registered_by_a_fresh_sign_in_and_stays_typed(
    world: World, desk: Desk, clock: Clock
) -> None:
    client_id = world.client().client_id
    desk.open(tab(client_id))
    clock.forward(minutes=6)
    desk.press("apps-add-credential", name="Mine", key=PEM)
    assert desk.browser.path == "/u/login"
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert (desk.one("new-name").get("value"), registered(world, client_id)) == ("Mine", [])
    assert "BEGIN PUBLIC KEY" in desk.one("new-key").text_content()
    desk.press("apps-add-credential")
    assert len(registered(world, client_id)) == 1


def test_line_7_a_change_meanwhile_is_not_lost(world: World, desk: Desk) -> None:
    client_id = world.client().client_id
    desk.open(tab(client_id)).press("apps-add-credential", key=PEM)
    for number in range(9):
        key = ECKey.generate_key("P-256").as_pem(private=False).decode()
        body = {"credential_type": "public_key", "pem": key, "name": f"n{number}"}
        assert world.caller().post(f"/clients/{client_id}/credentials", body).status_code == 201
    desk.open(tab(client_id))
    assert (desk.has("apps-add-credential"), "10 at most" in desk.text) == (False, True)


def test_lines_18_and_19_who_may_not_change_keys_sees_no_control(world: World, browser: Browser, hire: Hire) -> None:
    mine, other = world.client().client_id, world.client().client_id
    vera = Desk(world, enter(browser, hire("vera@example.com", "Viewer - Config"), tab(mine)))
    assert (vera.status, vera.has("apps-add-credential")) == (200, False)
    token = {"csrf": str(vera.tree.xpath("//input[@name='csrf']/@value")[0]), "credential_type": "public_key"}
    vera.browser.open(f"{APPS}/{mine}/add-credential", site="same-origin", method="POST", form={**token, "key": PEM})
    assert (vera.status, registered(world, mine)) == (403, [])
    editor = hire("ed@example.com", "Editor - Specific Apps", client_ids=(mine,))
    theirs = Desk(world, enter(world.browser(), editor, tab(mine)))
    assert theirs.status == 200
    assert theirs.open(tab(other)).status in {403, 404}
