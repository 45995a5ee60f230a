"""Applications that made themselves known, in the dashboard: who let them in, when, from which document, under which
software statement, and whether they stay (docs/registration.md).
"""

from __future__ import annotations

import threading

import pytest

from idp.applications.registration import cleanup
from idp.foundation.web.i18n import EVERYWHERE
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.flows.test_client_documents import ON, Site, site
from tests.world.client_keys import key, public, signed
from tests.world.fixtures import Clock
from tests.world.key_sets import KeySetServer, key_set
from tests.world.registration import register, switch_on
from tests.world.world import World

__all__ = ["key_set", "site"]
REGISTERED = "/admin/applications/registered"
HOSTILE = "\u202e<img src=x onerror=alert(1)>"


def weather(world: World, **members: object) -> str:
    """One that registered with a token of an administrator; its id."""
    switch_on(world)
    token = world.management().post("/initial-access-tokens", {"name": "Partner X"})["token"]
    return str(register(world, token, **members).get_json()["client_id"])


def test_line_38_nothing_yet_and_nothing_found(world: World, desk: Desk) -> None:
    assert desk.open(REGISTERED).has("nothing-yet")
    weather(world)
    assert desk.open(f"{REGISTERED}?q=nobody").has("nothing-found")


def test_it_says_who_let_it_in_and_when_it_goes(world: World, desk: Desk) -> None:
    client_id = weather(world)
    assert desk.open(REGISTERED).rows() == ["Weather"]
    assert desk.open(f"{REGISTERED}?q=weath&kind=dcr&used_at=waiting").rows() == ["Weather"]
    assert desk.open(f"{REGISTERED}?kind=cimd").rows() == []
    desk.open(f"{REGISTERED}/{client_id}")
    assert desk.say("registered-token") == "Partner X"
    assert desk.has("registered-goes")
    assert desk.has("registered-no-statement")
    assert "Weather" in desk.say("registered-said")
    assert desk.say("registered-state") == "Not used yet"
    desk.follow("registered-token")
    assert desk.status == 200


def test_one_that_is_kept_is_not_cleaned_up(world: World, desk: Desk, clock: Clock) -> None:
    kept, other = weather(world), weather(world, client_name="Other")
    desk.open(f"{REGISTERED}/{kept}").press("registered-keep")
    assert "stays" in desk.say("notice")
    assert not desk.has("registered-goes")
    assert not desk.has("registered-keep")
    assert [each.client_id for each in world.logs("sdcrk")] == [kept]
    clock.forward(days=31)
    assert cleanup.clean(world.platform, world.tenant, threading.Event()) == 1
    caller = world.caller()
    assert (caller.get(f"/clients/{kept}").status_code, caller.get(f"/clients/{other}").status_code) == (200, 404)


def test_line_15_removing_one_wants_its_name(world: World, desk: Desk) -> None:
    client_id = weather(world)
    desk.open(f"{REGISTERED}/{client_id}").follow("registered-delete").press("registered-confirm", desk__typed="no")
    assert desk.status == 422
    desk.press("registered-confirm", desk__typed="Weather")
    assert (desk.url.partition("?")[0], desk.rows()) == (REGISTERED, [])
    assert world.caller().get(f"/registrations/{client_id}").status_code == 404


def test_a_document_is_taken_and_read_again(world: World, desk: Desk, site: Site) -> None:
    world.management().patch("/tenants/settings", ON)
    desk.open(f"{REGISTERED}/new").press("registered-save", external_client_id="no address")
    assert (desk.status, desk.has("field-external-client-id-problem")) == (422, True)
    desk.press("registered-save", external_client_id=site.url)
    assert site.url in desk.say("registered-facts")
    assert "An administrator" in desk.say("registered-facts")
    site.document = site.said(client_name=HOSTILE)
    desk.press("registered-read-again")
    assert desk.status == 200
    assert "<img" not in desk.html
    assert desk.html.count("<script") == 1
    site.status = 500
    documents_asked = site.asked
    desk.press("registered-read-again")
    assert desk.status in {200, 422}
    assert site.asked > documents_asked


def test_a_software_statement_is_shown_in_its_claims(world: World, desk: Desk, key_set: KeySetServer) -> None:
    key_set.keys = [public("ES256")]
    issuer = {"issuer": "https://store.example.test", "jwks_uri": key_set.url}
    switch_on(world, open=True, software_statement_issuers=[issuer])
    said = {"iss": issuer["issuer"], "client_name": "Approved", "software_id": HOSTILE}
    statement = signed(said, key("ES256"), "ES256", kid=None)
    made = register(world, software_statement=statement).get_json()
    desk.open(f"{REGISTERED}/{made['client_id']}")
    assert "https://store.example.test" in desk.say("registered-statement")
    assert "<img" not in desk.html
    assert "Nobody: whoever wants may register" in desk.say("registered-facts")
    assert statement not in desk.html


def test_line_19_other_applications_are_not_there(world: World, hire: Hire) -> None:
    mine, other = weather(world), weather(world, client_name="Other")
    person = hire("ed@example.com", "Editor - Specific Apps", client_ids=(mine,))
    editor = Desk(world, enter(world.browser(), person, REGISTERED))
    assert editor.rows() == ["Weather"]
    assert editor.open(f"{REGISTERED}/{other}").status == 404
    assert editor.open(f"{REGISTERED}/new").status == 403
    assert not editor.open(f"{REGISTERED}/{mine}").has("registered-delete")


@pytest.mark.parametrize("language", EVERYWHERE)
def test_line_1_the_pages_in_every_language(world: World, desk: Desk, language: str) -> None:
    client_id = weather(world)
    for address in (REGISTERED, f"{REGISTERED}/new", f"{REGISTERED}/{client_id}", f"{REGISTERED}/{client_id}/raw"):
        desk.open(f"{address}?language={language}")
        assert (desk.status, desk.tree.get("lang")) == (200, language), address
