"""The policy table: order, reasons, and one error per reason."""

from __future__ import annotations

from typing import Any, cast

import pytest
import time_machine

from idp.applications.clients.runtime import ClientConfig, ClientData
from idp.applications.resource_servers import runtime as resource_servers
from idp.directory.connections import runtime as connections
from idp.foundation.tenancy.settings import Compatibility
from idp.signin.factors.policy import Need
from idp.signin.login import policy
from idp.signin.login.policy import AuthenticationRequest, Situation
from idp.signin.sessions.service import LiveSession
from idp.signin.user_grants import service as user_grants
from idp.signin.user_grants.service import Recorded

NOW_S = 1_800_000_000


def session(**changes: Any) -> LiveSession:
    base: dict[str, Any] = {
        "id": "sid",
        "user_id": "auth0|1",
        "connection_id": "con_1",
        "authenticated_at": (NOW_S - 100) * 1000,
        "created_at": 0,
        "last_interacted_at": 0,
        "idle_expires_at": 0,
        "expires_at": 0,
        "cookie_mode": "persistent",
        "methods": [],
        "known_client": True,
        "blocked": False,
        "email": None,
        "name": None,
    }
    return LiveSession(**{**base, **changes})


def situation(**changes: Any) -> Situation:
    first_party = changes.pop("first_party", True)
    client = ClientConfig("client", "App", None, first_party, ClientData(), Compatibility())
    base: dict[str, Any] = {
        "client": client,
        "resume": "/resume",
        "redirect_uri": "https://app.example.test/callback",
        "scope": ("openid",),
    }
    facts = {name: changes.pop(name) for name in ("authenticated_at", "consented") if name in changes}
    signed_in = changes.pop("session", session())
    request = AuthenticationRequest(**{**base, **changes})
    return Situation(cast("Any", None), request, signed_in, **facts)


@pytest.fixture(autouse=True)
def around(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Every connection is enabled, nothing is on record, and time stands still."""
    monkeypatch.setattr(connections, "enabled", lambda *_: True)
    monkeypatch.setattr(connections, "find", lambda *_: None)
    monkeypatch.setattr(resource_servers, "find", lambda *_: None)
    monkeypatch.setattr(policy, "suggestion", lambda *_: None)
    monkeypatch.setattr(policy, "second_factor", lambda _: Need.NOTHING)
    monkeypatch.setattr(policy.profile_form, "required", lambda *_: False)
    monkeypatch.setattr(policy.accepted_terms, "changed", lambda *_: False)
    monkeypatch.setattr(user_grants, "granted", lambda *_: None)
    with time_machine.travel(NOW_S, tick=False):
        yield


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"session": None}, "no_session"),
        ({"session": None, "prompt": ("login", "consent"), "max_age": 0}, "no_session"),
        ({"prompt": ("login",)}, "prompt"),
        ({"prompt": ("select_account",)}, "prompt"),
        ({"prompt": ("create",)}, "prompt"),
        ({"prompt": ("login",), "authenticated_at": 1}, None),
        ({"max_age": 99}, "max_age"),
        ({"max_age": 100}, None),
        ({"max_age": 0, "authenticated_at": 1}, None),
        ({"hinted_user": "auth0|1"}, None),
        ({"hinted_user": "auth0|2"}, "id_token_hint"),
        ({"hinted_user": "auth0|2", "authenticated_at": 1}, "id_token_hint"),
        ({"connection_id": "con_1"}, None),
        ({"connection_id": "con_2"}, "connection"),
        ({"prompt": ("consent",)}, "consent"),
        ({"prompt": ("consent",), "consented": True}, None),
        ({"first_party": False}, "consent"),
        ({"first_party": False, "consented": True}, "consent"),
        ({"first_party": False, "scope": ()}, "consent"),
        ({"first_party": False, "prompt": ("login",)}, "prompt"),
        ({"audience": "https://api/"}, "consent"),
    ],
)
def test_the_first_thing_that_is_still_to_be_done(changes: dict[str, Any], reason: str | None) -> None:
    step = policy.next_step(situation(**changes))
    assert (step.reason if step else None) == reason


def test_a_session_from_a_connection_the_client_does_not_use_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "enabled", lambda *_: False)
    step = policy.next_step(situation())
    assert step is not None
    assert step.reason == "connection"


NAMES = ("name", "given_name")


@pytest.mark.parametrize(
    ("scopes", "claims", "wanted", "asked"),
    [
        ({"openid"}, (), {}, False),
        ({"openid", "more"}, (), {}, False),
        ({"email"}, (), {}, True),
        (set(), (), {}, True),
        (set(), (), {"scope": ()}, False),
        ({"openid"}, (), {"claims": NAMES}, True),
        ({"openid"}, NAMES, {"claims": NAMES}, False),
        ({"openid"}, NAMES, {"claims": ("email",)}, True),
        ({"openid", "profile"}, (), {"claims": NAMES}, False),
        ({"openid", "name", "given_name"}, (), {"claims": NAMES}, False),
        ({"openid"}, (), {"scope": ("openid", "name")}, True),
        ({"openid", "profile"}, (), {"scope": ("openid", "name")}, False),
        ({"openid"}, NAMES, {"scope": ("openid", *NAMES)}, False),
        ({"openid"}, NAMES, {"scope": ("openid", "profile")}, True),
        ({"openid", "profile"}, (), {"scope": ("openid", "offline_access")}, True),
        ({"openid"}, ("profile",), {"scope": ("openid", "profile")}, True),
    ],
)
def test_what_is_on_record_is_not_asked_again_and_everything_else_is(
    monkeypatch: pytest.MonkeyPatch, scopes: set[str], claims: tuple[str, ...], wanted: dict[str, Any], asked: bool
) -> None:
    recorded = Recorded(frozenset(scopes), frozenset(claims))
    monkeypatch.setattr(user_grants, "granted", lambda *_: recorded)
    assert policy.consent_needed(situation(first_party=False, **wanted)) is asked


def test_every_row_has_a_screen_and_an_error_of_openid_connect() -> None:
    assert {check.screen for check in policy.CHECKS} == {
        "login",
        policy.FACTOR_PAGE,
        "account-linking",
        "keep-account",
        policy.PROFILE_PAGE,
        policy.DEVICE_OFFER,
        *policy.PASSKEY_OFFERS,
        "consent",
        "customized-consent",
    }
    assert {check.error for check in policy.CHECKS} <= {"login_required", "consent_required", "interaction_required"}
    assert len({check.reason for check in policy.CHECKS}) == len(policy.CHECKS)
    assert [check.screen for check in policy.CHECKS][-1] == "consent", "consent comes last: it is given by somebody"
