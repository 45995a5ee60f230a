"""Relying parties of a federation (OpenID Federation 1.0): who is trusted, by what chain, and what they may ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from idp.applications.federation import entities
from idp.applications.registration import cleanup
from idp.foundation.ephemeral import limits
from idp.protocol.oauth.authorize import advice
from tests.counterparts.local_site import local_site
from tests.counterparts.private_ca import PrivateAuthority
from tests.flows.test_registration import discovery
from tests.security.rows import row
from tests.world.application import Application, Attempt, Tokens
from tests.world.browser import Browser
from tests.world.client_keys import ASSERTION_TYPE, assertion, key, public, signed
from tests.world.federation import Federation, request_object, settings
from tests.world.fixtures import Clock
from tests.world.world import CALLBACK, Person, World

CONFIGURATION = "/.well-known/openid-federation"


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Federation, str]]:
    """The site of a federation, and the file of the authority that its certificate is of."""
    folder, authority, made = tmp_path_factory.mktemp("federation"), PrivateAuthority.make(), Federation()
    trusted = folder / "ca.pem"
    trusted.write_text(authority.pem)
    certificate = authority.server(folder, ["localhost"])
    with local_site(made.app(), tls=True, certificate=certificate) as base:
        made.base = base
        yield made, str(trusted)


@pytest.fixture
def federation(standing: tuple[Federation, str]) -> Federation:
    """An anchor, an intermediate and a relying party as they should be."""
    entities._failed.clear()
    standing[0].furnish()
    return standing[0]


@pytest.fixture
def environment(standing: tuple[Federation, str]) -> dict[str, str]:
    return {"IDP_OUTBOUND_CA": standing[1], "IDP_OUTBOUND_ALLOW": "localhost"}


@pytest.fixture
def party(world: World, federation: Federation) -> Application:
    """The relying party, of a tenant that trusts its anchor."""
    api = world.management()
    api.patch("/tenants/settings", settings(federation))
    api.patch(f"/connections/{world.connection_id}", {"is_domain_connection": True})
    return Application(world, federation["rp"].id, None, CALLBACK, "none")


def begin(app: Application, browser: Browser, header: Any = None, *, post: bool = False, **claims: Any) -> Attempt:
    """Send the browser to us with a signed request."""
    attempt = app.attempt(scope="openid profile email offline_access")
    raw = request_object(app.world, attempt, header, **claims)
    sent = {"client_id": app.client_id, "request": raw, "response_type": "code", "scope": "openid"}
    if post:
        browser.open(f"{app.world.issuer}authorize", site="cross-site", method="POST", form=sent)
    else:
        browser.open(f"{app.world.issuer}authorize?{urlencode(sent)}", site="cross-site")
    return attempt


def refused(app: Application, browser: Browser, error: str = "invalid_trust_chain", **claims: Any) -> str:
    """The page that says no; nobody is sent anywhere, and nobody became a client."""
    begin(app, browser, **claims)
    assert browser.left_for is None, browser.left_for
    assert browser.status in {400, 429, 503}, browser.status
    text = str(browser.shown.text)
    assert error in text, text
    assert app.world.management().get("/clients?is_first_party=false") == []
    return text


def allow(browser: Browser, person: Person) -> None:
    """Sign in and agree."""
    browser.submit(username=person.email, password=person.password)
    assert browser.path == "/u/consent", browser.path
    browser.submit("consent-accept")


def redeemed(app: Application, attempt: Attempt, browser: Browser, **claims: Any) -> Any:
    raw = assertion(app, key("ES256", "protocol"), **claims)
    code = {"grant_type": "authorization_code", "code": browser.answer.code, "redirect_uri": CALLBACK}
    proof = {"client_assertion": raw, "client_assertion_type": ASSERTION_TYPE}
    return app.call("/oauth/token", **code, code_verifier=attempt.verifier, **proof)


# ---- what we say of ourselves
def test_nothing_is_said_until_it_is_switched_on(world: World) -> None:
    client = world.app.test_client()
    assert client.get(CONFIGURATION, base_url=world.issuer).status_code == 404
    assert "client_registration_types_supported" not in discovery(world)
    before = client.get("/.well-known/jwks.json", base_url=world.issuer).get_json()
    world.management().patch("/tenants/settings", {"federation": {"enabled": True}})
    assert client.get(CONFIGURATION, base_url=world.issuer).status_code == 200
    assert client.get("/.well-known/jwks.json", base_url=world.issuer).get_json() == before, "keys of its own"
    world.management().patch("/tenants/settings", {"federation": {"enabled": False}})
    assert client.get(CONFIGURATION, base_url=world.issuer).status_code == 404


def configuration(world: World) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of what we say, checked with the keys in it."""
    answer = world.app.test_client().get(CONFIGURATION, base_url=world.issuer)
    assert answer.mimetype == "application/entity-statement+jwt"
    raw = answer.get_data(as_text=True)
    keys = KeySet.import_key_set(jwt.decode(raw, _unproven(raw)).claims["jwks"])
    found = jwt.decode(raw, keys, algorithms=["RS256"])
    return dict(found.header), dict(found.claims)


def _unproven(raw: str) -> Any:
    import base64
    import json

    segment = raw.split(".")[1]
    return KeySet.import_key_set(json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))["jwks"])


def test_what_we_say_of_ourselves(party: Application, federation: Federation) -> None:
    world = party.world
    head, said = configuration(world)
    assert head["typ"] == "entity-statement+jwt"
    assert said["iss"] == said["sub"] == world.issuer
    assert said["iat"] <= time.time() < said["exp"]
    assert said["authority_hints"] == [federation["anchor"].id]
    assert said["metadata"]["openid_provider"] == discovery(world)
    assert said["metadata"]["openid_provider"]["client_registration_types_supported"] == ["automatic"]
    assert "federation_entity" in said["metadata"]
    assert all("d" not in each for each in said["jwks"]["keys"])
    assert len(said["jwks"]["keys"]) == 2, "the one that signs and the next one"


def test_its_keys_turn_with_the_others_and_sign_nothing_else(party: Application) -> None:
    before, said = configuration(party.world)
    party.world.management().post("/keys/signing/rotate", {})
    after, now = configuration(party.world)
    assert after["kid"] == said["jwks"]["keys"][1]["kid"] != before["kid"]
    assert before["kid"] in {each["kid"] for each in now["jwks"]["keys"]}


# ---- whom we trust
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


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("rp", {"iss": "https://evil.test/rp"}),
        ("rp", {"sub": "https://evil.test/rp"}),
        ("rp", {"iss": None}),
        ("rp", {"sub": None}),
        ("rp", {"exp": None}),
        ("rp", {"iat": None}),
        ("rp", {"exp": 1}),
        ("rp", {"exp": "tomorrow"}),
        ("rp", {"iat": 99_999_999_999}),
        ("rp", {"jwks": None}),
        ("rp", {"jwks": {"keys": []}}),
        ("rp", {"jwks": {"keys": [public("ES256", "evil")]}}),
        ("rp", {"jwks": {"keys": [{**public("ES256", "rp"), "kid": None}]}}),
        ("rp", {"jwks": {"keys": [public("ES256", "rp")] * 2}}),
        ("rp", {"authority_hints": None}),
        ("rp", {"authority_hints": "middle"}),
        ("rp", {"authority_hints": ["https://localhost:1/nobody"]}),
        ("rp", {"crit": ["moon"], "moon": "full"}),
        ("middle", {"iss": "https://evil.test/middle"}),
        ("middle", {"authority_hints": None}),
        ("middle", {"metadata": {}}),
        ("middle", {"metadata": {"federation_entity": {"federation_fetch_endpoint": "http://localhost/x"}}}),
        ("middle", {"jwks": {"keys": [public("ES256", "evil")]}}),
        ("anchor", {"jwks": {"keys": [public("ES256", "evil")]}}),
        ("anchor", {"exp": 1}),
    ],
)
def test_configurations_that_are_refused(
    party: Application, federation: Federation, browser: Browser, name: str, says: dict[str, Any]
) -> None:
    federation[name].says = {**federation[name].says, **says}
    unreachable = says.get("authority_hints") == ["https://localhost:1/nobody"]
    no_way_up = says == {"authority_hints": None}
    error = "temporarily_unavailable" if unreachable else "invalid_trust_anchor" if no_way_up else "invalid_trust_chain"
    refused(party, browser, error)


@pytest.mark.parametrize(
    ("above", "told"),
    [
        ("middle", {"iss": "https://evil.test/"}),
        ("middle", {"sub": "https://evil.test/"}),
        ("middle", {"exp": 1}),
        ("middle", {"iat": 99_999_999_999}),
        ("middle", {"jwks": {"keys": [public("ES256", "evil")]}}),
        ("middle", {"crit": ["moon"]}),
        ("anchor", {"sub": "https://evil.test/"}),
        ("anchor", {"exp": 1}),
        ("anchor", {"jwks": {"keys": [public("ES256", "evil")]}}),
        ("anchor", {"metadata_policy_crit": ["regexp"]}),
        ("anchor", {"constraints": {"max_path_length": 0}}),
        ("anchor", {"constraints": {"naming_constraints": {"permitted": [".example.test"]}}}),
        ("anchor", {"constraints": {"naming_constraints": {"excluded": ["localhost"]}}}),
        ("anchor", {"constraints": {"allowed_entity_types": ["openid_provider"]}}),
        ("middle", {"constraints": {"allowed_entity_types": []}}),
        ("middle", {"constraints": 7}),
        ("anchor", {"metadata_policy": 7}),
    ],
)
def test_statements_of_superiors_that_are_refused(
    party: Application, federation: Federation, browser: Browser, above: str, told: dict[str, Any]
) -> None:
    below = "rp" if above == "middle" else "middle"
    federation[above].tells[below] = told
    refused(party, browser)


def test_constraints_that_hold(party: Application, federation: Federation, browser: Browser) -> None:
    rules = {
        "max_path_length": 1,
        "naming_constraints": {"permitted": ["localhost"], "excluded": [".localhost"]},
        "allowed_entity_types": ["openid_relying_party"],
    }
    federation["anchor"].tells["middle"] = {"constraints": rules}
    begin(party, browser)
    assert browser.path.startswith("/u/login"), browser.shown.text


@pytest.mark.parametrize("name", ["rp", "middle", "anchor"])
@pytest.mark.parametrize(
    "head", [{"typ": "JWT"}, {"typ": None}, {"kid": None}, {"kid": "other"}, {"crit": ["b64"], "b64": True}]
)
def test_headers_of_statements(
    party: Application, federation: Federation, browser: Browser, name: str, head: dict[str, Any]
) -> None:
    federation[name].head = {"typ": "entity-statement+jwt", **head}
    refused(party, browser)


@pytest.mark.parametrize(("status", "kind"), [(404, None), (200, "application/json"), (302, None), (503, None)])
def test_answers_that_are_no_statement(
    party: Application, federation: Federation, browser: Browser, status: int, kind: str | None
) -> None:
    federation["rp"].status, federation["rp"].kind = status, kind or federation["rp"].kind
    error = "temporarily_unavailable" if status == 503 else "invalid_trust_chain"
    refused(party, browser, error)
    asked = len(federation.asked)
    refused(party, browser, error)
    assert len(federation.asked) == asked, "left alone for a while"


def test_loops_end(party: Application, federation: Federation, browser: Browser) -> None:
    """Two who name each other as superiors, and never an anchor."""
    other = federation.add("other", "middle")
    federation["middle"].hints = [other.id]
    other.tells = {"middle": {}}
    refused(party, browser, "invalid_trust_anchor")
    assert len(federation.asked) < 10


def test_a_chain_has_an_end(party: Application, federation: Federation, browser: Browser) -> None:
    above = "anchor"
    for each in range(12):
        federation.add(f"level{each}", above)
        above = f"level{each}"
    federation["rp"].hints = [federation[above].id]
    federation[above].tells["rp"] = {}
    refused(party, browser, "invalid_trust_anchor")
    assert len(federation.asked) <= 24


def test_many_superiors_cost_so_much(party: Application, federation: Federation, browser: Browser) -> None:
    names = [f"{chr(97 + each)}" for each in range(20)]
    for each in names:
        federation.add(each, "middle").hints = []
        federation[each].tells["rp"] = {}
    for each in names:
        federation[each].hints = [federation[other].id for other in names]
        for other in names:
            federation[other].tells[each] = {}
    federation["rp"].hints = [federation[each].id for each in names]
    refused(party, browser, "temporarily_unavailable")
    assert len(federation.asked) <= 24


def test_another_way_up_is_tried(party: Application, federation: Federation, browser: Browser) -> None:
    lost = federation.add("lost", "anchor")
    federation["anchor"].tells.pop("lost")
    lost.tells = {"rp": {}}
    federation["rp"].hints = [lost.id, federation["middle"].id]
    begin(party, browser)
    assert browser.path.startswith("/u/login"), browser.shown.text


def test_another_anchor_is_nobodys(party: Application, federation: Federation, browser: Browser) -> None:
    stranger = {"entity_id": f"{federation.base}/stranger", "jwks": federation["anchor"].jwks()}
    party.world.management().patch("/tenants/settings", {"federation": {"trust_anchors": [stranger]}})
    refused(party, browser, "invalid_trust_anchor")


# ---- policies
def test_policies_change_what_it_says(party: Application, federation: Federation, browser: Browser) -> None:
    federation["anchor"].tells["middle"] = {
        "metadata_policy": {
            "openid_relying_party": {
                "grant_types": {"subset_of": ["authorization_code"]},
                "client_name": {"value": "As the anchor calls it"},
            }
        }
    }
    federation["middle"].tells["rp"] = {
        "metadata": {"openid_relying_party": {"logo_uri": "https://app.example.test/logo.png"}},
        "metadata_policy": {"openid_relying_party": {"contacts": {"add": ["a@example.test"]}}},
    }
    begin(party, browser)
    assert browser.path.startswith("/u/login"), browser.shown.text
    made = party.world.management().get("/clients?is_first_party=false")[0]
    assert made["grant_types"] == ["authorization_code"]
    assert made["name"] == "As the anchor calls it"
    assert made["logo_uri"] == "https://app.example.test/logo.png"


@pytest.mark.parametrize(
    ("above", "below", "error"),
    [
        ({"client_name": {"value": "A"}}, {"client_name": {"value": "B"}}, "invalid_trust_chain"),
        ({"tos_uri": {"essential": True}}, {}, "invalid_metadata"),
        ({"token_endpoint_auth_method": {"one_of": ["tls_client_auth"]}}, {}, "invalid_metadata"),
        ({"grant_types": {"superset_of": ["implicit"]}}, {}, "invalid_metadata"),
        ({"redirect_uris": {"subset_of": ["https://other.example.test/cb"]}}, {}, "invalid_metadata"),
        ({"redirect_uris": {"value": None}}, {}, "invalid_metadata"),
    ],
)
def test_policies_that_refuse(
    party: Application, federation: Federation, browser: Browser, above: Any, below: Any, error: str
) -> None:
    federation["anchor"].tells["middle"] = {"metadata_policy": {"openid_relying_party": above}}
    federation["middle"].tells["rp"] = {"metadata_policy": {"openid_relying_party": below}}
    refused(party, browser, error)


@pytest.mark.parametrize(
    "change",
    [
        {"client_registration_types": ["explicit"]},
        {"client_registration_types": None},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"token_endpoint_auth_method": "none"},
        {"client_secret": "shared"},
        {"jwks": None},
        {"jwks": {"keys": [key("ES256", "protocol").as_dict(private=True)]}},
        {"redirect_uris": None},
        {"redirect_uris": ["https://*.example.test/"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"client_id": "https://evil.test/"},
        {"client_name": 7},
        {"logo_uri": "data:text/html,x"},
    ],
)
def test_metadata_that_is_refused(
    party: Application, federation: Federation, browser: Browser, change: dict[str, Any]
) -> None:
    federation.describe(federation["rp"], **change)
    refused(party, browser, "invalid_metadata")


def test_an_entity_that_is_no_relying_party(party: Application, federation: Federation, browser: Browser) -> None:
    federation["rp"].says = {"metadata": {"openid_provider": {}}}
    refused(party, browser, "invalid_metadata")


def test_keys_may_be_signed_at_an_address(party: Application, federation: Federation, browser: Browser) -> None:
    federation.describe(federation["rp"], jwks=None, signed_jwks_uri=f"{federation['rp'].id}/keys")
    begin(party, browser)
    assert browser.path.startswith("/u/login"), browser.shown.text


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


def test_a_chain_that_comes_along_and_makes_no_client_is_passed_over(
    party: Application, federation: Federation, browser: Browser
) -> None:
    federation.describe(federation["rp"], client_registration_types=["explicit"])
    old = federation.chain()
    federation.describe(federation["rp"])
    begin(party, browser, {"trust_chain": old}, post=True)
    assert browser.path.startswith("/u/login"), browser.shown.text


# ---- what it signs
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


# ---- trust ends
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


@row("P3")
@pytest.mark.parametrize(
    "address",
    [
        "https://169.254.169.254/rp",
        "https://10.0.0.1/rp",
        "http://localhost/rp",
        "https://localhost/rp?x=1",
        "https://localhost/rp#part",
        "https://user@localhost/rp",
        f"https://localhost/{'x' * 300}",
        "https://",
    ],
)
def test_addresses_that_are_not_read(
    party: Application, federation: Federation, browser: Browser, address: str
) -> None:
    begin(Application(party.world, address, None, CALLBACK, "none"), browser)
    assert browser.status in {400, 404}
    assert federation.asked == []


# ---- trust marks
def mark(federation: Federation, by: str = "anchor", **claims: Any) -> dict[str, Any]:
    said = {
        "iss": federation[by].id,
        "sub": federation["rp"].id,
        "iat": int(time.time()),
        "trust_mark_type": "urn:good",
    }
    raw = signed({**said, **claims}, federation[by].key, typ="trust-mark+jwt")
    return {"trust_mark_type": "urn:good", "trust_mark": raw}


def test_marks_are_passed_over_unless_they_are_required(
    party: Application, federation: Federation, browser: Browser
) -> None:
    federation["rp"].says["trust_marks"] = [{"trust_mark_type": "urn:good", "trust_mark": "nonsense"}]
    begin(party, browser)
    assert browser.path.startswith("/u/login"), browser.shown.text
    party.world.management().patch("/tenants/settings", {"federation": {"required_trust_marks": ["urn:good"]}})
    begin(party, browser)
    assert "invalid_trust_chain" in browser.shown.text


@pytest.mark.parametrize("by", ["anchor", "middle", "issuer"])
def test_a_mark_that_is_required(party: Application, federation: Federation, browser: Browser, by: str) -> None:
    party.world.management().patch("/tenants/settings", {"federation": {"required_trust_marks": ["urn:good"]}})
    issuer = federation.add("issuer", "anchor")
    issuer.says = {"metadata": {"federation_entity": {}}}
    federation["anchor"].says["trust_mark_issuers"] = {"urn:good": [federation[by].id]}
    federation["rp"].says["trust_marks"] = [mark(federation, by)]
    begin(party, browser)
    assert browser.path.startswith("/u/login"), browser.shown.text


def test_a_mark_with_another_signature(party: Application, federation: Federation, browser: Browser) -> None:
    party.world.management().patch("/tenants/settings", {"federation": {"required_trust_marks": ["urn:good"]}})
    federation["anchor"].says["trust_mark_issuers"] = {"urn:good": []}
    good = mark(federation)
    head, body, signature = good["trust_mark"].split(".")
    federation["rp"].says["trust_marks"] = [{**good, "trust_mark": f"{head}.{body}.{'A' * len(signature)}"}]
    refused(party, browser)


@pytest.mark.parametrize(
    ("claims", "issuers"),
    [
        ({}, {"urn:good": ["https://other.test/"]}),
        ({}, {}),
        ({"sub": "https://evil.test/"}, {"urn:good": []}),
        ({"trust_mark_type": "urn:other"}, {"urn:good": []}),
        ({"exp": 1}, {"urn:good": []}),
        ({"iss": "https://localhost:1/nobody"}, {"urn:good": ["https://other.test/"]}),
        ({"delegation": "nonsense"}, {"urn:good": []}),
        ({}, {"urn:good": None}),
        ({}, {"urn:good": 7}),
        ({}, {"urn:good": ""}),
        ({}, {"urn:good": {}}),
        ({}, {"urn:good": "https://localhost/"}),
    ],
)
def test_marks_that_do_not_count(
    party: Application, federation: Federation, browser: Browser, claims: Any, issuers: Any
) -> None:
    party.world.management().patch("/tenants/settings", {"federation": {"required_trust_marks": ["urn:good"]}})
    federation["anchor"].says["trust_mark_issuers"] = issuers
    federation["rp"].says["trust_marks"] = [mark(federation, **claims)]
    refused(party, browser)


def test_an_owner_lets_somebody_issue_its_mark(party: Application, federation: Federation, browser: Browser) -> None:
    party.world.management().patch("/tenants/settings", {"federation": {"required_trust_marks": ["urn:good"]}})
    owner = {"sub": "https://owner.test/", "jwks": {"keys": [public("ES256", "owner")]}}
    federation["anchor"].says |= {"trust_mark_issuers": {"urn:good": []}, "trust_mark_owners": {"urn:good": owner}}
    federation["rp"].says["trust_marks"] = [mark(federation)]
    refused(party, browser)
    given = {
        "iss": owner["sub"],
        "sub": federation["anchor"].id,
        "trust_mark_type": "urn:good",
        "iat": int(time.time()),
    }
    raw = signed(given, key("ES256", "owner"), typ="trust-mark-delegation+jwt")
    federation["rp"].says["trust_marks"] = [mark(federation, delegation=raw)]
    entities._failed.clear()
    begin(party, browser)
    assert browser.path.startswith("/u/login"), browser.shown.text


# ---- settings
@pytest.mark.parametrize(
    "change",
    [
        {"trust_anchors": [{"entity_id": "http://anchor.test/", "jwks": {"keys": [public("ES256")]}}]},
        {"trust_anchors": [{"entity_id": "https://anchor.test/?x", "jwks": {"keys": [public("ES256")]}}]},
        {"trust_anchors": [{"entity_id": "https://anchor.test/", "jwks": {"keys": []}}]},
        {"trust_anchors": [{"entity_id": "https://anchor.test/", "jwks": {"keys": [{"kty": "oct", "k": "AA"}]}}]},
        {
            "trust_anchors": [
                {"entity_id": "https://anchor.test/", "jwks": {"keys": [key("ES256").as_dict(private=True)]}}
            ]
        },
        {"trust_anchors": [{"entity_id": "https://anchor.test/"}]},
        {"trust_anchors": [{"entity_id": "https://anchor.test/", "jwks": {"keys": [public("ES256")]}}] * 2},
        {"authority_hints": ["anchor"]},
        {"moon": True},
    ],
)
def test_settings_that_are_refused(world: World, change: dict[str, Any]) -> None:
    answer = world.management()("PATCH", "/tenants/settings", {"federation": change})
    assert answer.status_code == 400, answer.get_json()


def test_a_key_without_a_name_is_refused(world: World) -> None:
    nameless = {name: value for name, value in public("ES256").items() if name != "kid"}
    anchors = [{"entity_id": "https://anchor.test/", "jwks": {"keys": [nameless]}}]
    answer = world.management()("PATCH", "/tenants/settings", {"federation": {"trust_anchors": anchors}})
    assert answer.status_code == 400


# ---- looked at
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
