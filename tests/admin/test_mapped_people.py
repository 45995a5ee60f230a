"""The tab *Mapping* with what a source said of somebody who came from it, instead of a sample (decision 0463)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from connectors.contract import Identity as Arrived
from idp.directory.connections import runtime
from idp.directory.users import service as users
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.admin.test_mapping import LDAP, OAUTH, lines, made
from tests.world.browser import Browser
from tests.world.directory import customized
from tests.world.passive import CLAIMS, connect
from tests.world.world import Person, World

TOLD = {f"{CLAIMS}/emailaddress": "jane@corp.example", f"{CLAIMS}/givenname": "Jane", f"{CLAIMS}/upn": "jane@corp"}


def arrived(world: World, address: str, said: Arrived) -> str:
    """Somebody signs in through the connection of that tab; the id of the user."""
    with world.writing() as work:
        connection = runtime.find(work, address.split("/")[4])
        assert connection is not None
        return users.arrive(work, connection, said).user_id


def take(desk: Desk, address: str, person: str, **typed: str) -> Desk:
    """Send the form with the button beside the person, which stands outside of it."""
    desk.open(address)
    filled = {**desk.fields("connections-save"), **{name.replace("__", "."): each for name, each in typed.items()}}
    form = {**filled, "sample": "{}", "person": person, "do": "take"}
    desk.browser.open(address, site="same-origin", method="POST", form=form)
    return desk


def sample(desk: Desk) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(desk.one("sample").text_content())
    return found


def test_what_a_token_service_said_of_somebody_is_the_sample(world: World, desk: Desk) -> None:
    """They sign in for real; the mapping that is typed is tried with what was kept of that, and with who it is."""
    app, visitor = world.client(), world.browser()
    source = connect(world, app.client_id)
    app.begin(visitor, connection=source.name)
    source.answer(visitor, source.says(claims=TOLD), source.asked(visitor)["wctx"])
    address = f"/admin/authentication/connections/{source.connection_id}/mapping"
    for person in ("Jane@Corp.example ", "adfs|corp|jane"):
        take(desk, address, person)
        assert (desk.status, "adfs|corp|jane" in desk.say("foreseen")) == (200, True), desk.text
        assert sample(desk) == {"NameID": "jane", **TOLD}
        assert lines(desk)["given_name"] == ("Jane", "the standard mapping of this kind of source")
        assert desk.one("person").get("value") == person, "it stays typed"
    take(desk, address, "adfs|corp|jane", options__user_id_attribute=f"{CLAIMS}/upn")
    assert "adfs|corp|jane@corp" in desk.say("foreseen"), "the draft counts"
    assert desk.one("field-options-user-id-attribute").get("value") == f"{CLAIMS}/upn"


def test_an_entry_of_a_directory_has_its_id_and_its_groups(world: World, desk: Desk) -> None:
    address = made(world, "ad", {**LDAP, "groups": "direct"})
    raw = {"dn": "cn=jane", "displayname": ["Jane D"], "mail": ["jane@corp.example"], "department": ["Orchards"]}
    arrived(world, address, Arrived("7f1", {"email": "jane@corp.example", "groups": ["Gardeners"]}, raw=raw))
    take(desk, address, "jane@corp.example", options__attribute_map='{"nickname": "department"}')
    found = lines(desk)
    assert "ad|corp|7f1" in desk.say("foreseen")
    assert found["nickname"] == ("Orchards", "your mapping department")
    assert "Gardeners" in found["groups"][0]
    assert "dn" not in sample(desk)


def test_what_is_never_stored_is_not_in_it(world: World, desk: Desk) -> None:
    address = made(world, "oauth2", {**OAUTH, "non_persistent_attrs": ["birthdate", "sub"]})
    said = {"sub": "7", "birthdate": "2000-01-01", "email": "jane@corp.example"}
    user_id = arrived(world, address, Arrived("7", {"email": "jane@corp.example"}, raw=said))
    take(desk, address, user_id)
    assert sample(desk) == {"sub": "7", "email": "jane@corp.example"}, "who it is, the connection knows"


def test_answers_of_a_database_of_ones_own_have_a_preview(world: World, desk: Desk) -> None:
    """What such a database says is kept as attributes of the same names."""
    address = f"/admin/authentication/connections/{world.connection_id}/mapping"
    customized(world, scripts={"login": "function (a, b, callback) { callback(null, {}); }"})
    department = {"department": "Orchards", "email": "ada@source.example", "name": "Ada L."}
    user_id = arrived(world, address, Arrived("a-1", department))
    take(desk, address, user_id, options__non_persistent_attrs="department")
    assert desk.status == 200, desk.text
    assert sample(desk).items() >= {"user_id": "a-1", **department}.items()
    assert "auth0|a-1" in desk.say("foreseen")
    assert "department" in desk.say("mapping-left-out")
    customized(world, import_mode=True)
    desk.open(address)
    form = {**desk.fields("connections-save"), "sample": '{"user_id": "1", "name": "Ada"}', "do": "preview"}
    desk.browser.open(address, site="same-origin", method="POST", form=form)
    assert (desk.status, "neither email nor username" in desk.say("sample-problem")) == (422, True)
    metadata = '{"user_id": "1", "email": "ada@x.example", "user_metadata": {"plan": "gold"}}'
    desk.browser.open(address, site="same-origin", method="POST", form={**form, "sample": metadata})
    assert "gold" in lines(desk)["user_metadata"][0]


def test_the_connector_that_the_options_choose_is_the_one_that_is_asked(world: World, desk: Desk) -> None:
    """Its document for the other side is offered, too."""
    options = {"client_id": "us", "client_secret": "s", "tenant_domain": "corp.example"}
    address = made(world, "waad", {**options, "waad_protocol": "ws-federation"})
    assert "NameID" in json.loads(desk.open(address).one("sample").text_content())
    assert "samlp/metadata?connection=corp" in desk.open(address.replace("/mapping", "/setup")).text


def test_claims_name_the_account_by_the_one_that_the_connection_chose(world: World, desk: Desk) -> None:
    options = {"client_id": "us", "client_secret": "s", "tenant_domain": "corp.example", "userid_attribute": "oid"}
    address = made(world, "waad", options)
    user_id = arrived(world, address, Arrived("o-1", {}, raw={"sub": "s-1", "oid": "o-1", "account": "s-1"}))
    take(desk, address, user_id)
    assert "waad|corp|o-1" in desk.say("foreseen")


def test_whom_there_is_nothing_of_is_said_at_the_field(world: World, desk: Desk, jane: Person) -> None:
    address = made(world, "oauth2", OAUTH)
    arrived(world, address, Arrived("8", {"email": "kim@corp.example"}))
    for number in range(2):
        raw = {"sub": f"twin-{number}"}
        arrived(world, address, Arrived(f"twin-{number}", {"email": "twin@corp.example"}, raw=raw))
    for person, words in (
        (jane.email, "Nobody of this connection"),
        (jane.user_id, "Nobody of this connection"),
        ("oauth2|corp|nobody", "Nobody of this connection"),
        ("", "Nobody of this connection"),
        ("x" * 5_000, "Nobody of this connection"),
        ("oauth2|corp|8", "Nothing was kept"),
        ("twin@corp.example", "enter the user ID"),
    ):
        take(desk, address, person)
        assert (desk.status, words in desk.say("person-problem")) == (422, True), (person[:20], desk.text)
        assert not desk.has("foreseen")
        assert desk.one("person").get("aria-describedby") == "person-hint person-problem"
    take(desk, address, "oauth2|corp|twin-1")
    assert sample(desk) == {"sub": "twin-1"}


def test_who_may_not_read_users_does_not_get_it(world: World, browser: Browser, hire: Hire) -> None:
    """Whoever edits connections alone has the sample, and no person; a form that is written by hand is refused."""
    address = made(world, "oauth2", OAUTH)
    user_id = arrived(world, address, Arrived("7", {}, raw={"sub": "7", "secret": "of the source"}))
    desk = Desk(world, enter(browser, hire("edna@example.com", "Editor - Connections")))
    assert (desk.open(address).status, desk.has("sample"), desk.has("mapping-of-a-person")) == (200, True, False)
    for person in (user_id, "nobody"):
        take(desk, address, person)
        assert desk.status == 403
        assert "of the source" not in desk.html


@pytest.mark.parametrize("role", ["Demo", "Viewer - Config"])
def test_who_only_looks_has_neither(world: World, browser: Browser, hire: Hire, role: str) -> None:
    address = made(world, "oauth2", {**OAUTH, "fieldsMap": {"email": "mail@corp.example"}})
    arrived(world, address, Arrived("7", {"email": "kim@corp.example"}, raw={"sub": "7", "mail": "kim@corp.example"}))
    desk = Desk(world, enter(browser, hire("dora@example.com", role)))
    assert desk.open(address).status == 200
    assert not any(desk.has(each) for each in ("sample", "mapping-of-a-person", "mapping-preview", "connections-save"))
    assert ("mail@corp.example" in desk.html) is (role != "Demo"), "what is shown to them is masked"
    token = {"csrf": str(desk.tree.xpath("//input[@name='csrf']/@value")[0])}
    for asked in ({"do": "take", "person": "oauth2|corp|7"}, {"do": "preview", "sample": '{"sub": "7"}'}):
        desk.browser.open(address, site="same-origin", method="POST", form={**token, **asked})
        assert (desk.status, "kim@corp.example" in desk.html) == (403, False)
