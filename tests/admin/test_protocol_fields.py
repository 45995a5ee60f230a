"""What protocols know of an application and of the tenant, set on the dashboard (decision 0359)."""

from __future__ import annotations

import json

import pytest
from joserfc.jwk import ECKey

from idp.admin import navigation
from idp.admin.desk.form import fields_of
from idp.applications.clients.schemas import ClientUpdate
from tests.admin.conftest import Desk
from tests.world.world import World

KEY = ECKey.generate_key("P-256")
APPS = "/admin/applications/apps"


def test_every_member_about_signatures_and_encryption_has_a_field() -> None:
    """Whoever adds one to the API is told that the dashboard lacks it."""
    apps = next(each for each in navigation.resources() if each.name == "apps")
    shown = {each.name.partition(".")[0] for tab in apps.tabs for each in fields_of(tab.sections)}
    members = {name for name in ClientUpdate.__struct_fields__ if name.endswith(("_alg", "_enc"))}
    assert len(members) > 12
    assert members - shown == set()


def test_a_security_profile_is_shown_before_it_is_saved(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(f"{APPS}/{app.client_id}/advanced").press("apps-save", compliance_level="fapi2_sp_pkj_dpop")
    desk.press("apps-confirm")
    assert (desk.status, "private_key_jwt" in desk.say("problems")) == (422, True)
    assert "compliance_level" not in world.management().get(f"/clients/{app.client_id}")
    desk.open(f"{APPS}/{app.client_id}/credentials")
    desk.press(
        "apps-save",
        token_endpoint_auth_method="private_key_jwt",
        jwks=json.dumps({"keys": [KEY.as_dict(private=False)]}),
    )
    desk.press("apps-confirm")
    world.change_client(app.client_id, jwt_configuration={"alg": "PS256"})
    desk.open(f"{APPS}/{app.client_id}/advanced").press("apps-save", compliance_level="fapi2_sp_pkj_dpop")
    assert desk.press("apps-confirm").status == 200
    stored = world.management().get(f"/clients/{app.client_id}")
    assert (stored["compliance_level"], stored["token_endpoint_auth_method"]) == (
        "fapi2_sp_pkj_dpop",
        "private_key_jwt",
    )


def test_what_is_encrypted_and_signed_is_set_and_cleared(world: World, desk: Desk) -> None:
    app = world.client()
    there = f"{APPS}/{app.client_id}/advanced"
    desk.open(there).press("apps-save", id_token_encrypted_response_alg="RSA-OAEP")
    assert (desk.status, "jwks" in desk.say("problems")) == (422, True)
    desk.open(there).press(
        "apps-save",
        id_token_encrypted_response_alg="A256KW",
        id_token_encrypted_response_enc="A256GCM",
        userinfo_signed_response_alg="ES256",
        request_uris="https://app.example.test/request",
        par_request_expiry="60",
    )
    assert desk.status == 200
    stored = world.management().get(f"/clients/{app.client_id}")
    assert stored["id_token_encrypted_response_enc"] == "A256GCM"
    assert (stored["userinfo_signed_response_alg"], stored["par_request_expiry"]) == ("ES256", 60)
    desk.open(there)
    desk.press("apps-save", id_token_encrypted_response_alg="", id_token_encrypted_response_enc="")
    assert "id_token_encrypted_response_alg" not in world.management().get(f"/clients/{app.client_id}")


def test_only_signed_requests_keep_their_credentials(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(f"{APPS}/{app.client_id}/advanced").press("apps-save", signed_request_object__required="true")
    assert desk.press("apps-confirm").status == 200
    assert world.management().get(f"/clients/{app.client_id}")["signed_request_object"]["required"] is True


def test_names_of_its_own_are_asked_about(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(f"{APPS}/{app.client_id}/advanced").press("apps-save", subject_type="pairwise")
    assert desk.has("review-title")
    assert world.management().get(f"/clients/{app.client_id}").get("subject_type") is None
    desk.press("apps-confirm")
    assert world.management().get(f"/clients/{app.client_id}")["subject_type"] == "pairwise"


def test_a_value_is_called_by_its_field(world: World, desk: Desk) -> None:
    """``none`` is no way to authenticate where it is one to sign."""
    desk.open(f"{APPS}/{world.client().client_id}/advanced")
    (option,) = desk.one("field-request-object-signing-alg").xpath("./option[@value='none']")
    assert option.text_content() == "Not signed"


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("session_management", "true", True),
        ("require_pushed_authorization_requests", "true", True),
        ("resource_parameter_profile", "audience", "audience"),
    ],
)
def test_protocols_are_switched_for_the_tenant(world: World, desk: Desk, name: str, value: str, stored: object) -> None:
    tab = "sessions" if name == "session_management" else "advanced"
    desk.open(f"/admin/settings/tenant/{tab}").press("tenant-save", **{name: value})
    if desk.has("review-title"):
        desk.press("tenant-confirm")
    assert (desk.status, world.management().get("/tenants/settings")[name]) == (200, stored)


def test_a_certificate_is_named_on_the_dashboard(world: World, desk: Desk) -> None:
    app = world.client("m2m")
    there = f"{APPS}/{app.client_id}/credentials"
    desk.open(there).press("apps-save", token_endpoint_auth_method="tls_client_auth")
    desk.press("apps-confirm")
    assert (desk.status, "tls_client_auth_subject_dn" in desk.say("problems")) == (422, True)
    named = {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "billing.example.test"}
    desk.open(there).press("apps-save", **named)
    assert desk.press("apps-confirm").status == 200
    stored = world.management().get(f"/clients/{app.client_id}")
    assert {name: stored[name] for name in named} == named
