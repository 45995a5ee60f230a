"""The My Account API: accounts elsewhere, whose tokens are kept for applications."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from connectors.registry import STRATEGIES
from idp.directory.users import service as users
from idp.directory.users import source_tokens
from idp.directory.users.models import ConnectedAccount
from tests.security.rows import row
from tests.world.application import Application
from tests.world.fixtures import Clock, on_both_stores
from tests.world.own_account import ALL, Connecting, Giving, Me, sign_in
from tests.world.sources import REDIRECT, StubRedirect, come_back, connect
from tests.world.world import Person, World


def test_accounts_are_listed_and_disconnected(
    world: World, app: Application, source_stubs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STRATEGIES, REDIRECT.name, replace(REDIRECT, open=Giving))
    connection_id = connect(world, REDIRECT, app.client_id)
    world.caller().patch(f"/connections/{connection_id}", {"connected_accounts": {"active": True}})
    browser = world.browser()
    wanted = {"scope": "openid " + " ".join(ALL), "audience": f"{world.issuer}me/", "connection": "stub-social"}
    attempt = app.begin(browser, **wanted)
    come_back(browser)
    me = Me(world, attempt.tokens(browser.answer).access_token)
    assert me.get("/connected-accounts/connections")["connections"][0]["name"] == "stub-social"
    (account,) = me.get("/connected-accounts/accounts")["accounts"]
    assert account["id"].startswith("cac_")
    assert (account["access_type"], account["scopes"]) == ("offline", ["calendar", "mail"])
    assert me.get("/connected-accounts/accounts?connection=other") == {"accounts": []}
    assert me("DELETE", "/connected-accounts/accounts/cac_nonsense").status_code == 404
    assert me("DELETE", f"/connected-accounts/accounts/{account['id']}").status_code == 204
    assert me.get("/connected-accounts/accounts") == {"accounts": []}


def test_acceptance_7_an_account_is_connected_by_its_source(world: World, jane: Person, connecting: Connecting) -> None:
    begun = connecting.begin()
    assert begun.status_code == 201, begun.text
    assert begun.json is not None
    assert begun.json["expires_in"] == 300
    back = connecting.walk(begun.json)
    assert back["state"] == "s1"
    answer = connecting.complete(begun.json, back["connect_code"])
    assert answer.status_code == 201, answer.text
    account = answer.json or {}
    assert account["id"].startswith("cac_")
    assert (account["connection"], account["scopes"]) == ("stub-social", ["calendar", "mail"])
    assert connecting.me.get("/connected-accounts/accounts")["accounts"] == [account]
    with world.context() as work:
        (row,) = work.rows.scalars(select(ConnectedAccount))
        assert "of-the-source" not in row.tokens_sealed
        assert [each.user_id for each in users.identities_of(work, jane.user_id)] == [jane.user_id], "no way to sign in"
        (held,) = source_tokens.of_user(work, jane.user_id)
        assert source_tokens.fresh(work, held).tokens["access_token"] == "first"
    spent = connecting.complete(begun.json, back["connect_code"])
    assert spent.status_code == 400
    again = connecting.begin().json or {}
    assert connecting.complete(again, connecting.walk(again)["connect_code"]).status_code == 409
    assert connecting.me("DELETE", f"/connected-accounts/accounts/{account['id']}").status_code == 204
    with world.context() as work:
        assert source_tokens.of_user(work, jane.user_id) == []
    third = connecting.begin().json or {}
    assert connecting.complete(third, connecting.walk(third)["connect_code"]).status_code == 201


@row("O3")
@pytest.mark.parametrize(
    "wrong",
    [{"auth_session": "another"}, {"code_verifier": "w" * 43}, {"redirect_uri": "https://app.example.test/other"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_code_counts_only_with_what_the_application_kept(connecting: Connecting, wrong: dict[str, str]) -> None:
    """Somebody who had another sign in at the source gets nothing of it; the code is spent all the same."""
    begun = connecting.begin().json or {}
    code = connecting.walk(begun)["connect_code"]
    assert connecting.complete(begun, code, **wrong).status_code == 400
    assert connecting.complete(begun, code).status_code == 400
    assert connecting.me.get("/connected-accounts/accounts") == {"accounts": []}


def test_a_code_is_its_persons(world: World, app: Application, connecting: Connecting) -> None:
    begun = connecting.begin().json or {}
    code = connecting.walk(begun)["connect_code"]
    other = Me(world, sign_in(app, world.user("other@example.com")).access_token)
    assert connecting.complete(begun, code, me=other).status_code == 403


def test_a_ticket_is_used_once_and_by_one_browser(world: World, connecting: Connecting, clock: Clock) -> None:
    begun = connecting.begin().json or {}
    address = f"{begun['connect_uri']}?ticket={begun['connect_params']['ticket']}"
    assert world.browser().request("HEAD", address).status_code == 200, "whoever only looks at the link spends nothing"
    connecting.browser.open(address)
    assert connecting.browser.left_for is not None
    assert world.browser().open(address).status == 400
    late = connecting.begin().json or {}
    clock.forward(minutes=6)
    assert world.browser().open(f"{late['connect_uri']}?ticket={late['connect_params']['ticket']}").status == 400


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"connection": "nonsense"}, None),
        ({"redirect_uri": "https://evil.example/"}, None),
        ({"scopes": []}, "scopes"),
        ({"code_challenge_method": "plain"}, "code_challenge_method"),
        ({"code_challenge": "short"}, "code_challenge"),
    ],
)
def test_what_cannot_be_connected_is_refused(
    connecting: Connecting, members: dict[str, Any], field: str | None
) -> None:
    answer = connecting.begin(**members)
    assert answer.status_code == 400, answer.text
    if field is not None:
        assert field in answer.text


@row("V3")
@on_both_stores
@pytest.mark.parametrize("said", ["", "a\0b", "x" * 300])
def test_an_id_that_nobody_can_have_connects_nothing(
    connecting: Connecting, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setattr(StubRedirect, "account_id", said)
    back = connecting.walk(connecting.begin().json or {})
    assert (back["error"], back["error_description"]) == ("access_denied", "The source gave no usable id.")


@pytest.mark.parametrize("change", [{"connected_accounts": {"active": False}}, None], ids=["switched off", "gone"])
def test_a_connection_that_went_meanwhile_connects_nothing(
    world: World, connecting: Connecting, change: dict[str, Any] | None
) -> None:
    begun = connecting.begin().json or {}
    code = connecting.walk(begun)["connect_code"]
    (found,) = [each for each in world.caller().get("/connections").json if each["name"] == REDIRECT.name]
    path = f"/connections/{found['id']}"
    done = world.caller().patch(path, change) if change else world.caller().delete(path)
    assert done.status_code < 300
    answer = connecting.complete(begun, code)
    assert answer.status_code == 400, answer.text
    assert connecting.me.get("/connected-accounts/accounts") == {"accounts": []}
