"""What ``idp dev --conformance`` prepares is what the conformance suite asks for (docs/conformance.md)."""

from __future__ import annotations

import json
from pathlib import Path

from idp.operations.dev import conformance
from tests.world.application import Application
from tests.world.registration import discovery, register
from tests.world.world import Person, World

STANDARD = {
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "address",
}


def test_everything_is_prepared_and_a_second_start_finds_it(world: World, tmp_path: Path) -> None:
    for _ in range(2):
        with world.platform.work(world.tenant, orm=True) as work:
            written = conformance.prepare(work, tmp_path)
    assert {path.stem for path in written} == {
        "oidc",
        "oidc-dynamic",
        conformance.SIGNALS,
        conformance.FEDERATION,
        *conformance.PROFILES,
        *conformance.ASKING,
    }
    assert all(path.stat().st_mode & 0o077 == 0 for path in written)
    files = {path.stem: json.loads(path.read_text()) for path in written}
    found = discovery(world)
    assert files["oidc"]["server"]["discoveryUrl"] == f"{world.issuer}.well-known/openid-configuration"
    assert {"registration_endpoint", "check_session_iframe", "pushed_authorization_request_endpoint"} <= found.keys()
    assert {"code id_token", "id_token token"} <= set(found["response_types_supported"])
    assert "pairwise" in found["subject_types_supported"]
    assert len(json.dumps(found)) < 8_192
    assert register(world).status_code == 201
    hears = files[conformance.SIGNALS]["client"]
    receiver = Application(world, hears["client_id"], hears["client_secret"], "", "client_secret_basic")
    granted = receiver.token(grant_type="client_credentials", scope=hears["scope"])
    assert granted.status_code == 200, granted.text
    issuer = files[conformance.SIGNALS]["ssf"]["transmitter"]["issuer"]
    assert world.get("/.well-known/ssf-configuration").get_json()["issuer"] == issuer
    names = [each["name"] for each in world.management().get("/clients?per_page=100")]
    assert len(names) == len(set(names))


def test_its_person_has_every_claim(world: World, tmp_path: Path) -> None:
    with world.platform.work(world.tenant, orm=True) as work:
        conformance.prepare(work, tmp_path)
    client = json.loads((tmp_path / "oidc.json").read_text())["client"]
    callback = f"{conformance.SUITE}/test/a/{conformance.ALIAS}/callback"
    app = Application(world, client["client_id"], client["client_secret"], callback, "client_secret_basic")
    person = Person("", conformance.EMAIL, conformance.PASSWORD, "")
    tokens = app.sign_in(world.browser(), person, scope="openid profile email address phone")
    told = tokens.userinfo().get_json()
    assert sorted(STANDARD - told.keys()) == []
    assert isinstance(told["updated_at"], int)
    assert (told["email_verified"], told["phone_number_verified"]) == (True, True)
    assert all(told["address"].values())
    others = told.keys() - {"updated_at", "email_verified", "phone_number_verified", "address"}
    assert all(isinstance(told[name], str) and told[name] for name in others)
    assert not {"email", "name"} & tokens.id_claims.keys()
