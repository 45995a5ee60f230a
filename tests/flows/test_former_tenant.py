"""Refresh tokens of the tenant that applications were moved from are exchanged here once (spec/migration.md;
docs/decisions/0250). A further tenant of this process is the former one; calls that leave end there.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from idp.applications.clients import client_grants
from idp.foundation.egress import Unreachable
from idp.foundation.egress import client as egress
from idp.foundation.egress.client import Answer
from idp.foundation.kernel import clock as kernel_clock
from idp.operations.migration import copying
from idp.operations.migration.copying import Copy
from idp.processes import purges
from idp.protocol.tokens import former, room
from idp.protocol.tokens.models import Authorization, Token
from tests.operations.migration.wire import Wire
from tests.security.rows import row
from tests.world.application import Application, Tokens
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import World

ISSUER = "https://old.example.test/"
OFFLINE = "openid profile offline_access"


class Outside:
    """The former tenant as calls that leave reach it; ``said`` is answered instead of what it says."""

    def __init__(self, old: World) -> None:
        self.old = old
        self.asked: list[dict[str, str]] = []
        self.said: Answer | Exception | None = None

    def post(self, _settings: Any, url: str, *, form: Mapping[str, str], **_more: Any) -> Answer:
        """See :func:`idp.foundation.egress.client.post`."""
        self.asked.append(dict(form))
        if isinstance(self.said, Exception):
            raise self.said
        if self.said is not None:
            return self.said
        answer = self.old.post(urlsplit(url).path, data=dict(form))
        return Answer(answer.status_code, {}, answer.get_data())


class Moved:
    """An application that was moved here with its people, and somebody who holds a refresh token of before."""

    def __init__(self, world: World, outside: Outside, **members: Any) -> None:
        self.world, self.outside, old = world, outside, outside.old
        self.before = old.client(members.pop("kind", "web"), **members)
        self.person = old.user("jane@old.example")
        self.held: Tokens = self.before.sign_in(old.browser(), self.person, scope=OFFLINE)
        self.moved()

    def moved(self) -> None:
        """What there is comes over."""
        old = self.outside.old
        report = copying.run(Copy(platform=self.world.platform, tenant=self.world.tenant, source=Wire(old.caller())))
        assert report.counts["users"].copied + report.counts["users"].there >= 1, report.reasons
        before = self.before
        self.app = Application(self.world, before.client_id, before.secret, before.callback, before.auth)


@pytest.fixture
def outside(world: World, monkeypatch: pytest.MonkeyPatch) -> Outside:
    made = Outside(world.other_tenant("old", ISSUER))
    world.settings(former_tenant={"issuer": ISSUER})
    monkeypatch.setattr(egress, "post", made.post)
    return made


@on_both_stores
def test_a_token_of_before_is_exchanged_once(world: World, outside: Outside) -> None:
    moved = Moved(world, outside)
    tokens = moved.held
    first = moved.app.refresh(tokens.refresh_token)
    assert first.status_code == 200, first.text
    new = Tokens(moved.app, first.json)
    claims = new.id_claims
    assert (claims["iss"], claims["sub"]) == (world.issuer, moved.person.user_id)
    assert new.userinfo().status_code == 200
    assert set(str(first.json["scope"]).split()) == set(OFFLINE.split())
    assert outside.asked == [
        {
            "grant_type": "refresh_token",
            "client_id": moved.app.client_id,
            "client_secret": moved.app.secret,
            "refresh_token": tokens.refresh_token,
        }
    ]
    again = moved.app.refresh(tokens.refresh_token)  # the application did not keep the new one: it stays good here
    assert again.status_code == 200, again.text
    assert len(outside.asked) == 1
    assert new.refreshed().userinfo().status_code == 200
    (family,) = world.caller().get(f"/users/{moved.person.user_id}/refresh-tokens").json["tokens"]
    assert world.caller().delete(f"/refresh-tokens/{family['id']}").status_code == 204
    assert moved.app.refresh(tokens.refresh_token).json["error"] == "invalid_grant"
    assert len(outside.asked) == 1


def test_one_that_rotates_is_spent(world: World, outside: Outside, clock: Clock) -> None:
    rotating = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 0}
    moved = Moved(world, outside, kind="spa", refresh_token=rotating)
    new = Tokens(moved.app, moved.app.refresh(moved.held.refresh_token).json)
    assert "client_secret" not in outside.asked[0]
    clock.forward(seconds=5)
    reused = moved.app.refresh(moved.held.refresh_token)
    assert (reused.status_code, reused.json["error"]) == (400, "invalid_grant")
    assert moved.app.refresh(new.refresh_token).json["error"] == "invalid_grant", "the whole family is over"
    assert len(outside.asked) == 1


def block(world: World, moved: Moved, *, blocked: bool) -> None:
    """What an administrator does, with what follows from it: everything that was issued ends."""
    answer = world.caller().patch(f"/users/{moved.person.user_id}", {"blocked": blocked})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("rotates", [False, True])
@on_both_stores
def test_what_was_revoked_here_stays_so_when_its_family_is_long_over(
    world: World, outside: Outside, clock: Clock, rotates: bool
) -> None:
    """The former tenant, which knows nothing of that, would give the token another life."""
    moved = Moved(world, outside)
    if rotates:
        world.change_client(moved.app.client_id, refresh_token={"rotation_type": "rotating", "leeway": 0})
    assert moved.app.refresh(moved.held.refresh_token).status_code == 200
    block(world, moved, blocked=True)
    block(world, moved, blocked=False)
    for days in (2, 31, 60):
        clock.forward(seconds=days * 86_400)
        purges.purge(world.platform.db, threading.Event())
        assert moved.app.refresh(moved.held.refresh_token).json["error"] == "invalid_grant"
    assert len(outside.asked) == 1


@on_both_stores
def test_adopted_tokens_go_in_the_end_and_with_their_people(world: World, outside: Outside, clock: Clock) -> None:
    def kept() -> int:
        with world.platform.db.reading(world.tenant) as session:
            return int(session.scalar(select(func.count()).select_from(Token)) or 0)

    moved = Moved(world, outside)
    assert moved.app.refresh(moved.held.refresh_token).status_code == 200
    clock.forward(seconds=366 * 86_400)
    purges.purge(world.platform.db, threading.Event())
    assert kept() == 1, "it lives"
    block(world, moved, blocked=True)
    clock.forward(seconds=40 * 86_400)
    purges.purge(world.platform.db, threading.Event())
    assert kept() == 0
    block(world, moved, blocked=False)
    more = moved.before.sign_in(outside.old.browser(), moved.person, scope=OFFLINE)
    assert moved.app.refresh(more.refresh_token).status_code == 200
    assert kept() == 1
    assert world.caller().delete(f"/users/{moved.person.user_id}").status_code == 204
    assert kept() == 0


def test_an_adopted_token_makes_room_with_its_row(
    world: World, outside: Outside, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "EVERY", 1)
    moved = Moved(world, outside)
    assert moved.app.refresh(moved.held.refresh_token).status_code == 200
    with world.writing() as work:
        (family,) = work.rows.scalars(select(Authorization).where(Authorization.user_id == moved.person.user_id))
        copied = {c.key: getattr(family, c.key) for c in Authorization.__table__.columns}
        for number in range(room.MOST_PER_CLIENT):
            later = copied["created_at"] + 1 + number
            work.rows.add(Authorization(**{**copied, "id": f"rt_{number}", "code_hash": None, "created_at": later}))
    clock.forward(seconds=60)
    more = moved.before.sign_in(outside.old.browser(), moved.person, scope=OFFLINE)
    assert moved.app.refresh(more.refresh_token).status_code == 200
    with world.platform.db.reading(world.tenant) as session:
        of = session.scalars(select(Token.authorization_id)).all()
    assert (len(of), family.id in of) == (1, False), "no row without its family"


def test_nobody_is_asked_unless_it_is_said(world: World, outside: Outside) -> None:
    moved = Moved(world, outside)
    for switched in (None, {"issuer": ISSUER, "clients": ["another"]}):
        world.settings(former_tenant=switched)
        assert moved.app.refresh(moved.held.refresh_token).json["error"] == "invalid_grant"
    assert outside.asked == []
    world.settings(former_tenant={"issuer": ISSUER, "clients": [moved.app.client_id]})
    assert moved.app.refresh(moved.held.refresh_token).status_code == 200


def test_a_refusal_is_one(world: World, outside: Outside, clock: Clock) -> None:
    moved = Moved(world, outside)
    unknown = "v1.M" + "x" * 40
    refused = moved.app.refresh(unknown)
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_grant")
    soon = moved.app.refresh(unknown)
    assert (soon.status_code, soon.json["error"]) == (503, "temporarily_unavailable")
    assert len(outside.asked) == 1
    clock.forward(seconds=former.AGAIN_MS // 1000 + 1)
    moved.app.refresh(unknown)
    assert len(outside.asked) == 2
    for odd in ("x", "a b" * 10, "\u00e9" * 30, "y" * 600):
        assert moved.app.refresh(odd).json["error"] == "invalid_grant"
    assert len(outside.asked) == 2


@pytest.mark.parametrize(
    "said", [Unreachable("silent"), Answer(500, {}, b""), Answer(429, {}, b""), Answer(200, {}, b"<")]
)
def test_while_it_does_not_answer_nothing_is_decided(
    world: World, outside: Outside, said: Answer | Exception, clock: Clock
) -> None:
    moved = Moved(world, outside)
    outside.said = said
    answer = moved.app.refresh(moved.held.refresh_token)
    assert (answer.status_code, answer.json["error"]) == (503, "temporarily_unavailable")
    outside.said = None
    clock.forward(seconds=former.AGAIN_MS // 1000 + 1)
    assert moved.app.refresh(moved.held.refresh_token).status_code == 200


def test_what_it_says_has_to_fit(world: World, outside: Outside) -> None:
    moved = Moved(world, outside)
    others = world.client()
    foreign = others.sign_in(world.browser(), world.user("eve@example.com"), scope=OFFLINE).raw
    for said in ({}, {"access_token": "opaque"}, foreign):
        outside.said = Answer(200, {}, json.dumps(said).encode())
        token = f"token-{len(outside.asked)}-0123456789"
        assert moved.app.refresh(token).json["error"] == "invalid_grant"


@row("O3")
def test_no_token_of_before_changes_an_account(world: World, outside: Outside) -> None:
    """One for what people change of their own account says that they proved who they are a moment ago: nobody did."""
    moved = Moved(world, outside)
    assert world.caller().post("/resource-servers", {"identifier": f"{world.issuer}me/"}).status_code == 201
    with world.writing() as work:
        scopes = ["read:me:factors"]
        client_grants.create(work, moved.app.client_id, f"{world.issuer}me/", scopes, subject_type="user")
    for number, base in enumerate((ISSUER, world.issuer)):
        for path in ("me/", "mfa/"):
            claims = {"iss": ISSUER, "sub": moved.person.user_id, "aud": f"{base}{path}", "exp": clock_s() + 60}
            said = {"access_token": f"e30.{b64(claims)}.e30", "scope": "read:me:factors"}
            outside.said = Answer(200, {}, json.dumps(said).encode())
            answer = moved.app.refresh(f"token-{number}-{path[:2]}-0123456789")
            assert answer.json["error"] == "invalid_grant", (base, path)


def test_the_id_token_says_when_they_signed_in_there(world: World, outside: Outside, clock: Clock) -> None:
    moved = Moved(world, outside)
    then = clock_s() - 5_000
    claims = {"iss": ISSUER, "sub": moved.person.user_id, "aud": moved.app.client_id, "exp": clock_s() + 60}
    outside.said = Answer(200, {}, json.dumps({"id_token": f"e30.{b64({**claims, 'auth_time': then})}.e30"}).encode())
    tokens = Tokens(moved.app, moved.app.refresh("token-0123456789-0123456789").json)
    assert tokens.id_claims["auth_time"] == then


def b64(claims: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


def clock_s() -> int:
    return kernel_clock.now()


def test_people_and_apis_have_to_be_here(world: World, outside: Outside) -> None:
    old = outside.old
    old.api("https://api.old.example/")
    app = old.client()
    late = old.user("late@old.example")
    held = app.sign_in(old.browser(), late, scope=OFFLINE, audience="https://api.old.example/")
    moved = Moved(world, outside)
    here = Application(world, app.client_id, app.secret, app.callback, app.auth)
    assert here.refresh(held.refresh_token).status_code == 200
    gone = moved.before.sign_in(old.browser(), old.user("later@old.example"), scope=OFFLINE)
    assert moved.app.refresh(gone.refresh_token).json["error"] == "invalid_grant"
    world.change_user(moved.person.user_id, blocked=True)
    assert moved.app.refresh(moved.held.refresh_token).json["error"] == "invalid_grant"


def test_a_part_of_the_scope_may_be_asked_for(world: World, outside: Outside) -> None:
    moved = Moved(world, outside)
    assert moved.app.refresh(moved.held.refresh_token, scope="openid").status_code == 200
    assert moved.app.refresh(moved.held.refresh_token, scope="openid email").json["error"] == "invalid_scope"
