"""Relying parties of a federation (OpenID Federation 1.0): how they come in, and what they sign."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from idp.applications.federation import entities
from idp.protocol.oauth.authorize import advice
from tests.security.rows import row
from tests.world.application import Application, Tokens
from tests.world.browser import Browser
from tests.world.client_keys import ASSERTION_TYPE, assertion, key
from tests.world.federation import Federation, request_object
from tests.world.relying_party import allow, begin, redeemed, refused
from tests.world.world import CALLBACK, Person, World


@pytest.mark.parametrize("post", [False, True])
def test_a_relying_party_signs_people_in_who_are_asked(
    party: Application, federation: Federation, browser: Browser, jane: Person, post: bool
) -> None:
    attempt = begin(party, browser, post=post)
    assert browser.path.startswith("/u/login"), browser.shown.text
    browser.submit(username=jane.email, password=jane.password)
    assert "localhost" in browser.shown.text
    assert "The rp" in browser.shown.text
    browser.submit("accept")
    answer = redeemed(party, attempt, browser)
    assert answer.status_code == 200, answer.get_json()
    tokens = Tokens(party, answer.get_json())
    assert tokens.id_claims["aud"] == party.client_id
    listed = party.world.management().get("/clients?is_first_party=false")[0]
    assert (listed["external_client_id"], listed["external_metadata_type"]) == (party.client_id, "oidf")
    shown = party.world.management().get(f"/registrations/{listed['client_id']}")
    assert shown["trust"]["path"] == [federation[name].id for name in ("rp", "middle", "anchor")]
    assert shown["entity_id"] == party.client_id
    asked = len(federation.asked)
    begin(party, browser)
    assert len(federation.asked) == asked, "the chain counts for an hour"


def test_a_pushed_request_registers_too(
    party: Application, federation: Federation, browser: Browser, jane: Person
) -> None:
    attempt = party.attempt()
    proof = {"client_assertion_type": ASSERTION_TYPE}
    wrong = assertion(party, key("ES256", "protocol"), aud=[party.world.issuer, f"{party.world.issuer}oauth/par"])
    answer = party.call("/oauth/par", **attempt.params, **proof, client_assertion=wrong)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    raw = assertion(party, key("ES256", "protocol"))
    answer = party.call("/oauth/par", **attempt.params, **proof, client_assertion=raw)
    assert answer.status_code == 201, answer.get_json()
    query = urlencode({"client_id": party.client_id, "request_uri": answer.get_json()["request_uri"]})
    browser.open(f"{party.world.issuer}authorize?{query}", site="cross-site")
    allow(browser, jane)
    assert redeemed(party, attempt, browser).status_code == 200


@pytest.mark.parametrize("proven", [True, False])
def test_a_pushed_request_object_is_read(party: Application, proven: bool) -> None:
    """It says by itself who pushes it (12.1.1.2)."""
    proof = {
        "client_assertion": assertion(party, key("ES256", "protocol")),
        "client_assertion_type": ASSERTION_TYPE,
    }
    sent = {"request": request_object(party.world, party.attempt(), jti="once"), **(proof if proven else {})}
    answer = party.call("/oauth/par", **sent)
    assert answer.status_code == 201, answer.get_json()
    if not proven:
        assert party.call("/oauth/par", **sent).get_json()["error"] == "invalid_request_object"


@pytest.mark.parametrize("by", ["evil", "rp"])
def test_nobody_pushes_for_a_relying_party(party: Application, by: str) -> None:
    bad = request_object(party.world, party.attempt(), by=key("ES256", by))
    assert party.call("/oauth/par", request=bad).get_json()["error"] == "invalid_request_object"
    assert party.call("/oauth/par", **party.attempt().params).get_json()["error"] == "invalid_client"


def test_trust_that_fails_is_told_where_a_request_is_pushed(party: Application, federation: Federation) -> None:
    federation["anchor"].tells = {}
    raw = assertion(party, key("ES256", "protocol"))
    proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": raw}
    answer = party.call("/oauth/par", **party.attempt().params, **proof)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_trust_chain")
    found = party.world.management().get("/logs?q=type:ffed")
    assert found[0]["details"]["client_id"] == party.client_id


def test_a_chain_that_comes_along_is_proven_like_any_other(
    party: Application, federation: Federation, browser: Browser
) -> None:
    begin(party, browser, {"trust_chain": federation.chain()}, post=True)
    assert browser.path.startswith("/u/login"), browser.shown.text
    assert federation.asked == []


@row("E5")
@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_a_false_chain_that_comes_along_proves_nothing(
    party: Application, federation: Federation, browser: Browser, at: int
) -> None:
    """Somebody else's key at any place: it is passed over, and what is fetched decides."""
    chain = federation.chain()
    if at == 3:
        federation["anchor"].by = key("ES256", "evil")
        chain[3] = federation["anchor"].configuration()
    else:
        names = ("rp", "middle", "anchor")
        own = federation[names[at]]
        own.by = own.told_by = key("ES256", "evil")
        chain[at] = own.configuration() if at == 0 else own.about(federation[names[at - 1]])
    refused(party, browser, header={"trust_chain": chain}, post=True)
    assert federation.asked


def test_without_something_signed_nobody_is_looked_for(
    party: Application, federation: Federation, browser: Browser
) -> None:
    party.begin(browser)
    assert "Unknown client" in browser.shown.text
    assert federation.asked == []


def test_a_client_that_is_known_signs_its_requests_all_the_same(
    party: Application, federation: Federation, browser: Browser
) -> None:
    begin(party, browser)
    party.begin(browser, prompt="none")
    assert browser.answer.params["error"] == "invalid_request"


@pytest.mark.parametrize("keys", ["jwks", "jwks_uri", "signed_jwks_uri"])
@pytest.mark.parametrize("way", ["authorize", "pushed", "token"])
def test_nobody_makes_a_client_of_somebody_else(
    party: Application, federation: Federation, browser: Browser, keys: str, way: str
) -> None:
    """Who is vouched for becomes a client by what it signed itself: others fill no room with its name, and keep it from
    nothing.
    """
    if keys != "jwks":
        where = f"{federation['rp'].id}/{'plain' if keys == 'jwks_uri' else 'keys'}"
        federation.describe(federation["rp"], jwks=None, **{keys: where})
    for by in (key("ES256", "evil"), key("ES256", "rp"), None):
        raw = "x" if by is None else request_object(party.world, party.attempt(), by=by)
        if way == "authorize":
            browser.open(f"{party.world.issuer}authorize?{urlencode({'client_id': party.client_id, 'request': raw})}")
            assert "invalid_request_object" in browser.shown.text
        elif way == "pushed":
            answer = party.call("/oauth/par", client_id=party.client_id, request=raw)
            assert answer.get_json()["error"] == "invalid_request_object", answer.get_json()
        else:
            raw = assertion(party, by) if by else "x.y.z"
            sent = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
            answer = party.call("/oauth/token", **sent, client_assertion=raw)
            assert answer.get_json()["error"] == "invalid_client", answer.get_json()
    assert party.world.management().get("/clients?is_first_party=false") == []
    begin(party, browser)
    assert browser.path.startswith("/u/login"), browser.shown.text


def test_a_chain_that_comes_along_and_makes_no_client_is_passed_over(
    party: Application, federation: Federation, browser: Browser
) -> None:
    federation.describe(federation["rp"], client_registration_types=["explicit"])
    old = federation.chain()
    federation.describe(federation["rp"])
    begin(party, browser, {"trust_chain": old}, post=True)
    assert browser.path.startswith("/u/login"), browser.shown.text


@row("A12")
@pytest.mark.parametrize(
    "claims",
    [
        {"by": key("ES256", "evil")},
        {"by": key("ES256", "rp")},
        {"iss": "https://evil.test/"},
        {"iss": None},
        {"client_id": "https://evil.test/"},
        {"client_id": None},
        {"aud": "https://evil.test/"},
        {"aud": None},
        {"exp": None},
        {"exp": 1},
        {"jti": None},
        {"jti": ""},
        {"sub": "https://evil.test/"},
        {"header": {"typ": "JWT-other"}},
        {"header": {"crit": ["b64"], "b64": True}},
    ],
)
def test_request_objects_that_are_refused(party: Application, browser: Browser, claims: dict[str, Any]) -> None:
    begin(party, browser, **claims)
    assert browser.left_for is None
    assert "invalid_request_object" in browser.shown.text


def test_sub_has_no_place_in_it(party: Application, browser: Browser) -> None:
    begin(party, browser, sub=party.client_id)
    assert "invalid_request_object" in browser.shown.text


def test_a_request_object_counts_once(party: Application, browser: Browser, elsewhere: World) -> None:
    begin(party, browser, jti="once")
    assert browser.path.startswith("/u/login"), browser.shown.text
    begin(party, browser, jti="once")
    assert "used before" in browser.shown.text
    begin(Application(elsewhere, party.client_id, None, CALLBACK, "none"), elsewhere.browser(), jti="once")
    begin(party, browser, jti="twice")
    assert browser.path.startswith("/u/login")


def test_a_refusal_goes_back_where_the_address_is_its_own(party: Application, browser: Browser) -> None:
    begin(party, browser)
    attempt = party.attempt(request=request_object(party.world, party.attempt(), by=key("ES256", "evil")))
    browser.open(attempt.url, site="cross-site")
    assert browser.answer.params["error"] == "invalid_request_object"


def test_advice_uses_nothing_up(party: Application, federation: Federation, browser: Browser) -> None:
    begin(party, browser)
    raw = request_object(party.world, party.attempt())
    sent = {"client_id": party.client_id, "request": raw, "response_type": "code", "scope": "openid"}
    url = f"{party.world.issuer}authorize?{urlencode(sent)}"
    with party.world.platform.work(party.world.tenant, orm=True) as work:
        asked = advice.read(work, url)
        assert advice.refusal(asked) is None
        assert advice.refusal(asked) is None
    browser.open(url, site="cross-site")
    assert browser.path.startswith("/u/login"), browser.shown.text


def test_a_command_says_who_vouches(party: Application, federation: Federation) -> None:
    with party.world.platform.work(party.world.tenant, orm=True) as work:
        chain, said = entities.looked_at(work, party.client_id)
    assert chain.path == tuple(federation[name].id for name in ("rp", "middle", "anchor"))
    assert said.client_name == "The rp"
    assert party.world.management().get("/clients?is_first_party=false") == []


def test_a_copy_is_no_entity(party: Application, browser: Browser) -> None:
    begin(party, browser)
    api = party.world.management()
    made = api.get("/clients?is_first_party=false")[0]["client_id"]
    copy = api.post(f"/clients/{made}/duplicate", {"name": "A copy"})
    assert {"external_metadata_type", "external_metadata_created_by", "external_client_id"}.isdisjoint(copy)


def test_a_chain_that_comes_along_with_keys_that_nobody_has_is_passed_over(
    party: Application, federation: Federation, browser: Browser
) -> None:
    """Else whoever kept what an entity said once would keep it out, as long as that address does not answer."""
    federation.describe(federation["rp"], jwks=None, signed_jwks_uri="https://localhost:1/gone")
    old = federation.chain()
    federation.describe(federation["rp"])
    begin(party, browser, {"trust_chain": old}, post=True)
    assert browser.path.startswith("/u/login"), browser.shown.text
