"""Nobody fills the disk without an account: what is kept before anybody signed in has a size and a limit by network."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from idp.foundation.ephemeral import limits, one_time
from idp.foundation.ephemeral.limits import Limit
from idp.foundation.ephemeral.models import OneTime
from idp.foundation.kernel import sizes
from idp.foundation.kernel.errors import PageError
from idp.signin.login.transaction import LIFETIME_MS
from idp.tenant.audit import failures
from idp.tenant.audit.failures import Repeats
from tests.world.application import Application
from tests.world.fixtures import OpenWorld, on_both_stores
from tests.world.world import CALLBACK, World

MEGABYTE = "x" * 1_000_000
NAMES = (
    "state",
    "nonce",
    "scope",
    "claims",
    "id_token_hint",
    "login_hint",
    "screen_hint",
    "ui_locales",
    "acr_values",
    "audience",
    "connection",
    "prompt",
    "max_age",
    "response_mode",
    "code_challenge",
    "display",
    "whatever",
)


def asked(app: Application, **params: str) -> dict[str, str]:
    usual = {"client_id": app.client_id, "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid"}
    return {**usual, **params}


def kept(world: World, column: Any) -> int:
    """Characters that the table holds in that column."""
    with world.platform.db.reading(world.tenant) as session:
        return sum(len(str(value)) for value in session.scalars(select(column)))


def rows(world: World, model: Any) -> int:
    with world.platform.db.reading(world.tenant) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("name", NAMES)
@on_both_stores
def test_a_megabyte_in_any_parameter_leaves_kilobytes_at_most(world: World, name: str, store: str) -> None:
    app = world.client()
    for _ in range(3):
        answer = world.post("/authorize", asked(app, **{name: MEGABYTE}))
        assert answer.status_code < 500
        assert len(answer.headers.get("Location", "")) < 20_000
    assert kept(world, OneTime.data) < 3 * 10_000
    assert sum(len(str(entry.data)) for entry in world.logs()) < 3 * 10_000


def test_a_state_that_is_too_long_is_told_to_the_person(world: World) -> None:
    answer = world.post("/authorize", asked(world.client(), state="x" * (sizes.STATE.most + 1)))
    assert answer.status_code == 400
    assert f"longer than {sizes.STATE.most} characters" in answer.text


@pytest.mark.parametrize("name", sorted(sizes.PARAMETERS.keys() - {"state"}))
def test_whatever_else_is_too_long_is_told_to_the_application(world: World, name: str) -> None:
    long = "x" * (sizes.PARAMETERS[name].most + 1)
    answer = world.post("/authorize", asked(world.client(), state="mine", **{name: long}))
    assert "error=invalid_" in answer.headers["Location"]
    assert "state=mine" in answer.headers["Location"]


def test_the_longest_state_comes_back_as_it_was(world: World) -> None:
    answer = world.get(f"/authorize?{urlencode(asked(world.client(), state='s' * sizes.STATE.most, prompt='none'))}")
    assert f"state={'s' * sizes.STATE.most}" in answer.headers["Location"]


def test_logging_out_keeps_no_long_state(world: World) -> None:
    answer = world.post("/oidc/logout", {"state": MEGABYTE, "client_id": world.client().client_id})
    assert answer.status_code == 400


def test_the_account_page_keeps_no_long_hint(world: World) -> None:
    world.get(f"/account?{urlencode({'screen_hint': 'x' * 30_000, 'ui_locales': 'y' * 2_000})}")
    assert kept(world, OneTime.data) < 10_000


def test_nothing_else_is_kept_whole(world: World) -> None:
    with world.context() as work, pytest.raises(PageError):
        one_time.put(work, "kind", "key", {"text": MEGABYTE}, ttl_ms=LIFETIME_MS)
    with world.context() as work:
        one_time.put(work, "kind", "key", {"text": ""}, ttl_ms=LIFETIME_MS)
        with pytest.raises(PageError):
            one_time.change(work, "kind", "key", {"text": MEGABYTE})


def test_a_network_opens_so_many_login_pages(open_world: OpenWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SIGN_INS_BEGUN", Limit("sign-ins-begun", 3, 300_000))
    world = open_world(IDP_RATE_LIMITS="on")
    target = f"/authorize?{urlencode(asked(world.client()))}"
    neighbours = [f"2001:db8:1:2::{number:x}" for number in range(1, 6)]
    answers = [world.get(target, address=address).status_code for address in neighbours]
    assert answers == [302, 302, 302, 429, 429]
    assert rows(world, OneTime) == 3
    assert world.get(target, address="2001:db8:1:3::1").status_code == 302


def test_failed_token_requests_do_not_fill_the_log(open_world: OpenWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "repeats", Repeats())
    monkeypatch.setattr(failures, "WRITTEN", 10)
    world = open_world(IDP_RATE_LIMITS="on")
    for _ in range(120):
        world.post("/oauth/token", {"grant_type": "refresh_token", "client_id": "nobody", "refresh_token": "x"})
    entries = world.logs("fertft")
    assert len(entries) == 11
    assert entries[-1].data["details"]["repeated"] == 100
    world.post(
        "/oauth/token",
        {"grant_type": "refresh_token", "client_id": "nobody", "refresh_token": "x"},
        address="198.51.100.99",
    )
    assert len(world.logs("fertft")) == 12


def test_refused_authorization_requests_do_not_fill_the_log(
    open_world: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "repeats", Repeats())
    monkeypatch.setattr(failures, "WRITTEN", 10)
    world = open_world(IDP_RATE_LIMITS="on")
    app = world.client()
    for _ in range(30):
        world.get(f"/authorize?{urlencode(asked(app, response_type='nonsense'))}")
        world.get(f"/authorize?{urlencode(asked(app, prompt='none'))}")
    assert (len(world.logs("f")), len(world.logs("fsa"))) == (10, 10)


def test_counts_of_repeats_stay_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "_MANY", 100)
    counts = Repeats()
    for number in range(5_000):
        counts.count("f", str(number))
    assert len(counts._counts) <= 101
    assert [counts.count("f", "4999") for _ in range(3)] == [2, 3, 4]


def test_an_entry_keeps_what_says_something_of_large_details() -> None:
    large = {
        "short": "kept",
        "text": "x" * 5_000,
        "list": list(range(1_000)),
        "deep": {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": 1}}}}}}}}},
        "wide": {f"member-{number}": "y" * 1_900 for number in range(90)},
    }
    cut = sizes.cut_details(large)
    assert cut["short"] == "kept"
    assert len(cut["text"]) <= sizes.LOG_TEXT.most
    assert cut["wide"] == sizes.CUT
    assert len(str(cut)) < sizes.LOG_DETAILS.most + 1_000
