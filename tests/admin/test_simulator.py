"""What the simulator foresees is what happens (spec/dashboard.md, lines 28 and 29): each scenario is simulated, then
played by a real browser.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import func, select

from idp.directory.connections import service as connections
from idp.directory.users.models import User
from idp.protocol.tokens.models import Authorization
from idp.signin.sessions.models import Session
from tests.world import factors
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.world import API, Person, World

CHANGING = frozenset({"iat", "exp", "jti", "auth_time", "sid", "nonce", "updated_at"})
"""Claims that are new each time, or that the sign-in itself changes."""


@dataclass
class Scene:
    """A scenario: how the world is furnished, and what is asked."""

    app: Application
    person: Person
    params: Mapping[str, Any] = field(default_factory=dict)
    signed_in: bool = False
    seed: str = ""


def somebody(world: World, **profile: Any) -> Person:
    """A person of their own for each scene of a world."""
    return world.user(f"ann.{secrets.token_hex(3)}@example.com", **profile)


def plain(world: World) -> Scene:
    return Scene(world.client(), somebody(world, name="Ann Lee"))


def scopes_alone(world: World) -> Scene:
    return Scene(world.client(), somebody(world), {"scope": "openid"})


def no_openid(world: World) -> Scene:
    return Scene(world.client(), somebody(world), {"scope": "profile"})


def metadata(world: World) -> Scene:
    person = somebody(world)
    world.management().patch(f"/users/{person.user_id}", {"user_metadata": {"locale": "de", "zoneinfo": "Europe/Rome"}})
    return Scene(world.client(), person, {"scope": "openid profile phone address"})


def claims_parameter(world: World) -> Scene:
    asked = '{"id_token":{"name":null},"userinfo":{"email":null}}'
    return Scene(world.client(), somebody(world, name="Ann"), {"scope": "openid", "claims": asked})


def api(world: World) -> Scene:
    identifier = world.api(f"{API}{secrets.token_hex(3)}/")
    asked = {"scope": "openid read:things fly:things", "audience": identifier}
    return Scene(world.client(), somebody(world), asked)


def enforced(world: World) -> Scene:
    identifier = world.api(
        f"{API}{secrets.token_hex(3)}/", enforce_policies=True, token_dialect="rfc9068_profile_authz"
    )
    person = somebody(world)
    management = world.management()
    role = management.post("/roles", {"name": "Reader"})["id"]
    named = {"resource_server_identifier": identifier, "permission_name": "read:things"}
    management.post(f"/roles/{role}/permissions", {"permissions": [named]})
    management("POST", f"/users/{person.user_id}/roles", {"roles": [role]})
    return Scene(world.client(), person, {"scope": "openid read:things write:things", "audience": identifier})


def offline(world: World) -> Scene:
    asked = {"scope": "openid offline_access"}
    app = world.client(grant_types=["authorization_code", "refresh_token"])
    return Scene(app, somebody(world), asked)


def offline_in_vain(world: World) -> Scene:
    app = world.client(grant_types=["authorization_code"])
    return Scene(app, somebody(world), {"scope": "openid offline_access"})


def third_party(world: World) -> Scene:
    return Scene(world.client(is_first_party=False), somebody(world))


def consent_again(world: World) -> Scene:
    return Scene(world.client(), somebody(world), {"prompt": "consent"})


def identifier_first(world: World) -> Scene:
    world.management().patch("/prompts", {"identifier_first": True})
    return Scene(world.client(), somebody(world))


def known(world: World) -> Scene:
    return Scene(world.client(), somebody(world), signed_in=True)


def known_and_asked_again(world: World) -> Scene:
    return Scene(world.client(), somebody(world), {"prompt": "login"}, signed_in=True)


def too_old(world: World) -> Scene:
    return Scene(world.client(), somebody(world), {"max_age": "0"}, signed_in=True)


def silent(world: World) -> Scene:
    return Scene(world.client(), somebody(world), {"prompt": "none"}, signed_in=True)


def silent_in_vain(world: World) -> Scene:
    return Scene(world.client(), somebody(world), {"prompt": "none"})


def blocked(world: World) -> Scene:
    person = somebody(world)
    world.management().patch(f"/users/{person.user_id}", {"blocked": True})
    return Scene(world.client(), person)


def second_factor(world: World) -> Scene:
    factors.demand(world, "otp")
    person = somebody(world)
    return Scene(world.client(), person, seed=factors.enrol(world, person))


def new_factor(world: World) -> Scene:
    factors.demand(world, "otp")
    return Scene(world.client(), somebody(world))


def step_up(world: World) -> Scene:
    factors.demand(world, "otp", policy="")
    person = somebody(world)
    asked = {"acr_values": "http://schemas.openid.net/pape/policies/2007/06/multi-factor"}
    return Scene(world.client(), person, asked, seed=factors.enrol(world, person))


def unknown_audience(world: World) -> Scene:
    return Scene(world.client(), somebody(world), {"audience": "https://nobody.example.test/"})


GROUPS: Mapping[str, tuple[Callable[[World], Scene], ...]] = {
    "claims": (plain, scopes_alone, no_openid, metadata, claims_parameter),
    "apis": (api, enforced, offline, offline_in_vain, unknown_audience),
    "sessions": (known, known_and_asked_again, too_old, silent, silent_in_vain),
    "pages": (third_party, consent_again, blocked, identifier_first),
    "factors": (step_up, second_factor, new_factor),
}
"""Each group is of one world: what a scene switches on stays on for those after it."""


def counts(world: World) -> list[int]:
    with world.writing() as work:
        tables = (User, Session, Authorization)
        return [int(work.rows.scalar(select(func.count()).select_from(each)) or 0) for each in tables]


def foreseen(world: World, scene: Scene) -> dict[str, Any]:
    asked: dict[str, Any] = {"scope": "openid profile email", **scene.params}
    if "max_age" in asked:
        asked["max_age"] = int(asked["max_age"])
    if scene.signed_in:
        asked["signed_in_ago"] = 60
    body = {"user_id": scene.person.user_id, "client_id": scene.app.client_id, **asked}
    answer: dict[str, Any] = world.management().post("/simulations", body)
    return answer


def played(scene: Scene, browser: Browser) -> tuple[list[str], Any]:
    """The pages that are seen, and the answer's tokens or error."""
    attempt = scene.app.begin(browser, **scene.params)
    pages: list[str] = []
    while browser.left_for is None and browser.path.startswith("/u/"):
        page = browser.path
        pages.append(page)
        assert len(pages) < 8, pages
        match page:
            case "/u/login":
                browser.submit(username=scene.person.email, password=scene.person.password)
            case "/u/login/identifier":
                browser.submit(username=scene.person.email)
            case "/u/login/password":
                browser.submit(password=scene.person.password)
            case "/u/consent":
                browser.submit("consent-accept")
            case "/u/mfa-otp/mfa-otp-challenge":
                browser.submit(code=factors.code_of(scene.seed))
            case "/u/mfa-otp/mfa-otp-enrollment-qr":
                scene.seed = factors.key_shown(browser)
                browser.submit(code=factors.code_of(scene.seed))
            case "/u/mfa-otp/mfa-otp-enrollment-code":
                browser.submit(code=factors.code_of(scene.seed))
            case "/u/mfa-recovery-code/mfa-recovery-code-enrollment":
                browser.submit(saved="on")
            case _:
                raise AssertionError(page)
    answer = browser.answer
    return pages, answer.params["error"] if answer.error else attempt.tokens(answer)


def lasting(claims: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name not in CHANGING}


@pytest.mark.parametrize("group", GROUPS)
def test_line_28_the_simulation_is_the_sign_in(world: World, group: str) -> None:
    for furnish in GROUPS[group]:
        simulated_and_played(world, world.browser(), furnish(world))


def simulated_and_played(world: World, browser: Browser, scene: Scene) -> None:
    if scene.signed_in:
        scene.app.sign_in(browser, scene.person)
    before = counts(world)
    said = foreseen(world, scene)
    assert counts(world) == before, "no user, session or token"
    pages, answer = played(scene, browser)
    assert said["screens"] == [each for each in pages if not each.endswith("-code")], said["steps"]
    if isinstance(answer, str):
        assert said["refused_by"]
        assert next(each["error"] for each in said["steps"] if each["outcome"] == "refused") == answer
        return
    assert said["refused_by"] == ""
    told = {each["name"]: {claim["name"]: claim["value"] for claim in each["claims"]} for each in said["told"]}
    assert said["scopes"] == str(answer.raw.get("scope", "")).split()
    assert said["refresh_token"] == ("refresh_token" in answer.raw)
    assert said["expires_in"] == answer.raw["expires_in"]
    assert ("id_token" in told) == ("id_token" in answer.raw)
    if "id_token" in told:
        assert lasting(told["id_token"]) == lasting(answer.id_claims)
        assert lasting(told["userinfo"]) == lasting(answer.userinfo().get_json())
    if said["access_token"] == "jwt":
        assert lasting(told["access_token"]) == lasting(answer.access_claims)
    else:
        assert answer.access_token.count(".") != 2


def sources(said: dict[str, Any], token: str) -> dict[str, dict[str, str]]:
    (found,) = [each for each in said["told"] if each["name"] == token]
    return {claim["name"]: claim["source"] for claim in found["claims"]}


def test_line_29_every_claim_names_its_source(world: World) -> None:
    scene = metadata(world)
    named = sources(foreseen(world, scene), "id_token")
    assert named["locale"] == {"kind": "user_metadata", "name": "locale", "scope": "profile"}
    assert named["iss"]["kind"] == "tenant"
    assert all(each["kind"] for each in named.values())


def test_line_29_permissions_name_their_role_and_what_is_missing_its_reason(world: World) -> None:
    said = foreseen(world, enforced(world))
    assert sources(said, "access_token")["permissions"] == {"kind": "role", "name": "Reader", "scope": ""}
    gone = {each["name"]: each["reason"] for each in said["removed"]}
    assert gone["write:things"] == "permission"
    person, asked = world.user("bob@example.com"), {"scope": "openid profile fly:things offline_access"}
    more = foreseen(world, Scene(world.client(grant_types=["authorization_code"]), person, asked))
    reasons = {each["name"]: each["reason"] for each in more["removed"]}
    assert reasons["fly:things"] == "unknown_scope"
    assert reasons["offline_access"] == "offline"
    assert reasons["family_name"] == "no_value"


def test_line_29_a_denied_sign_in_names_its_rule(world: World) -> None:
    assert foreseen(world, blocked(world))["refused_by"] == "policy.blocked"
    app, person = world.client(), world.user("bob@example.com")
    asked = {"audience": "https://nobody.example.test/"}
    assert foreseen(world, Scene(app, person, asked))["refused_by"] == "request.check_audience"
    with world.writing() as work:
        connections.switch_clients(work, connections.get(work, world.connection_id), [(app.client_id, False)])
    assert foreseen(world, Scene(app, person))["refused_by"] == "policy.connection"
