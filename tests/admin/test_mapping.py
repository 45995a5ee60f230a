"""The tab *Mapping* of a connection: what would come of a profile, and from where (spec/dashboard.md, line 29)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.admin.conftest import Desk
from tests.world.saml import pair
from tests.world.sources import users
from tests.world.world import World

LDAP = {"urls": ["ldaps://dc.example.test"], "base_dn": "dc=t", "bind_dn": "cn=r,dc=t", "bind_password": "a password"}
OAUTH = {
    "client_id": "us",
    "client_secret": "a secret of ours",
    "authorizationURL": "https://source.example/authorize",
    "tokenURL": "https://source.example/token",
    "userinfo_endpoint": "https://source.example/me",
}


def saml() -> dict[str, Any]:
    return {"signInEndpoint": "https://source.example/sso", "signingCert": pair().certificate}


def made(world: World, strategy: str, options: dict[str, Any]) -> str:
    answer = world.management()("POST", "/connections", {"name": "corp", "strategy": strategy, "options": options})
    return f"/admin/authentication/connections/{answer.json['id']}/mapping"


def preview(desk: Desk, address: str, sample: Any = None, **typed: str) -> Desk:
    """Send the form with the button beside the sample, which stands outside of it."""
    desk.open(address)
    filled = {**desk.fields("connections-save"), **{name.replace("__", "."): each for name, each in typed.items()}}
    said = desk.one("sample").text_content() if sample is None else sample
    form = {**filled, "sample": said if isinstance(said, str) else json.dumps(said), "do": "preview"}
    desk.browser.open(address, site="same-origin", method="POST", form=form)
    return desk


def lines(desk: Desk) -> dict[str, tuple[str, str]]:
    """Value and origin of each attribute that is shown."""
    rows = desk.tree.xpath("//*[@id='mapping-attributes']/tbody/tr")
    words = [[" ".join(cell.text_content().split()) for cell in row] for row in rows]
    return {name: (value, origin) for name, value, origin in words}


def test_a_draft_is_tried_with_a_sample_and_each_attribute_says_where_it_comes_from(world: World, desk: Desk) -> None:
    address = made(world, "oauth2", OAUTH)
    before = len(users(world))
    sample = {"sub": "7", "mail": "jane@example.com", "given_name": "Jane", "blocked": True, "app_metadata": {"a": 1}}
    preview(desk, address, sample, options__fieldsMap='{"email": "mail", "blocked": "blocked"}')
    assert (desk.status, desk.has("foreseen")) == (200, True)
    found = lines(desk)
    assert found["email"] == ("jane@example.com", "your mapping mail")
    assert found["given_name"] == ("Jane", "the source, under the same name")
    assert found["name"][1] == "a default of ours: the source says none"
    assert "blocked" in desk.say("mapping-left-out"), "what is ours is not the source's to say"
    assert "oauth2|corp|7" in desk.say("foreseen")
    assert desk.fields("connections-save")["options.fieldsMap[0].name"] == "email", "the draft stays"
    stored = world.management().get(f"/connections/{address.split('/')[4]}")["options"]
    assert "fieldsMap" not in stored
    assert len(users(world)) == before
    assert OAUTH["client_secret"] not in desk.html


@pytest.mark.parametrize(
    ("strategy", "options", "typed", "expected"),
    [
        (
            "samlp",
            saml(),
            {"options__fieldsMap": '{"nickname": "department"}'},
            {"nickname": "Orchards", "given_name": "Jane"},
        ),
        (
            "ad",
            LDAP,
            {"options__attribute_map": '{"nickname": "mail"}'},
            {"nickname": "jane@example.com", "name": "Jane Doe"},
        ),
        ("github", {"client_id": "us", "client_secret": "a secret"}, {}, {"name": "Jane Doe"}),
    ],
)
def test_every_kind_of_source_has_a_sample_to_begin_with(
    world: World, desk: Desk, strategy: str, options: dict[str, Any], typed: dict[str, str], expected: dict[str, str]
) -> None:
    preview(desk, made(world, strategy, options), **typed)
    assert desk.status == 200, desk.text
    found = lines(desk)
    assert {name: found[name][0] for name in expected} == expected


def test_it_is_saved_as_every_form_and_what_is_wrong_is_said(world: World, desk: Desk) -> None:
    address = made(world, "samlp", saml())
    desk.open(address).press("connections-save", options__fieldsMap='{"nickname": "uid"}').press("connections-confirm")
    assert world.management().get(f"/connections/{address.split('/')[4]}")["options"]["fieldsMap"] == {
        "nickname": "uid"
    }
    for sample, said in (
        ("{oops", "JSON"),
        ("[1]", "The sample has to be a JSON object."),
        ("{}", "names the account"),
    ):
        preview(desk, address, sample)
        assert (desk.status, said in desk.say("sample-problem")) == (422, True), desk.say("sample-problem")
    hostile = {"NameID": "jane", "email": [], "name": {"a": []}, "groups": 5, "<script>": ["<b>"], "cn": [{}]}
    assert preview(desk, address, hostile).status == 200
    assert "<b>" in lines(desk)["<script>"][0], "text, and no markup"
    preview(desk, address, options__fieldsMap="5")
    assert desk.status == 422
    assert "options.fieldsMap" in desk.say("sample-problem")


def test_a_sample_means_what_an_assertion_of_it_would(world: World, desk: Desk) -> None:
    """The same values, and nobody where a sign-in finds nobody: no NameID stands in for the attribute."""
    address = made(world, "samlp", {**saml(), "user_id_attribute": "uid"})
    assert preview(desk, address).status == 200, "the sample that it begins with has the attribute"
    preview(desk, address, {"NameID": "jane", "email": "jane@example.com"})
    assert (desk.status, "it has no uid" in desk.say("sample-problem")) == (422, True)
    preview(desk, address, {"uid": " 7 ", "groups": ["Gardeners"], "name": " ", "nickname": ["", "jane"]})
    assert "samlp|corp|7" in desk.say("foreseen")
    found = lines(desk)
    assert found["groups"][0] == "Gardeners", "one value is no list"
    assert found["nickname"][0] == "jane"
    assert found["name"][1] == "a default of ours: the source says none"


def test_what_a_provider_says_otherwise_is_read_as_at_a_sign_in(world: World, desk: Desk) -> None:
    preview(desk, made(world, "zoom", {}), {"id": "7", "email": "jane@example.com", "verified": 1})
    assert desk.status == 200
    assert lines(desk)["email_verified"][0] == "true"


def test_an_entry_of_a_directory_says_nothing_with_null(world: World, desk: Desk) -> None:
    preview(desk, made(world, "ad", LDAP), {"objectGUID": "7", "mail": "jane@example.com", "displayName": None})
    assert desk.status == 200
    assert "None" not in desk.say("mapping-attributes")


def test_a_database_has_no_mapping(world: World, desk: Desk) -> None:
    address = f"/admin/authentication/connections/{world.connection_id}"
    assert not desk.open(address).has("tab-mapping")
    assert desk.open(f"{address}/mapping").status == 404
