"""Group R: what a client signed, or pushed, shown at the same moment to several processes counts once."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tests.flows.dpop.test_dpop import own
from tests.flows.test_pushed_requests import go, pushed
from tests.security.rows import row
from tests.security.test_races import RACERS, spread
from tests.world.backchannel import GRANT, hint
from tests.world.client_keys import assertion, key, pem, signed
from tests.world.fixtures import on_both_stores
from tests.world.holder import Holder
from tests.world.key_sets import keyed, token
from tests.world.racing import at_once
from tests.world.world import API, Person, World

pytestmark = [on_both_stores, pytest.mark.usefixtures("patient")]


def statuses(answers: Sequence[Any]) -> list[int]:
    return sorted(each.status_code for each in answers)


@row("R1", "E5")
def test_an_assertion_lets_a_client_in_once(processes: Sequence[World]) -> None:
    app = keyed(processes[0])
    raw = assertion(app, header={"kid": None})
    answers = at_once([partial(token, replace(app, world=each), raw) for each in spread(processes)])
    assert statuses(answers) == [200, *[401] * (RACERS - 1)]
    assert {each.get_json()["error"] for each in answers if each.status_code == 401} == {"invalid_client"}


@row("R1", "E5")
def test_a_proof_binds_one_token(processes: Sequence[World]) -> None:
    world = processes[0]
    app = world.client("m2m")
    world.grant(app.client_id, world.api(API), "read:things")
    proof = Holder(app).proof("POST", "oauth/token")
    answers = at_once([partial(own, Holder(replace(app, world=each)), proof) for each in spread(processes)])
    assert statuses(answers) == [200, *[400] * (RACERS - 1)]
    assert {each.get_json()["error"] for each in answers if each.status_code == 400} == {"invalid_dpop_proof"}


@row("R1", "A17")
def test_a_pushed_request_is_answered_once(processes: Sequence[World], jane: Person) -> None:
    app = processes[0].client()
    attempt = app.attempt()
    uri = pushed(app, attempt)
    browsers = [go(each.browser(), app, uri) for each in spread(processes)]
    at_once([partial(each.submit, username=jane.email, password=jane.password) for each in browsers])
    found = [each.answer for each in browsers]
    (won,) = [each for each in found if "code" in each.params]
    assert attempt.tokens(won)
    assert [each.error for each in found if each is not won] == ["invalid_request_uri"] * (RACERS - 1)


@row("R1", "A12")
def test_a_signed_request_asks_somebody_once(processes: Sequence[World], jane: Person) -> None:
    world, moment = processes[0], int(time.time())
    entry = {"credential_type": "public_key", "pem": pem("ES256"), "alg": "ES256"}
    app = world.client(
        grant_types=[GRANT],
        signed_request_object={"credentials": [entry], "required": False},
        backchannel_authentication_request_signing_alg="ES256",
    )
    said = {"iss": app.client_id, "aud": world.issuer, "iat": moment, "nbf": moment, "exp": moment + 300}
    said |= {"scope": "openid", "login_hint": hint(world, jane.user_id), "jti": secrets.token_urlsafe(9)}
    raw = signed({**said, "binding_message": "Signed"}, key("ES256"), "ES256", kid=None)
    racers = [replace(app, world=each) for each in spread(processes)]
    answers = at_once([partial(each.call, "/bc-authorize", request=raw) for each in racers])
    assert statuses(answers) == [200, *[400] * (RACERS - 1)]
