"""Trust in a relying party of a federation ends: at once where it is withdrawn, with its chain where nobody answers."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from typing import Any

import pytest

from idp.applications.federation import entities, fetching
from idp.applications.federation.fetching import Fetching
from idp.applications.registration import cleanup
from idp.foundation.ephemeral import limits
from tests.world.application import Application, Tokens
from tests.world.browser import Browser
from tests.world.client_keys import key
from tests.world.federation import Federation, settings
from tests.world.fixtures import Clock
from tests.world.relying_party import allow, begin, redeemed
from tests.world.world import CALLBACK, Person


def test_an_older_chain_takes_nothing_back(
    party: Application, federation: Federation, browser: Browser, clock: Clock
) -> None:
    """Somebody kept what the entity said before, with a key or an address that it does not use any more."""
    old = federation.chain()
    clock.forward(seconds=60)
    federation.describe(federation["rp"], client_name="By now")
    federation["rp"].says["iat"] = int(time.time()) + 20
    begin(party, browser)
    clock.forward(seconds=3_700)
    begin(party, browser, {"trust_chain": old}, post=True, by=key("ES256", "evil"))
    begin(party, browser, {"trust_chain": old}, post=True)
    assert browser.path.startswith("/u/login"), browser.shown.text
    assert party.world.management().get("/clients?is_first_party=false")[0]["name"] == "By now"


def test_trust_that_is_withdrawn_ends_at_once(
    party: Application, federation: Federation, browser: Browser, jane: Person
) -> None:
    attempt = begin(party, browser)
    allow(browser, jane)
    tokens = Tokens(party, redeemed(party, attempt, browser).get_json())
    assert tokens.userinfo().status_code == 200
    attempt = begin(party, browser)
    api = party.world.management()
    api.patch("/tenants/settings", {"federation": {"trust_anchors": []}})
    assert tokens.userinfo().status_code == 401
    answer = redeemed(party, attempt, browser)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_trust_anchor")
    api.patch("/tenants/settings", {"federation": {"enabled": False}})
    begin(party, browser)
    assert "Unknown client" in browser.shown.text
    api.patch("/tenants/settings", settings(federation))
    entities._failed.clear()
    begin(party, browser)
    assert browser.left_for is not None, browser.shown.text


def test_a_sign_in_under_way_does_not_outlive_trust(
    party: Application, federation: Federation, browser: Browser, jane: Person
) -> None:
    begin(party, browser)
    party.world.management().patch("/tenants/settings", {"federation": {"enabled": False}})
    browser.submit(username=jane.email, password=jane.password)
    assert browser.left_for is None
    assert "code=" not in str(browser.shown.text)
    assert browser.status >= 400


def test_a_chain_is_proven_anew(party: Application, federation: Federation, browser: Browser, clock: Clock) -> None:
    begin(party, browser)
    asked = len(federation.asked)
    clock.forward(seconds=3_700)
    federation.describe(federation["rp"], client_name="Another name")
    begin(party, browser)
    assert len(federation.asked) > asked
    assert party.world.management().get("/clients?is_first_party=false")[0]["name"] == "Another name"
    clock.forward(seconds=3_700)
    federation["rp"].status = 503
    begin(party, browser)
    assert browser.path.startswith("/u/login"), "what was proven counts until the chain ends"
    clock.forward(seconds=7_300)
    entities._failed.clear()
    begin(party, browser)
    assert "temporarily_unavailable" in browser.shown.text
    federation["rp"].status = 200
    federation["anchor"].tells = {}
    entities._failed.clear()
    begin(party, browser)
    assert "invalid_trust_chain" in browser.shown.text


def test_who_was_refused_does_not_come_back_by_silence(
    party: Application, federation: Federation, browser: Browser, jane: Person, clock: Clock
) -> None:
    """A superior takes its word back: nothing that was given is good any more, and neither an entity that does not
    answer nor the chain that it kept changes that.
    """
    federation["middle"].tells["rp"] = {"exp": int(time.time()) + 86_400 * 30}
    federation["anchor"].tells["middle"] = {"exp": int(time.time()) + 86_400 * 30}
    federation["anchor"].says["exp"] = federation["rp"].says["exp"] = int(time.time()) + 86_400 * 30
    attempt = begin(party, browser)
    allow(browser, jane)
    tokens = Tokens(party, redeemed(party, attempt, browser).get_json())
    kept = federation.chain()
    clock.forward(seconds=3_700)
    assert tokens.userinfo().status_code == 200
    told = federation["middle"].tells
    federation["middle"].tells = {}
    begin(party, browser)
    assert "invalid_trust_chain" in browser.shown.text
    assert tokens.userinfo().status_code == 401
    entities._failed.clear()
    federation["rp"].status = 503
    begin(party, browser)
    assert "temporarily_unavailable" in browser.shown.text
    entities._failed.clear()
    begin(party, browser, {"trust_chain": kept}, post=True)
    assert "temporarily_unavailable" in browser.shown.text
    assert tokens.userinfo().status_code == 401
    entities._failed.clear()
    federation["rp"].status, federation["middle"].tells = 200, told
    begin(party, browser)
    assert browser.left_for is not None or browser.path.startswith("/u/"), browser.shown.text
    assert tokens.userinfo().status_code == 200


def test_a_network_that_looked_too_often_shuts_nobody_out(
    party: Application, federation: Federation, browser: Browser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever shares it with others is taken by the chain that still counts."""
    begin(party, browser)
    clock.forward(seconds=3_700)
    monkeypatch.setattr(limits, "ENTITIES_RESOLVED", limits.Limit("entities-resolved", 0, 60_000))
    begin(party, browser)
    assert browser.path.startswith("/u/login"), browser.shown.text


def test_there_is_room_for_so_many(party: Application, federation: Federation, browser: Browser, clock: Clock) -> None:
    api = party.world.management()
    api.patch("/tenants/settings", {"client_registration": {"max_clients": 1}})
    begin(party, browser)
    federation.describe(federation.add("second", "middle"))
    other = Application(party.world, federation["second"].id, None, CALLBACK, "none")
    begin(other, browser)
    assert "temporarily_unavailable" in browser.shown.text
    clock.forward(hours=2)
    begin(other, browser)
    assert browser.path.startswith("/u/login"), browser.shown.text
    (left,) = api.get("/clients?is_first_party=false")
    assert left["external_client_id"] == other.client_id
    clock.forward(days=31)
    assert cleanup.clean(party.world.platform, party.world.tenant, threading.Event()) == 1


def test_a_refusal_that_is_remembered_holds_no_request(
    party: Application, federation: Federation, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception holds the frames that it passed, and with each time that it is raised some more of them."""
    looks: list[weakref.ref[Fetching]] = []
    before = Fetching.__init__

    def remembered(self: Fetching, *args: Any) -> None:
        looks.append(weakref.ref(self))
        before(self, *args)

    monkeypatch.setattr(Fetching, "__init__", remembered)
    federation["middle"].tells = {}
    for _ in range(3):
        begin(party, browser)
        assert "invalid_trust_chain" in browser.shown.text
    (kept,) = entities._failed.values()
    assert (len(looks), kept[1].__traceback__, kept[1].__context__) == (1, None, None)
    gc.collect()
    assert looks[0]() is None


def test_one_request_proves_a_chain_anew_and_the_others_do_not_wait(
    party: Application, federation: Federation, browser: Browser, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A federation that answers slowly holds one request of a relying party that many people use, and not all."""
    long = {"exp": int(time.time()) + 86_400}
    federation["middle"].tells["rp"] = federation["anchor"].tells["middle"] = long
    federation["anchor"].says["exp"] = federation["rp"].says["exp"] = long["exp"]
    begin(party, browser)
    clock.forward(seconds=3_700)
    for seconds in ("ONE_S", "TOTAL_S"):
        monkeypatch.setattr(fetching, seconds, 60.0)
    federation.asked.clear()
    federation.asking.clear()
    federation.held.clear()
    first = threading.Thread(target=begin, args=(party, party.world.browser()))
    first.start()
    try:
        assert federation.asking.wait(20)
        begin(party, browser)
        assert browser.path.startswith("/u/login"), browser.shown.text
        assert federation.asked == ["/rp/.well-known/openid-federation"]
    finally:
        federation.held.set()
        first.join(20)
    assert len(federation.asked) > 1
