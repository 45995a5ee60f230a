"""What a connector is given: its typed options, and ports instead of the product."""

from __future__ import annotations

import pytest

from connectors.contract import ConnectorContext, ConnectorError
from connectors.registry import STRATEGIES
from connectors.strategy import AccountRules, Options, PasswordRules, Secret, SignUpRules, Strategy
from idp.directory.connections import runtime, service
from idp.foundation import egress
from idp.foundation.egress.client import Answer
from tests.world.world import World

DATABASE = STRATEGIES["auth0"]


class KeyOptions(Options, frozen=True, kw_only=True):
    """One option."""

    api_key: Secret = ""


class Curious:
    """Keeps what it was given."""

    def __init__(self, context: ConnectorContext) -> None:
        self.context = context


def context_of(world: World, monkeypatch: pytest.MonkeyPatch) -> ConnectorContext:
    strategy = Strategy(name="curious", kind="social", amr="fed", options=KeyOptions, open=Curious)
    monkeypatch.setitem(STRATEGIES, strategy.name, strategy)
    with world.writing() as work:
        members = {"name": "curious", "strategy": strategy.name, "options": {"api_key": "k"}}
        connection_id = service.create(work, members).id
    with world.context() as work:
        found = runtime.find(work, connection_id)
        assert found is not None
        opened = runtime.runtime.open(work, found)
        assert isinstance(opened, Curious)
        return opened.context


def test_a_connector_is_given_ports(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    context = context_of(world, monkeypatch)
    assert isinstance(context.options, KeyOptions)
    assert context.options.api_key == "k"
    assert context.callback_url == f"{world.issuer}login/callback"
    assert (context.credentials is not None, context.hasher is not None, context.clock is not None) == (True,) * 3
    assert context.secrets is not None
    assert context.secrets.open(context.secrets.seal("text")) == "text"


def test_outbound_calls_go_through_the_guard(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    http = context_of(world, monkeypatch).http
    assert http is not None
    for call in (lambda: http.get("https://10.0.0.1/"), lambda: http.post_form("https://10.0.0.1/", {"a": "b"})):
        with pytest.raises(ConnectorError) as refused:
            call()
        assert refused.value.code == "temporarily_unavailable"
    monkeypatch.setattr(egress, "get", lambda *_args, **_more: Answer(200, {}, b'{"a": 1}'), raising=False)
    answer = http.get("https://source.example.test/")
    assert (answer.status, answer.json()) == (200, {"a": 1})
    monkeypatch.setattr(egress, "get", lambda *_args, **_more: Answer(200, {}, b"<"), raising=False)
    with pytest.raises(ValueError, match="JSON"):
        http.get("https://source.example.test/").json()


@pytest.mark.parametrize(
    ("document", "rules"),
    [
        ({}, AccountRules()),
        ({"disable_signup": True}, AccountRules(signup=False)),
        (
            {"requires_username": True},
            AccountRules(username_length=(1, 15), asks=SignUpRules(username="required")),
        ),
        (
            {"requires_username": True, "validation": {"username": {"min": 3, "max": 20}}},
            AccountRules(username_length=(3, 20), asks=SignUpRules(username="required")),
        ),
        (
            {
                "passwordPolicy": "low",
                "password_complexity_options": {"min_length": 12},
                "password_dictionary": {"enable": True, "dictionary": ["acme"]},
                "password_no_personal_info": {"enable": True},
                "password_history": {"enable": True},
            },
            AccountRules(
                password=PasswordRules(level="low", min_length=12, words=("acme",), no_personal_data=True, remembered=5)
            ),
        ),
        ({"password_history": {"enable": False, "size": 9}}, AccountRules()),
        ({"nobody": "declared this", "passwordPolicy": None}, AccountRules()),
    ],
)
def test_what_the_options_of_a_database_mean(document: dict[str, object], rules: AccountRules) -> None:
    assert DATABASE.read(document).accounts() == rules
    assert DATABASE.read({"brute_force_protection": False}).locks_out() is False
