"""SAML and WS-Federation of an application in the dashboard: on and off, every option, what to enter there, and what
would be found wrong at the first sign-in (docs/saml-applications.md; spec/dashboard.md, "applications/sso").
"""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from idp.foundation.web.i18n import EVERYWHERE
from idp.protocol.saml.settings import MAPPINGS, SamlSettings
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.application import Application
from tests.world.fixtures import Clock
from tests.world.world import World

APPS = "/admin/applications/apps"


def of(app: Application, tab: str = "saml") -> str:
    return f"{APPS}/{app.client_id}/{tab}"


def addons(world: World, app: Application) -> dict[str, Any]:
    return dict(world.management().get(f"/clients/{app.client_id}").get("addons") or {})


def test_it_is_switched_on_and_says_what_to_enter(world: World, desk: Desk) -> None:
    app = world.client()
    assert desk.open(of(app)).has("apps-saml-none")
    desk.press("apps-saml-on")
    assert "SAML is on" in desk.say("notice")
    assert addons(world, app) == {"samlp": {}}
    told = desk.say("apps-sso-told")
    for address in (
        f"samlp/{app.client_id}",
        f"samlp/{app.client_id}/logout",
        f"samlp/metadata/{app.client_id}",
        "urn:",
    ):
        assert address in told
    document = desk.one("apps-sso-metadata").get("href")
    certificate = "".join(desk.say("apps-sso-certificate").split()[2:-2])
    answer = world.app.test_client().get(document, base_url=world.issuer)
    metadata = etree.fromstring(answer.get_data())
    assert certificate[:60] in "".join("".join(metadata.itertext()).split()), "the certificate is the metadata's"
    shown = desk.fields("apps-save")
    assert shown["addons.samlp.lifetimeInSeconds"] == "3600", "what counts stands in the form"
    assert shown["addons.samlp.mapIdentities"] == "true"
    desk.press("apps-save")
    assert addons(world, app) == {"samlp": {}}, "and is not written down by looking at it"


def test_line_10_every_option_is_saved_after_a_look_at_what_changes(world: World, desk: Desk) -> None:
    app = world.client(addons={"samlp": {"own": "kept"}})
    desk.open(of(app)).press(
        "apps-save",
        without=("addons.samlp.mapIdentities",),
        addons__samlp__audience="urn:their-app",
        addons__samlp__lifetimeInSeconds="60",
        addons__samlp__signResponse="true",
        addons__samlp__signatureAlgorithm="rsa-sha1",
        addons__samlp__nameIdentifierProbes="email",
    )
    assert (desk.status, desk.has("review-title")) == (422, True), (
        "whom assertions are for is shown, old and new, first"
    )
    desk.press("apps-confirm")
    assert addons(world, app)["samlp"] == {
        "own": "kept",
        "audience": "urn:their-app",
        "lifetimeInSeconds": 60,
        "mapIdentities": False,
        "signResponse": True,
        "signatureAlgorithm": "rsa-sha1",
        "nameIdentifierProbes": ["email"],
    }
    desk.open(of(app)).press("apps-save", addons__samlp__audience="").press("apps-confirm")
    assert "audience" not in addons(world, app)["samlp"]
    assert "addons" in desk.open(of(app, "history")).text


def test_a_mapping_that_is_taken_out_is_gone(world: World, desk: Desk) -> None:
    app = world.client(addons={"samlp": {"mappings": {"email": "urn:mail", "name": "urn:name"}}})
    desk.open(of(app)).press("apps-save", addons__samlp__mappings='{"email": ["urn:a", "urn:b"]}').press("apps-confirm")
    assert addons(world, app)["samlp"]["mappings"] == {"email": ["urn:a", "urn:b"]}
    usual = world.client(addons={"samlp": {}})
    desk.open(of(usual))
    assert desk.fields("apps-save")["addons.samlp.mappings"].count("http") == len(MAPPINGS)
    desk.press("apps-save", addons__samlp__mappings='{"email": "urn:mail"}').press("apps-confirm")
    assert addons(world, usual)["samlp"]["mappings"] == {"email": "urn:mail"}


@pytest.mark.parametrize(
    ("member", "typed"),
    [
        ("signingCert", "no certificate"),
        ("encryptionCert", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
        ("encryptionPublicKey", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"),
        ("mappings", '["email"]'),
        ("mappings", '{"email": 1}'),
        ("mappings", "{"),
        ("lifetimeInSeconds", "0"),
        ("lifetimeInSeconds", "soon"),
        ("logout.callback", "javascript:alert(1)"),
    ],
)
def test_line_6_what_the_first_sign_in_would_find_wrong_is_said_here(
    world: World, desk: Desk, member: str, typed: str
) -> None:
    app = world.client(addons={"samlp": {}})
    desk.open(of(app)).press("apps-save", **{f"addons__samlp__{member.replace('.', '__')}": typed})
    assert desk.status == 422
    assert desk.has(f"field-addons-samlp-{member.lower().replace('.', '-')}-problem"), desk.text
    assert addons(world, app) == {"samlp": {}}


def test_line_15_switching_it_off_asks_and_wants_a_fresh_sign_in(world: World, desk: Desk, clock: Clock) -> None:
    app = world.client(addons={"samlp": {}, "wsfed": {"audience": "urn:x"}})
    desk.open(of(app)).follow("apps-saml-off")
    clock.forward(minutes=6)
    desk.press("apps-confirm")
    assert desk.browser.path == "/u/login"
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert desk.url == of(app, "saml-off"), "back on the confirmation"
    desk.press("apps-confirm")
    assert addons(world, app) == {"wsfed": {"audience": "urn:x"}}
    assert desk.has("apps-saml-none")


def test_ws_federation_has_its_own_tab(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(of(app, "wsfed")).press("apps-wsfed-on")
    assert "FederationMetadata/2007-06/FederationMetadata.xml" in desk.say("apps-sso-told")
    assert not desk.has("field-addons-wsfed-signingcert"), "its requests carry no signature"
    answer = world.app.test_client().get(desk.one("apps-sso-metadata").get("href"), base_url=world.issuer)
    assert answer.status_code == 200
    desk.press("apps-save", client_aliases="urn:my-app").press("apps-confirm")
    assert world.management().get(f"/clients/{app.client_id}")["client_aliases"] == ["urn:my-app"]
    assert addons(world, app) == {"wsfed": {}}


def test_line_7_of_two_editors_the_second_sees_both(world: World, desk: Desk) -> None:
    app = world.client(addons={"samlp": {"issuer": "urn:one"}})
    desk.open(of(app))
    world.management().patch(f"/clients/{app.client_id}", {"addons": {"samlp": {"issuer": "urn:theirs"}}})
    desk.press("apps-save", addons__samlp__issuer="urn:mine")
    assert desk.status == 409
    assert "urn:theirs" in desk.text
    assert addons(world, app)["samlp"]["issuer"] == "urn:theirs"


def test_without_a_callback_nobody_could_come_back(world: World, desk: Desk) -> None:
    app = world.client(callbacks=[], addons={"samlp": {}})
    desk.open(of(app))
    assert desk.has("apps-sso-not-ready")
    assert not desk.has("apps-sso-test")


def test_machines_sign_nobody_in(world: World, desk: Desk) -> None:
    assert desk.open(of(world.client("m2m", app_type="non_interactive"))).status == 404


def test_lines_18_and_19_who_may_change_what(world: World, hire: Hire) -> None:
    mine, other = world.client(addons={"samlp": {}}), world.client()
    viewer = Desk(world, enter(world.browser(), hire("vera@example.com", "Viewer - Config"), of(mine)))
    assert viewer.status == 200
    assert not viewer.has("apps-save")
    assert not viewer.has("apps-saml-off")
    assert viewer.open(of(mine, "saml-off")).status == 403
    person = hire("ed@example.com", "Editor - Specific Apps", client_ids=(mine.client_id,))
    editor = Desk(world, enter(world.browser(), person, of(mine)))
    assert editor.has("apps-save")
    assert editor.open(of(other)).status == 404


@pytest.mark.parametrize("language", EVERYWHERE)
def test_line_1_both_in_every_language_with_a_word_for_every_field(world: World, desk: Desk, language: str) -> None:
    app = world.client(addons={"samlp": {}, "wsfed": {}})
    for tab in ("saml", "wsfed"):
        desk.open(f"{of(app, tab)}?language={language}")
        assert (desk.status, desk.tree.get("lang")) == (200, language)
        labels = [each.text_content().strip("*") for each in desk.tree.xpath("//form[@id='apps-form']//label")]
        assert [each for each in labels if each.startswith(("addons.", "apps."))] == []


def test_every_member_has_a_field() -> None:
    from idp.admin.apps_sso import SAML, _sections

    fields = {field.name.removeprefix("addons.samlp.") for section in _sections(SAML) for field in section.fields}
    wanted = set(SamlSettings.__struct_fields__) - {"logout"}
    assert wanted <= fields


@pytest.mark.parametrize(
    "said",
    [
        {"logout": "https://books.example/out", "mappings": 5},
        {"logout": ["a", 1], "mappings": ["a"]},
        {"logout": {"callback": {"a": 1}}, "nameIdentifierProbes": 5},
        {"nameIdentifierProbes": {"a": 1}, "lifetimeInSeconds": ["x"], "signResponse": "x", "issuer": {"a": 1}},
        {"signingCert": ["x"], "encryptionCert": 5, "encryptionPublicKey": {"a": 1}, "signatureAlgorithm": []},
    ],
)
@pytest.mark.parametrize(("addon", "tab"), [("samlp", "saml"), ("wsfed", "wsfed")])
def test_line_26_whatever_the_api_keeps_of_an_add_on_has_a_page(
    world: World, desk: Desk, addon: str, tab: str, said: dict[str, Any]
) -> None:
    app = world.client()
    assert world.caller().patch(f"/clients/{app.client_id}", {"addons": {addon: said}}).status_code == 200
    desk.open(f"/admin/applications/apps/{app.client_id}/{tab}")
    assert desk.status == 200
    members = {f"addons__{addon}__audience": "urn:books", f"addons__{addon}__mappings": '{"name": "urn:name"}'}
    assert desk.press("apps-save", **members).status in {200, 422}
