"""OAuth 1.0a (RFC 5849) with any provider: strategy ``oauth1``."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connectors.contract import ConnectorError, Departure, FormPost
from connectors.oauth1.generic import OAUTH1
from connectors.registry import STRATEGIES
from tests.connectors.oauth1 import OAuth1Http, OAuth1Server, base_string, hmac_sha1
from tests.connectors.provider import Attempt, Said, away, opened

BASE = "https://old.example.test"
CONFIGURED = {
    "client_id": "the-client",
    "client_secret": "the & secret",
    "requestTokenURL": f"{BASE}/initiate",
    "userAuthorizationURL": f"{BASE}/authorize?locale=en",
    "accessTokenURL": f"{BASE}/token",
    "userinfo_endpoint": f"{BASE}/me?verbose=a%20b",
}
PERSON = {"id": 4711, "name": "Ada", "email": "ada@example.test", "email_verified": True}


def server(**members: Any) -> OAuth1Server:
    """The provider."""
    usual = {
        "client_id": "the-client",
        "secret": "the & secret",
        "request_url": f"{BASE}/initiate",
        "access_url": f"{BASE}/token",
        "profiles": {f"{BASE}/me": PERSON},
    }
    return OAuth1Server(**{**usual, **members})


def connector(source: OAuth1Server, **options: Any) -> Any:
    """A connector of a connection to it."""
    http: Any = OAuth1Http(source)
    return opened(OAUTH1, http, **{**CONFIGURED, **options})


def left(source: OAuth1Server, **options: Any) -> Attempt:
    """Somebody who was sent there."""
    return away(connector(source, **options))


def test_the_arithmetic_of_these_tests_is_that_of_a_published_example() -> None:
    """X's documentation, "Creating a signature"."""
    params = [
        ("status", "Hello Ladies + Gentlemen, a signed OAuth request!"),
        ("oauth_consumer_key", "xvz1evFS4wEEPTGEFPHBog"),
        ("oauth_nonce", "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "1318622958"),
        ("oauth_token", "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"),
        ("oauth_version", "1.0"),
    ]
    base = base_string("POST", "https://api.twitter.com/1.1/statuses/update.json?include_entities=true", params)
    secrets = ("kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw", "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE")
    assert hmac_sha1(base, *secrets) == "hCtSmYh+iHYCEqBWrE7C7hYmtUk="


def test_somebody_signs_in() -> None:
    source = server()
    attempt = left(source)
    assert attempt.params == {"locale": "en", "oauth_token": "temporary"}
    assert source.callback == "https://id.example.test/login/callback?state=st4te"
    identity = attempt.back(**source.agreed(attempt.url))
    assert source.refused == []
    assert identity.user_id == "4711"
    assert dict(identity.profile) == {"name": "Ada", "email": "ada@example.test", "email_verified": True}
    assert dict(identity.tokens) == {"access_token": "up-access-token", "access_token_secret": "up-token-secret"}
    assert "up-token-secret" not in str(identity.raw)


@pytest.mark.parametrize("method", ["HMAC-SHA1", "PLAINTEXT", "RSA-SHA1"])
def test_requests_are_signed_as_the_connection_says(method: str) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    source = server(public_key=key.public_key(), secret=pem if method == "RSA-SHA1" else "the & secret")
    attempt = left(source, signatureMethod=method, client_secret=source.secret)
    assert attempt.back(**source.agreed(attempt.url)).user_id == "4711"
    assert source.refused == []


def test_without_a_profile_to_ask_for_the_token_says_who_it_is() -> None:
    source = server(told={"user_id": "99", "screen_name": "ada"})
    attempt = left(source, userinfo_endpoint=None)
    assert attempt.back(**source.agreed(attempt.url)).user_id == "99"


def refusal(attempt: Attempt, **params: str) -> ConnectorError:
    """Why they are not let in."""
    with pytest.raises(ConnectorError) as caught:
        attempt.back(**params)
    return caught.value


def test_a_provider_that_does_not_confirm_the_callback_is_refused() -> None:
    """OAuth 1.0 before it was fixed: whoever made the request could have somebody else agree to it."""
    with pytest.raises(ConnectorError) as caught:
        left(server(confirmed=False))
    assert "oauth_callback_confirmed" in str(caught.value.detail)


def test_credentials_of_another_sign_in_are_refused() -> None:
    source = server()
    attempt = left(source)
    back = source.agreed(attempt.url)
    assert "another sign-in" in str(refusal(attempt, **{**back, "oauth_token": "somebody-elses"}).detail)


@pytest.mark.parametrize("params", [{}, {"oauth_token": "somebody-elses"}])
def test_who_left_over_another_protocol_begins_again(params: dict[str, str]) -> None:
    """Whoever sets up the connection changed ``protocol`` meanwhile: nothing of this one was kept."""
    attempt = left(server())
    attempt.keep.clear()
    error = refusal(attempt, oauth_verifier="made up", **params)
    assert (error.code, error.detail) == ("access_denied", "no token was kept when they left")


@pytest.mark.parametrize("params", [{}, {"denied": "temporary"}, {"oauth_token": "temporary", "oauth_verifier": ""}])
def test_who_does_not_agree_is_not_signed_in(params: dict[str, str]) -> None:
    error = refusal(left(server()), **params)
    assert (error.code, error.message[:11]) == ("access_denied", "You did not")


def test_a_refused_verifier_is_a_refusal_and_tells_no_secret() -> None:
    source = server(refuse_verifier=True)
    attempt = left(source)
    error = refusal(attempt, **source.agreed(attempt.url))
    assert (error.code, error.detail) == ("access_denied", "token endpoint: status 401 token_rejected")


@pytest.mark.parametrize("body", [b"", b"oauth_token=x", b"\xff\xfe", b"oauth_token=" + b"x" * 40_000])
def test_answers_that_make_no_sense_are_refused(body: bytes) -> None:
    class Nonsense(OAuth1Server):
        def answer(self, *_: Any) -> Said:
            return Said(200, body)

    with pytest.raises(ConnectorError) as caught:
        left(Nonsense("the-client", "x", "", ""))
    assert caught.value.code == "access_denied"


def test_a_provider_that_is_ill_is_down() -> None:
    class Ill(OAuth1Server):
        def answer(self, *_: Any) -> Said:
            return Said(503, b"")

    with pytest.raises(ConnectorError) as caught:
        left(Ill("the-client", "x", "", ""))
    assert caught.value.code == "temporarily_unavailable"


def test_a_key_that_is_none_is_said_to_be_none() -> None:
    with pytest.raises(ConnectorError) as caught:
        left(server(), signatureMethod="RSA-SHA1")
    assert caught.value.message == "This way to sign in is not set up yet."
    assert "the & secret" not in str(caught.value.detail)


def test_what_cannot_work_is_refused_when_it_is_saved() -> None:
    for options, words in (
        ({"requestTokenURL": "file:///etc/passwd"}, "requestTokenURL"),
        ({"signatureMethod": "PLAINTEXT", "requestTokenURL": "http://old.example.test/"}, "PLAINTEXT"),
        ({"upstream_params": {"state": {"value": "x"}}}, "upstream_params"),
    ):
        assert words in str(OAUTH1.read({**CONFIGURED, **options}).contradiction())


def test_an_administrator_may_ask_whether_it_takes_our_signature() -> None:
    assert connector(server()).probe() == {"request_token_endpoint": "takes signed requests"}
    with pytest.raises(ConnectorError):
        connector(server(secret="another one")).probe()


def test_nothing_leaves_for_a_connection_that_lacks_something() -> None:
    where: str | FormPost | None = None
    with pytest.raises(ConnectorError) as caught:
        where = connector(server(), requestTokenURL=None).start(Departure(state="s"))
    assert where is None
    assert "not set up" in caught.value.message


PROFILE = {
    "id": 783214,
    "id_str": "783214",
    "name": "X Dev",
    "screen_name": "XDevelopers",
    "profile_image_url_https": "https://pbs.twimg.com/profile_images/1/x_normal.jpg",
    "email": "dev@example.org",
}


def test_x_over_the_older_protocol_knows_the_same_account() -> None:
    strategy = STRATEGIES["twitter"]
    source = OAuth1Server(
        client_id="the-client",
        secret="the & secret",
        request_url="https://api.x.com/oauth/request_token",
        access_url="https://api.x.com/oauth/access_token",
        told={"user_id": "783214", "screen_name": "XDevelopers"},
        profiles={"https://api.x.com/1.1/account/verify_credentials.json": PROFILE},
    )
    options = {"client_id": "the-client", "client_secret": "the & secret", "protocol": "oauth1"}
    http: Any = OAuth1Http(source)
    attempt = away(opened(strategy, http, **options))
    assert attempt.url == "https://api.x.com/oauth/authenticate?oauth_token=temporary"
    identity = attempt.back(**source.agreed(attempt.url))
    assert source.refused == []
    assert identity.user_id == "783214"
    assert identity.profile["email_verified"] is True
    assert identity.profile["nickname"] == "XDevelopers"
