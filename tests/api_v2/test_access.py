"""Sessions, refresh tokens, consent, tickets, blocks, linked accounts and log entries."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from idp.foundation.kernel import clock, ids
from idp.foundation.queue.models import OutboxItem
from idp.protocol.tokens.models import Authorization
from idp.signin.attack_protection import brute_force
from idp.signin.attack_protection.brute_force import Counted
from idp.signin.sessions import service as sessions
from idp.signin.user_grants import service as user_grants
from idp.tenant.keys import signer
from tests.api_v2.test_users import create, path
from tests.world.management import Api
from tests.world.templates import CONNECTION, ISSUER, TENANT
from tests.world.world import PASSWORD, World


def sign_in(world: World, user_id: str) -> str:
    """A session of the user; answers its id."""
    with world.context() as ctx, ctx.hot.transaction():
        sid, _ = sessions.begin(ctx, user_id, None, [{"name": "pwd", "timestamp": clock.iso(clock.now_ms())}])
        sessions.join(ctx, sid, world.machine)
    return sid


def refresh_token(
    world: World,
    user_id: str,
    session_id: str | None = None,
    *,
    client_id: str | None = None,
    audience: str | None = "https://api/",
) -> str:
    """A refresh token family of the user; answers its id."""
    family, now = f"rlp_{ids.alphanumeric(19)}", clock.now_ms()
    with world.platform.db.unit(TENANT) as unit:
        unit.add(
            Authorization(
                id=family,
                client_id=client_id or world.machine,
                user_id=user_id,
                session_id=session_id,
                scope="openid offline_access",
                audience=audience,
                request={},
                offline=True,
                rotating=True,
                device={"initial_ip": "203.0.113.9"},
                generation=1,
                created_at=now,
                code_used_at=now,
                expires_at=now + 10_000_000,
                idle_expires_at=now + 5_000_000,
                live_until=now + 5_000_000,
            )
        )
    return family


def test_sessions_are_shown_changed_and_ended(api: Api, world: World) -> None:
    user = create(api)
    sid = sign_in(world, user["user_id"])
    shown = api.get(f"/sessions/{sid}").json or {}
    assert (shown["id"], shown["user_id"], shown["clients"]) == (sid, user["user_id"], [{"client_id": world.machine}])
    assert shown["authentication"]["methods"][0]["name"] == "pwd"
    assert shown["device"]["initial_ip"] == "203.0.113.9"
    assert (api.get(f"/users/{user['user_id']}/sessions").json or {})["sessions"] == [shown]
    changed = api.patch(f"/sessions/{sid}", {"session_metadata": {"a": "b"}}).json or {}
    assert changed["session_metadata"] == {"a": "b"}
    assert api.patch(f"/sessions/{sid}", {"session_metadata": {str(n): "x" for n in range(26)}}).status_code == 400
    assert api.patch(f"/sessions/{sid}", {"session_metadata": {"a b": "x"}}).status_code == 400
    assert "session_metadata" not in (api.patch(f"/sessions/{sid}", {"session_metadata": {}}).json or {})
    assert api.delete(f"/sessions/{sid}").status_code == 202
    assert api.get(f"/sessions/{sid}").status_code == 404
    assert api.delete(f"/sessions/{sid}").status_code == 202


def test_refresh_tokens_are_shown_and_revoked(api: Api, world: World) -> None:
    user = create(api)
    family = refresh_token(world, user["user_id"])
    shown = api.get(f"/refresh-tokens/{family}").json or {}
    assert {
        "id",
        "user_id",
        "client_id",
        "created_at",
        "expires_at",
        "idle_expires_at",
        "rotating",
        "resource_servers",
    } <= set(shown)
    assert shown["resource_servers"] == [{"audience": "https://api/", "scopes": "openid offline_access"}]
    assert (api.get(f"/users/{user['user_id']}/refresh-tokens").json or {})["tokens"] == [shown]
    assert (api.get("/refresh-tokens", user_id=user["user_id"]).json or {})["refresh_tokens"] == [shown]
    assert api.get("/refresh-tokens").status_code == 400
    devices = api.get("/device-credentials", user_id=user["user_id"], include_totals="true").json or {}
    assert (devices["total"], devices["device_credentials"][0]["type"]) == (1, "rotating_refresh_token")
    named = f"/refresh-tokens/{family}"
    assert "refresh_token_metadata" not in shown
    assert api.patch(named, {"refresh_token_metadata": {"k": "v"}}).status_code == 200
    assert (api.get(named).json or {})["refresh_token_metadata"] == {"k": "v"}
    assert api.patch(named, {"refresh_token_metadata": {str(n): "x" for n in range(26)}}).status_code == 400
    assert "refresh_token_metadata" not in (api.patch(named, {"refresh_token_metadata": {}}).json or {})
    assert api.get(named).json == shown
    assert api.delete(f"/refresh-tokens/{family}").status_code == 204
    assert api.get(f"/refresh-tokens/{family}").status_code == 404
    assert api.get("/device-credentials", user_id=user["user_id"]).json == []


@pytest.mark.parametrize(
    "revoke",
    [
        lambda api, user, sid, family: api.delete(f"/device-credentials/{family}"),
        lambda api, user, sid, family: api.delete(f"/users/{user}/refresh-tokens"),
        lambda api, user, sid, family: api.post("/refresh-tokens/revoke", {"ids": [family]}),
        lambda api, user, sid, family: api.post("/refresh-tokens/revoke", {"user_id": user}),
        lambda api, user, sid, family: api.post(f"/users/{user}/revoke-access", {}),
        lambda api, user, sid, family: api.post(f"/users/{user}/revoke-access", {"session_id": sid}),
        lambda api, user, sid, family: api.post(f"/sessions/{sid}/revoke"),
        lambda api, user, sid, family: api.patch(f"/users/{user}", {"password": "another 9 Good phrase"}),
        lambda api, user, sid, family: api.delete(f"/users/{user}"),
    ],
)
def test_every_way_to_kill_a_refresh_token(api: Api, world: World, revoke: Any) -> None:
    user = create(api)["user_id"]
    sid = sign_in(world, user)
    family = refresh_token(world, user, sid)
    other = refresh_token(world, create(api, "other@example.com")["user_id"])
    assert revoke(api, user, sid, family).status_code in {200, 202, 204}
    with world.platform.db.reading(TENANT) as unit:
        revoked = {row.id: row.revoked_at for row in unit.scalars(select(Authorization))}
    assert revoked.get(family, "erased") is not None
    assert revoked[other] is None


def test_revoking_access_may_spare_refresh_tokens(api: Api, world: World) -> None:
    user = create(api)["user_id"]
    sid = sign_in(world, user)
    family = refresh_token(world, user, sid)
    assert api.post(f"/users/{user}/revoke-access", {"preserve_refresh_tokens": True}).status_code == 204
    assert api.get(f"/sessions/{sid}").status_code == 404
    assert api.get(f"/refresh-tokens/{family}").status_code == 200
    assert api.post("/refresh-tokens/revoke", {}).status_code == 400


@pytest.mark.parametrize(
    "change", [{"email": "b@example.com"}, {"email_verified": True}, {"password": "another 9 Good phrase"}]
)
def test_changed_credentials_end_sessions(api: Api, world: World, change: dict[str, Any]) -> None:
    user = create(api)
    sid = sign_in(world, user["user_id"])
    api.patch(path(user), {"name": "J", "user_metadata": {"a": 1}})
    assert api.get(f"/sessions/{sid}").status_code == 200
    assert api.patch(path(user), change).status_code == 200
    assert api.get(f"/sessions/{sid}").status_code == 404


def test_consent_is_shown_and_forgotten(api: Api, world: World) -> None:
    user = create(api)["user_id"]
    with world.context() as ctx:
        user_grants.record(ctx, user, world.machine, "https://api/", ["read:a"])
    totals = api.get("/grants", user_id=user, include_totals="true").json or {}
    (grant,) = totals["grants"]
    expected = {"clientID": world.machine, "user_id": user, "audience": "https://api/", "scope": ["read:a"]}
    assert {**grant, "id": ""} == {"id": "", **expected}
    assert api.delete(f"/grants/{grant['id']}").status_code == 204
    assert api.get("/grants", user_id=user).json == []
    assert api.delete("/grants").status_code == 400
    assert api.delete("/grants", user_id=user).status_code == 204


@pytest.mark.parametrize("by_user", [False, True])
def test_consent_taken_back_takes_the_tokens_along(api: Api, world: World, by_user: bool) -> None:
    user, other = create(api)["user_id"], create(api, "other@example.com")["user_id"]
    with world.context() as ctx:
        for holder in (user, other):
            user_grants.record(ctx, holder, world.machine, "https://api/", ["read:a"])
    family, spared = refresh_token(world, user), refresh_token(world, other)
    elsewhere = refresh_token(world, user, client_id="another")
    (grant,) = api.get("/grants", user_id=user).json
    gone = api.delete("/grants", user_id=user) if by_user else api.delete(f"/grants/{grant['id']}")
    assert gone.status_code == 204
    assert api.get(f"/refresh-tokens/{family}").status_code == 404
    assert api.get(f"/refresh-tokens/{spared}").status_code == 200
    assert api.get(f"/refresh-tokens/{elsewhere}").status_code == 200
    assert [left["user_id"] for left in api.get("/grants").json] == [other]


@pytest.mark.parametrize("taken", ["https://api/", "https://other/", ""])
def test_one_consent_takes_the_tokens_of_its_own_audience_along(api: Api, world: World, taken: str) -> None:
    user, audiences = create(api)["user_id"], ["https://api/", "https://other/", ""]
    with world.context() as ctx:
        for audience in audiences:
            user_grants.record(ctx, user, world.machine, audience, ["openid"])
    families = {each: refresh_token(world, user, audience=each or None) for each in audiences}
    (grant,) = [each for each in api.get("/grants", user_id=user).json or [] if each["audience"] == taken]
    assert api.delete(f"/grants/{grant['id']}").status_code == 204
    alive = {each for each, family in families.items() if api.get(f"/refresh-tokens/{family}").status_code == 200}
    assert alive == set(audiences) - {taken}
    assert {each["audience"] for each in api.get("/grants", user_id=user).json or []} == alive


def test_tickets(api: Api) -> None:
    user = create(api)
    for kind, where in (("email-verification", "u/email-verification"), ("password-change", "u/reset-verify")):
        made = api.post(
            f"/tickets/{kind}", {"user_id": user["user_id"], "result_url": "https://a.example/done", "ttl_sec": 60}
        )
        assert made.status_code == 201
        assert (made.json or {})["ticket"].startswith(f"{ISSUER}{where}?ticket=")
    client = api.post("/clients", {"name": "Shop"}).json or {}
    back = {"user_id": user["user_id"], "client_id": client["client_id"]}
    assert api.post("/tickets/password-change", back).status_code == 201
    (connection,) = api.get("/connections", name=CONNECTION).json
    by_address = {"connection_id": connection["id"], "email": "JANE@example.com", "mark_email_as_verified": True}
    assert api.post("/tickets/password-change", by_address).status_code == 201
    for body in (
        {"user_id": user["user_id"], "organization_id": "org_x"},
        {"user_id": user["user_id"], "result_url": "https://a.example/", "client_id": client["client_id"]},
        {"user_id": user["user_id"], "result_url": "javascript:1"},
        {"user_id": user["user_id"], "client_id": "nobody"},
        {"user_id": user["user_id"], "identity": {"user_id": "x", "provider": "auth0"}},
        {"user_id": user["user_id"], **by_address},
        {"email": "jane@example.com"},
        {},
    ):
        assert api.post("/tickets/password-change", body).status_code == 400, body
    assert api.post("/tickets/password-change", {"user_id": "auth0|nobody"}).status_code == 404


def test_blocks_are_shown_and_lifted(api: Api, world: World) -> None:
    user = create(api)
    with world.context() as ctx:
        for _ in range(10):
            brute_force.attempt(ctx, Counted("jane@example.com", "jane@example.com"), CONNECTION)
    expected = {"blocked_for": [{"identifier": "jane@example.com", "ip": "203.0.113.9", "connection": CONNECTION}]}
    assert api.get(f"/user-blocks/{user['user_id']}").json == expected
    assert api.get("/user-blocks", identifier="Jane@Example.com").json == expected
    assert api.delete(f"/user-blocks/{user['user_id']}").status_code == 204
    assert api.get("/user-blocks", identifier="jane@example.com").json == {"blocked_for": []}
    assert api.get("/user-blocks").status_code == 400
    assert api.get("/user-blocks/auth0%7Cnobody").status_code == 404


def test_linking_and_unlinking(api: Api) -> None:
    main = create(api, email_verified=True)
    other = create(api, "other@example.com", email_verified=True, name="Other", user_metadata={"x": 1})
    short = other["user_id"].partition("|")[2]
    linked = api.post(f"{path(main)}/identities", {"provider": "auth0", "user_id": short})
    assert linked.status_code == 201
    first, second = linked.json
    assert (first["user_id"], second["user_id"]) == (main["user_id"].partition("|")[2], short)
    assert "profileData" not in first
    assert (second["profileData"]["email"], second["profileData"]["name"]) == ("other@example.com", "Other")
    assert api.get(path(other)).status_code == 404
    assert [user["user_id"] for user in api.get("/users", q=f"identities.user_id:{short}").json] == [main["user_id"]]
    assert api.post(f"{path(main)}/identities", {"provider": "auth0", "user_id": short}).status_code == 409
    same = api.post(f"{path(main)}/identities", {"provider": "auth0", "user_id": first["user_id"]})
    assert same.status_code == 400
    assert api.post(f"{path(main)}/identities", {"provider": "auth0", "user_id": "nobody"}).status_code == 400
    assert api.delete(f"{path(main)}/identities/auth0/{first['user_id']}").status_code == 400
    left = api.delete(f"{path(main)}/identities/auth0/{short}")
    assert (left.status_code, left.json) == (200, [first])
    again = api.get(path(other)).json or {}
    assert (again["email"], again["name"]) == ("other@example.com", "Other")
    assert "user_metadata" not in again
    assert api.delete(f"{path(main)}/identities/auth0/{short}").status_code == 404


def test_linking_by_token(api: Api, world: World) -> None:
    main, other = create(api, email_verified=True), create(api, "other@example.com", email_verified=True)
    me = world.caller_for(main["user_id"], "update:current_user_identities")
    where = f"{path(main)}/identities"

    def id_token(**claims: Any) -> str:
        base = {"iss": ISSUER, "sub": other["user_id"], "aud": world.machine, "exp": clock.now() + 60}
        with world.context() as ctx:
            return signer.sign(ctx, {**base, **claims})

    for claims in (
        {"aud": "another"},
        {"exp": 1},
        {"iss": "https://evil.example/"},
        {"sub": "auth0|nobody"},
        {"sub": main["user_id"]},
    ):
        assert me.post(where, {"link_with": id_token(**claims)}).status_code == 400, claims
    claims = {"iss": ISSUER, "sub": other["user_id"], "aud": world.machine, "exp": clock.now() + 60}
    forged = signer.sign_hs256("secret", claims)
    assert me.post(where, {"link_with": forged}).status_code == 400
    assert me.post(where, {"provider": "auth0", "user_id": other["user_id"]}).status_code == 403
    assert me.post(f"{path(other)}/identities", {"link_with": id_token()}).status_code == 403
    linked = me.post(where, {"link_with": id_token()})
    assert (linked.status_code, len(linked.json)) == (201, 2)


def test_secondary_identities_keep_their_own_rules(api: Api) -> None:
    options = {"passwordPolicy": "low"}
    api.post("/connections", {"name": "second", "strategy": "auth0", "options": options})
    main = create(api, email_verified=True)
    proven = {"connection": "second", "email": "o@example.com", "password": PASSWORD, "email_verified": True}
    other = api.post("/users", proven).json or {}
    api.post(f"{path(main)}/identities", {"provider": "auth0", "user_id": other["user_id"].partition("|")[2]})
    assert api.patch(path(main), {"connection": "second", "name": "x"}).status_code == 400
    changed = api.patch(path(main), {"connection": "second", "email": "new@example.com"}).json or {}
    assert changed["email"] == "jane@example.com"
    assert changed["identities"][1]["profileData"]["email"] == "new@example.com"


def test_new_addresses_are_asked_to_be_verified(api: Api, world: World) -> None:
    def mails() -> int:
        with world.platform.db.reading(TENANT) as unit:
            return int(
                unit.scalar(select(func.count()).select_from(OutboxItem).where(OutboxItem.task == "mail.send")) or 0
            )

    create(api, "verified@example.com", email_verified=True)
    create(api, "quiet@example.com", verify_email=False)
    assert mails() == 0
    user = create(api)
    assert mails() == 1
    api.patch(path(user), {"email": "next@example.com", "verify_email": True})
    assert mails() == 2


def test_logs_are_listed_paged_and_filtered(api: Api) -> None:
    users = [create(api, f"user{number}@example.com") for number in range(3)]
    api.delete(path(users[0]))
    newest = api.get("/logs", per_page=2, include_totals="true").json or {}
    assert {**newest, "logs": len(newest["logs"])} == {
        "start": 0,
        "limit": 2,
        "length": 2,
        "total": newest["total"],
        "logs": 2,
    }
    entry = newest["logs"][0]
    assert {
        "_id",
        "log_id",
        "date",
        "type",
        "description",
        "client_id",
        "ip",
        "user_agent",
        "isMobile",
        "details",
    } <= set(entry)
    assert api.get(f"/logs/{entry['log_id']}").json == entry
    assert api.get("/logs/900").status_code == 404
    assert {log["type"] for log in api.get("/logs", q="type:sdu").json} == {"sdu"}
    assert {log["type"] for log in api.get("/logs", q='type:("sdu" OR "sapi")').json} == {"sdu", "sapi"}
    assert api.get("/logs", q=f'type:sapi AND user_id:"{users[0]["user_id"]}"').json == []
    for bad in ("password:x", "type:", "type:a AND", "type:a OR OR type:b"):
        assert api.get("/logs", q=bad).status_code == 400, bad
    assert api.get("/logs", sort="type:1").status_code == 400
    assert next(log["type"] for log in api.get(f"/users/{users[0]['user_id']}/logs").json) == "sdu"
    seen: list[str] = []
    after: dict[str, str] = {}
    while chunk := api.get("/logs", take=2, **after).json:
        seen += [log["log_id"] for log in chunk]
        after = {"from_": chunk[-1]["log_id"]}
    assert seen == sorted(set(seen))
    assert len(seen) == newest["total"]
    assert set(api.get("/logs", fields="type,date", per_page=1).json[0]) == {"type", "date"}


def test_stats(api: Api) -> None:
    assert api.get("/stats/active-users").json == 0
    assert api.get("/stats/daily").json == []
    assert api.get("/stats/daily", from_="20260101", to="20260131").status_code == 200
    assert api.get("/stats/daily", from_="2026").status_code == 400
    assert api.get("/stats/daily", from_="20269999").status_code == 400
