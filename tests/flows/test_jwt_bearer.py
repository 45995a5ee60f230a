"""Assertions of issuers that a client trusts (RFC 7523 2.1, 3)."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from idp.foundation.kernel import clock
from idp.foundation.kernel.secrets import b64url
from idp.tenant.keys import store
from tests.security.rows import row
from tests.world.application import Application
from tests.world.client_keys import key, public, signed
from tests.world.domains import DOMAIN, held
from tests.world.fixtures import on_both_stores
from tests.world.world import Person, World

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ISSUER = "https://staff.acme.example"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256."""
TRUSTED = [{"issuer": ISSUER, "jwks": {"keys": [public()]}}]


@pytest.fixture
def app(world: World) -> Application:
    return world.client(grant_types=[GRANT, "refresh_token"], trusted_issuers=TRUSTED)


def assertion(world: World, subject: str, by: Any = None, header: Any = None, **claims: Any) -> str:
    now = clock.now()
    usual = {"iss": ISSUER, "sub": subject, "aud": f"{world.issuer}oauth/token", "iat": now, "exp": now + 300}
    return signed({**usual, "jti": secrets.token_urlsafe(9), **claims}, by or key(), **(header or {}))


def ask(app: Application, raw: str, **form: str) -> Any:
    return app.token(grant_type=GRANT, assertion=raw, **form)


def test_an_assertion_becomes_tokens(world: World, jane: Person, app: Application) -> None:
    said = ask(app, assertion(world, jane.user_id), scope="openid offline_access")
    assert said.status_code == 200, said.text
    assert app.claims(said.get_json()["id_token"])["sub"] == jane.user_id
    assert app.refresh(said.get_json()["refresh_token"]).status_code == 200
    assert [entry.user_id for entry in world.logs("sejbt")] == [jane.user_id]


def test_it_may_name_the_address_for_clients_with_certificates(world: World, jane: Person, app: Application) -> None:
    alias = f"https://mtls.{world.issuer.removeprefix('https://')}oauth/token"
    assert ask(app, assertion(world, jane.user_id, aud=alias)).status_code == 400
    world.settings(mtls={"enable_endpoint_aliases": True})
    assert ask(app, assertion(world, jane.user_id, aud=alias)).status_code == 200


@row("E5")
@pytest.mark.parametrize("claims", [{}, {"jti": None}], ids=["by its jti", "without one"])
@on_both_stores
def test_an_assertion_counts_once(world: World, jane: Person, app: Application, claims: dict[str, Any]) -> None:
    raw = assertion(world, jane.user_id, **claims)
    with ThreadPoolExecutor(4) as many:
        answers = list(many.map(lambda _: ask(app, raw).status_code, range(4)))
    assert sorted(answers) == [200, 400, 400, 400]


@row("E5")
def test_another_signature_makes_no_other_assertion(world: World, jane: Person, app: Application) -> None:
    """A signature on a curve can be written in two ways, which whoever sees one knows (s, and the order less s)."""
    raw = assertion(world, jane.user_id, jti=None)
    said, _, signature = raw.rpartition(".")
    r, s = (store.decode_segment(signature)[at : at + 32] for at in (0, 32))
    other = b64url(r + (ORDER - int.from_bytes(s)).to_bytes(32))
    assert ask(app, f"{said}.{other}").status_code == 200
    assert ask(app, raw).get_json()["error"] == "invalid_grant"


def test_whoever_is_not_trusted_asserts_nobody(world: World, jane: Person, app: Application) -> None:
    now = clock.now()
    world.protection("suspicious-ip-throttling", enabled=False)
    bad = [
        assertion(world, jane.user_id, by=key("ES256", "other")),
        assertion(world, jane.user_id, iss="https://evil.example"),
        assertion(world, jane.user_id, iss=world.issuer),
        assertion(world, jane.user_id, aud="https://somebody.example/"),
        assertion(world, jane.user_id, exp=now + 90_000),
        assertion(world, jane.user_id, exp=None),
        assertion(world, jane.user_id, jti=["x"]),
        assertion(world, "auth0|nobody"),
        "x",
    ]
    for raw in bad:
        said = ask(app, raw)
        assert (said.status_code, said.get_json()["error"]) == (400, "invalid_grant"), raw
    trusting_nobody = world.client(name="other", grant_types=[GRANT])
    assert ask(trusting_nobody, assertion(world, jane.user_id)).get_json()["error"] == "invalid_grant"
    without = world.client(name="without", trusted_issuers=TRUSTED)
    assert ask(without, assertion(world, jane.user_id)).get_json()["error"] == "unauthorized_client"


def test_an_issuer_needs_keys(world: World, app: Application) -> None:
    path = f"/clients/{app.client_id}"
    held(world)
    keys = {"jwks_uri": "https://a.example/k"}
    for bad in ({"issuer": ISSUER}, {"issuer": world.issuer, **keys}, {"issuer": f"https://{DOMAIN}", **keys}):
        assert world.caller().patch(path, {"trusted_issuers": [bad]}).status_code == 400
    assert world.management().get(path)["trusted_issuers"] == TRUSTED


def test_whoever_names_issuers_may_define_profiles(world: World, app: Application) -> None:
    path, sent = f"/clients/{app.client_id}", {"trusted_issuers": TRUSTED}
    assert world.caller("update:clients").patch(path, sent).status_code == 403
    assert world.caller("create:clients").post("/clients", {"name": "New", **sent}).status_code == 403
    assert world.caller("create:clients").post("/clients", {"name": "New"}).status_code == 201
    assert world.caller("update:clients", "create:token_exchange_profiles").patch(path, sent).status_code == 200


@row("U2")
@pytest.mark.parametrize(
    "claims",
    [{"act": {"sub": "desk"}}, {"may_act": {"sub": "somebody"}}, {"may_act": "x"}, {"cnf": {"jkt": "x"}}],
    ids=["somebody acts", "another may act", "nobody may act", "bound to a key"],
)
def test_whoever_acts_is_not_forgotten(world: World, jane: Person, app: Application, claims: dict[str, Any]) -> None:
    """The tokens would say that the person is there, or that whoever has the assertion may use it."""
    said = ask(app, assertion(world, jane.user_id, **claims))
    assert (said.status_code, said.get_json()["error"]) == (400, "invalid_grant")
    own = {"sub": app.client_id, "iss": world.issuer}
    assert ask(app, assertion(world, jane.user_id, may_act=own)).status_code == 200
