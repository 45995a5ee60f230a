"""``idp rp-check``: what is wrong with a request and a registration, in plain words."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from idp.protocol.oauth.authorize import advice
from tests.flows.test_pushed_requests import pushed, request_object, signing
from tests.world.application import Application
from tests.world.client_keys import key
from tests.world.world import CALLBACK, World


def said(app: Application, **change: str | None) -> tuple[list[str], str | None]:
    with app.world.context() as work:
        asked = advice.read(work, app.attempt(**change).url)
        return advice.found(asked), advice.refusal(asked)


def test_a_good_request_is_said_to_be_one(world: World) -> None:
    app = world.client(allowed_logout_urls=["https://app.example.test/"])
    assert said(app) == ([], None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"client_id": "nobody"}, "no application with the client_id nobody"),
        ({"client_id": None}, "no client_id"),
        ({"redirect_uri": None}, "no redirect_uri"),
        ({"redirect_uri": f"{CALLBACK}/"}, "ends with a slash"),
        ({"redirect_uri": CALLBACK.replace("https", "http")}, "http and https"),
        ({"redirect_uri": CALLBACK.upper().replace("HTTPS", "https")}, "case"),
        ({"redirect_uri": f"{CALLBACK}?a=1"}, "the query differs"),
        ({"redirect_uri": "https://zz.test/"}, "none of the application's callbacks"),
        ({"response_type": None}, "no response_type"),
        ({"response_type": "magic"}, "does not exist"),
        ({"response_type": "id_token"}, "implicit"),
        ({"code_challenge": None, "code_challenge_method": None}, "PKCE"),
        ({"code_challenge_method": "plain"}, "S256"),
        ({"scope": "profile"}, "openid is missing"),
        ({"scope": "openid read:things"}, "no API is named"),
        ({"audience": "https://nobody.test/"}, "no API https://nobody.test/"),
        ({"state": None}, "no state"),
        ({"connection": "nobody"}, "The connection nobody"),
    ],
)
def test_what_is_wrong_is_said(world: World, change: dict[str, str | None], words: str) -> None:
    texts, _ = said(world.client(), **change)
    assert any(words in text for text in texts), texts


def told(app: Application, **params: str) -> tuple[list[str], str | None]:
    """Of an address that only points to its request."""
    with app.world.context() as work:
        query = urlencode({"client_id": app.client_id, **params})
        asked = advice.read(work, f"{app.world.issuer}authorize?{query}")
        return advice.found(asked), advice.refusal(asked)


@pytest.mark.parametrize("how", ["pushed", "in an object"])
def test_a_request_that_stands_elsewhere_is_read(world: World, how: str) -> None:
    app = signing(world, allowed_logout_urls=["https://app.example.test/"])

    def sent(**change: str | None) -> dict[str, str]:
        attempt = app.attempt(**change)
        if how == "pushed":
            return {"request_uri": pushed(app, attempt)}
        return {"request": request_object(app, attempt.params)}

    good = sent()
    assert told(app, **good) == told(app, **good) == ([], None), "a look uses nothing up"
    texts, refused = told(app, **sent(scope="openid read:things", state=None))
    assert (len(texts), refused) == (2, None)
    assert all(words in " ".join(texts) for words in ("no API is named", "no state"))
    texts, refused = told(app, **sent(), scope="openid email", nonce="outside")
    assert (texts, refused) == (["Parameters beside the request itself are passed over: nonce scope"], None)


def test_what_nobody_signed_or_what_lies_with_others_is_not_read(world: World) -> None:
    app = signing(world, request_uris=["https://app.example.test/object"], allowed_logout_urls=["https://a.test/"])
    forged = request_object(app, app.attempt(scope="openid read:things").params, key("ES256", "thief"))
    texts, refused = told(app, request=forged, redirect_uri=CALLBACK)
    assert (texts, str(refused).partition(":")[0]) == ([], "invalid_request_object")
    with world.context() as work:
        url = f"{world.issuer}authorize?client_id={app.client_id}&request_uri=https://app.example.test/object"
        assert advice.found(advice.read(work, url)) == []


def test_the_registration_is_looked_at_too(world: World) -> None:
    app = world.client(
        callbacks=[CALLBACK, "http://plain.example.test/cb"],
        grant_types=["authorization_code", "implicit", "password"],
        jwt_configuration={"alg": "HS256"},
    )
    texts = " ".join(said(app)[0])
    for words in ("over http", "password is on", "implicit is on", "HS256", "No logout URLs"):
        assert words in texts


def test_addresses_of_others(world: World) -> None:
    app = world.client()
    query = urlencode(app.attempt().params)
    with world.context() as work:
        texts = advice.found(advice.read(work, f"https://other.test/oauth2/authorize?{query}&state=2#x"))
    assert len(texts) >= 4
    assert any("twice" in text for text in texts)
