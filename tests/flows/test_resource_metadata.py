"""What our own APIs answer to whoever comes without a token that is good there (RFC 9728 5.1): where they say what they
take, so that a client that knows an API alone finds its provider.
"""

from __future__ import annotations

import re

import pytest

from tests.world.browser import Browser
from tests.world.world import Person, World

CALLS = (
    ("/api/v2/clients", "api/v2/"),
    ("/api/v2/nothing/of/that/name", "api/v2/"),
    ("/me/v1/authentication-methods", "me/"),
    ("/mfa/authenticators", "mfa/"),
    ("/userinfo", "userinfo"),
)
BAD = ({}, {"Authorization": "Bearer a.b.c"}, {"Authorization": "DPoP a.b.c"}, {"Authorization": "Basic eDp5"})


@pytest.mark.parametrize(("path", "api"), CALLS)
@pytest.mark.parametrize("headers", BAD)
def test_a_refusal_leads_to_the_metadata(world: World, path: str, api: str, headers: dict[str, str]) -> None:
    answer = world.get(path, headers=headers)
    assert answer.status_code == 401
    said = answer.headers.getlist("WWW-Authenticate")
    assert said
    for each in said:
        (where,) = re.findall(r'resource_metadata="([^"]+)"', each)
        assert where == f"{world.issuer}.well-known/oauth-protected-resource/{api}"
    document = world.get(where.removeprefix(world.issuer.rstrip("/"))).get_json()
    assert document["resource"] == f"{world.issuer}{api}"
    assert document["authorization_servers"] == [world.issuer]


def test_a_call_that_is_let_in_is_not_challenged(world: World, browser: Browser, jane: Person) -> None:
    token = world.client().sign_in(browser, jane).access_token
    answer = world.get("/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (200, False)


def test_scopes_that_lack_are_no_question_of_where(world: World) -> None:
    token = world.token(scope="read:users")
    answer = world.get("/api/v2/clients", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (403, False)
