"""Answers of providers that are refused (security.md group CO), and what single quirks hold against them."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import Arrival, ConnectorError
from connectors.oauth2 import key_sets
from connectors.registry import STRATEGIES
from connectors.social import providers
from tests.connectors.dialects import CLIENT, Dialect, options, record
from tests.connectors.provider import Attempt, Clock, away, opened
from tests.security.rows import row


@pytest.fixture(autouse=True)
def no_keys_are_known() -> None:
    key_sets.forget()


def left(dialect: Dialect, **more: Any) -> Attempt:
    """Somebody who was sent to it."""
    http: Any = dialect
    strategy = STRATEGIES[dialect.name]
    return away(opened(strategy, http, Clock(1_700_000_000_000), **{**options(dialect.name), **more}))


def back(dialect: Dialect, attempt: Attempt, **params: str) -> Any:
    """They come back."""
    _, said = dialect.authorize(attempt.url)
    dialect.sent["now"] = "1700000000"
    return attempt.back(**{**said, **params})


def told(name: str, **parts: Any) -> Dialect:
    """The provider, whose answers are others."""
    return Dialect(name, said={**record(name), **parts})


def refused(dialect: Dialect, options_: dict[str, Any] | None = None, **params: str) -> str:
    """Why nobody signs in."""
    attempt = left(dialect, **(options_ or {}))
    with pytest.raises(ConnectorError) as caught:
        back(dialect, attempt, **params)
    assert caught.value.code in {"access_denied", "temporarily_unavailable"}
    assert caught.value.message
    return str(caught.value.detail)


@row("CO6")
@pytest.mark.parametrize("name", ["github", "google-oauth2", "slack", "wechat"])
def test_a_code_goes_to_its_own_provider_and_to_nobody_else(name: str) -> None:
    dialect = Dialect(name)
    back(dialect, left(dialect), iss="https://evil.example", token_endpoint="https://evil.example/token")
    own = providers.provider(name)
    known = {own.token_endpoint, *(each.url for each in own.fetch), *((own.id_token.jwks_uri,) if own.id_token else ())}
    assert set(dialect.calls) <= known


@row("CO6")
def test_a_provider_that_names_itself_is_known_by_it() -> None:
    connector = opened(STRATEGIES["google-oauth2"], Dialect("google-oauth2"), **options("google-oauth2"))  # type: ignore[arg-type]
    assert connector.issuer() == "https://accounts.google.com"


@row("CO7")
@pytest.mark.parametrize("name", ["gitlab", "slack", "yahoo", "yahoo-japan"])
def test_userinfo_of_somebody_else_is_refused(name: str) -> None:
    answers = [{**record(name)["answers"][0], "sub": "somebody-else"}]
    assert "another sub" in refused(told(name, answers=answers))


@row("CO8")
def test_an_address_identifies_nobody() -> None:
    """The same address at two accounts is two people, another one at the same account the same person."""
    first, second = record("discord")["answers"][0], {**record("discord")["answers"][0], "id": "2"}
    moved = {**first, "email": "moved@example.com"}
    found = []
    for answer in (first, second, moved):
        dialect = told("discord", answers=[answer])
        found.append(back(dialect, left(dialect)))
    assert [each.user_id for each in found] == ["80351110224678912", "2", "80351110224678912"]
    assert {each.profile["email"] for each in found[:2]} == {first["email"]}


ODD = {
    "a list": [],
    "a text": "id",
    "null": None,
    "no id": {"login": "x"},
    "an id that is null": {"id": None},
    "an object": {"id": {"a": 1}},
    "a list as id": {"id": [1]},
    "true": {"id": True},
    "a fraction": {"id": 1.5},
    "empty": {"id": ""},
    "spaces": {"id": "  "},
    "deep": {"id": 1, "a": None},
}
deep: Any = 1
for _ in range(40):
    deep = {"a": deep}
ODD["deep"] = {"id": 1, "a": deep}


@row("CO11")
@pytest.mark.parametrize("odd", list(ODD))
def test_odd_profiles_are_nobody(odd: str) -> None:
    assert refused(told("discord", answers=[ODD[odd]]))


@row("CO11")
@pytest.mark.parametrize(
    "token",
    [
        {"access_token": None},
        {"access_token": ["T"]},
        {"access_token": "x" * 40_000},
        {"access_token": ""},
        {"error": {"odd": "object"}},
        {"error": "server_error", "error_description": "y" * 9_000},
    ],
    ids=str,
)
def test_odd_tokens_are_none(token: dict[str, Any]) -> None:
    assert len(refused(told("discord", token=token))) < 1_000


@row("CO11")
def test_attributes_of_a_wrong_kind_are_left_out_or_harmless() -> None:
    answer = {**record("discord")["answers"][0], "global_name": ["a"], "username": {"b": 1}, "locale": "x" * 5_000}
    dialect = told("discord", answers=[answer])
    identity = back(dialect, left(dialect))
    assert identity.user_id == answer["id"]
    assert all(isinstance(value, str | bool | list | dict) for value in identity.profile.values())


def test_another_directory_is_refused() -> None:
    claims = {**record("waad")["claims"], "tid": "11111111-2222-3333-4444-555555555555"}
    assert refused(told("waad", claims=claims)) == "tid 11111111-2222-3333-4444-555555555555"
    by_domain = {"tenant_domain": "contoso.example", "tenantId": "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"}
    dialect = told("waad", claims=claims)
    dialect.entered.update(by_domain)
    assert refused(dialect, by_domain) == "tid 11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize("anybody", ["common", "organizations", "consumers"])
def test_no_connection_lets_every_directory_in(anybody: str) -> None:
    read = STRATEGIES["waad"].read({**options("waad"), "tenant_domain": anybody})
    assert "tenant_domain" in str(read.contradiction())


def test_the_directory_wide_id_where_the_connection_says_so() -> None:
    dialect = Dialect("waad")
    identity = back(dialect, left(dialect, userid_attribute="oid"))
    assert identity.user_id == record("waad")["claims"]["oid"]


@pytest.mark.parametrize("domain", [None, "other.example", "acme.example.evil.example"])
def test_accounts_outside_the_workspace_are_refused(domain: str | None) -> None:
    claims = {name: value for name, value in record("google-apps")["claims"].items() if name != "hd"}
    assert "hd" in refused(told("google-apps", claims={**claims, **({"hd": domain} if domain else {})}))


@pytest.mark.parametrize(
    "params", [{"hmac": "0" * 64}, {"shop": "evil.myshopify.com"}, {"timestamp": "1"}, {"code": "other"}, {"hmac": ""}]
)
def test_an_answer_of_shopify_that_was_changed_is_refused(params: dict[str, str]) -> None:
    dialect = Dialect("shopify")
    assert refused(dialect, **params) == "hmac does not fit"
    assert dialect.calls == [], "before the code is redeemed"


def test_a_token_of_another_application_signs_nobody_in() -> None:
    extra = {"https://graph.qq.com/oauth2.0/me": {"client_id_": "x", "openid": "VICTIM"}}
    assert "not a token for this application" in refused(told("qq", extra=extra))


def test_a_key_of_apple_that_is_none_is_refused_when_it_is_saved_or_used() -> None:
    read = STRATEGIES["apple"].read({**options("apple"), "app_secret": "no key"})
    assert "app_secret" in str(read.contradiction())
    key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"
    assert refused(Dialect("apple"), {"app_secret": key}) == "options.app_secret is no key for ES256"


@pytest.mark.parametrize("user", ["{", "[]", '"x"', '{"name": 1}', "[" * 100_000, "x" * 100_000])
def test_odd_names_of_apple_are_none(user: str) -> None:
    dialect = Dialect("apple")
    identity = back(dialect, left(dialect), user=user)
    assert identity.user_id == record("apple")["user_id"]
    assert "name" not in identity.profile


def test_the_wrong_secret_of_the_channel_verifies_nothing() -> None:
    """LINE signs with the channel secret: HS256 is taken there, and with no other key."""
    dialect = Dialect("line", secret="another secret that is long enough")
    assert "no key of the provider made the signature" in refused(dialect)


def test_a_google_token_signed_with_the_secret_is_refused() -> None:
    from joserfc import jws
    from joserfc.jwk import OctKey

    from tests.connectors.dialects import SECRET

    forged = jws.serialize_compact({"alg": "HS256"}, b'{"sub": "1"}', OctKey.import_key(SECRET), algorithms=["HS256"])
    dialect = told("google-oauth2", forged=forged)
    dialect._id_token = lambda _answer: forged  # type: ignore[method-assign]
    assert "not configured" in refused(dialect)


def test_nothing_is_redeemed_without_a_code() -> None:
    dialect = Dialect("discord")
    attempt = left(dialect)
    with pytest.raises(ConnectorError):
        attempt.connector.finish(Arrival(params={"error": "access_denied"}, keep=attempt.keep))
    assert dialect.calls == []
    assert CLIENT in attempt.url
