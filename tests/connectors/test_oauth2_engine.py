"""Providers as data: every way in which their dialects differ (docs/decisions/0151)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import (
    Arrival,
    ConnectorError,
    HearsOfLogouts,
    LogsOutAtSource,
    Probed,
    RedirectConnector,
    RefreshesTokens,
)
from connectors.oauth2 import key_sets
from connectors.oauth2.engine import strategy
from connectors.oauth2.paths import Text, look, pick
from connectors.oauth2.provider import Fault, Fetch, Field, IdToken, Provider, Setup
from connectors.oauth2.quirks import Quirks
from tests.connectors.provider import (
    AUTHORIZE,
    CALLBACK,
    ISSUER,
    JWKS,
    NOW,
    TOKEN,
    USERINFO,
    Attempt,
    FakeHttp,
    Said,
    away,
    form,
    key_set,
    opened,
    said,
    signed,
)

PLAIN = Provider(
    name="plain",
    display_name="Plain",
    authorization_endpoint=f"{AUTHORIZE}?flavour=1",
    token_endpoint=TOKEN,
    setup=Setup(console="https://op.example.test/apps", documentation="https://op.example.test/docs"),
    id="id",
    profile={"email": "email", "name": "name", "nickname": "login"},
    fetch=(Fetch(url=USERINFO),),
    email_verified="verified",
    scopes=("read",),
    scope_options={"repo": "write:repo"},
)
TOKENS = {"access_token": "at", "token_type": "bearer", "refresh_token": "rt", "expires_in": 3600}
PERSON = {"id": 583231, "email": "jane@op.example", "verified": True, "name": "Jane", "login": None, "plan": {"a": 1}}


@pytest.fixture(autouse=True)
def no_keys_are_known() -> None:
    key_sets.forget()


def http(**routes: Any) -> FakeHttp:
    named = {"token": TOKEN, "userinfo": USERINFO, "jwks": JWKS}
    known = {TOKEN: said(TOKENS), USERINFO: said(PERSON), JWKS: key_set()}
    return FakeHttp({**known, **{named.get(name, name): answer for name, answer in routes.items()}})


def attempt(
    net: FakeHttp, provider: Provider = PLAIN, departure: dict[str, Any] | None = None, **options: Any
) -> Attempt:
    members = {"client_id": "us", "client_secret": "s3cret", **options}
    return away(opened(strategy(provider), net, **members), **(departure or {}))


def why(caught: pytest.ExceptionInfo[ConnectorError]) -> str:
    return str(caught.value.detail)


def test_a_person_comes_in_with_a_normalized_profile() -> None:
    net = http()
    leaving = attempt(
        net, repo=True, scope=["extra"], upstream_params={"prompt": {"alias": "prompt"}, "hd": {"value": "x"}}
    )
    params = leaving.params
    challenge = hashlib.sha256(leaving.keep["verifier"].encode()).digest()
    assert params == {
        "flavour": "1",
        "client_id": "us",
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "state": "st4te",
        "scope": "read write:repo extra",
        "hd": "x",
        "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    identity = leaving.back()
    assert identity.user_id == "583231"
    assert identity.profile == {"email": "jane@op.example", "email_verified": True, "name": "Jane"}
    assert identity.raw == PERSON
    assert identity.tokens == {"access_token": "at", "refresh_token": "rt", "expires_at": str(NOW + 3_600_000)}
    token, profile = net.asked
    assert token.sent == {
        "grant_type": "authorization_code",
        "code": "c0de",
        "redirect_uri": CALLBACK,
        "code_verifier": leaving.keep["verifier"],
        "client_id": "us",
        "client_secret": "s3cret",
    }
    assert profile.headers["Authorization"] == "Bearer at"


def test_what_a_strategy_of_a_provider_can() -> None:
    made = strategy(PLAIN)
    for capability in (RedirectConnector, RefreshesTokens, LogsOutAtSource, Probed):
        assert made.can(capability)
    assert not made.can(HearsOfLogouts)


@pytest.mark.parametrize(
    ("change", "sent", "headers"),
    [
        ({"client_auth": "basic"}, {}, {"Authorization": "Basic dXM6czNjcmV0"}),
        ({"client_auth": "none"}, {"client_id": "us"}, {}),
        (
            {"client_id_param": "appid", "client_secret_param": "secret"},
            {"appid": "us", "secret": "s3cret"},
            {},
        ),
        ({"token_params": {"v": "5"}}, {"v": "5", "client_id": "us", "client_secret": "s3cret"}, {}),
    ],
)
def test_client_authentication(change: dict[str, Any], sent: dict[str, str], headers: dict[str, str]) -> None:
    net = http()
    attempt(net, replace(PLAIN, pkce=False, **change)).back()
    usual = {"grant_type": "authorization_code", "code": "c0de", "redirect_uri": CALLBACK}
    assert net.asked[0].sent == {**usual, **sent}
    assert {name: net.asked[0].headers.get(name) for name in headers} == headers


@pytest.mark.parametrize(("method", "seen"), [("post_form", "POST"), ("post_json", "POST JSON"), ("get", "GET")])
def test_methods_of_the_token_endpoint(method: Any, seen: str) -> None:
    net = http()
    attempt(net, replace(PLAIN, token_method=method)).back()
    assert net.asked[0].method == seen
    assert net.asked[0].sent["code"] == "c0de"


def test_a_form_as_a_token_answer() -> None:
    net = http(token=form(access_token="at2", expires="5"))
    identity = attempt(net, replace(PLAIN, expires_in="expires")).back()
    assert identity.tokens == {"access_token": "at2", "expires_at": str(NOW + 5_000)}


@pytest.mark.parametrize(
    ("answer", "provider"),
    [
        (said({"error": "bad_verification_code", "error_description": "no"}), PLAIN),
        (form(error="bad_verification_code"), PLAIN),
        (said({"errcode": 40029, "errmsg": "no"}), replace(PLAIN, faults=(Fault(path="errcode", fine=(0,)),))),
        (said({"ok": False, **TOKENS}), replace(PLAIN, faults=(Fault(path="ok", fine=(True,)),))),
        (said({"error": {"message": "no", "code": 190}}), PLAIN),
        (said({}, 400), PLAIN),
        (said([]), PLAIN),
        (said({"token_type": "bearer"}), PLAIN),
        (said({"access_token": "x" * 40_000}), PLAIN),
        (said({"access_token": {"a": 1}}), PLAIN),
        (Said(200, b"<html>"), PLAIN),
        (Said(200, b'{"a":' * 30 + b"1" + b"}" * 30), PLAIN),
        (Said(200, b"[" * 5_000), PLAIN),
        (Said(200, b"\xff\xfe=1", {"content-type": "application/x-www-form-urlencoded"}), PLAIN),
    ],
)
def test_errors_and_garbage_of_the_token_endpoint(answer: Said, provider: Provider) -> None:
    with pytest.raises(ConnectorError) as caught:
        attempt(http(token=answer), provider).back()
    assert caught.value.code == "access_denied"
    assert why(caught).startswith("token endpoint")


@pytest.mark.parametrize("status", [500, 503, 429])
@pytest.mark.parametrize("place", ["token", "userinfo"])
def test_a_provider_that_is_ill_is_unavailable(status: int, place: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        attempt(http(**{place: said({}, status)})).back()
    assert caught.value.code == "temporarily_unavailable"


@pytest.mark.parametrize(
    "answer",
    [
        said({"id": None}),
        said({"name": "x"}),
        said({"id": True}),
        said({"id": {}}),
        said([PERSON]),
        said({"error": "x"}),
    ],
)
def test_a_profile_without_an_id_signs_nobody_in(answer: Said) -> None:
    with pytest.raises(ConnectorError):
        attempt(http(userinfo=answer)).back()


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"error": "access_denied"}, "access_denied"),
        ({"error": "temporarily_unavailable"}, "temporarily_unavailable"),
        ({"error": "user_cancelled", "error_description": "x" * 9_000}, "access_denied"),
        ({"code": ""}, "access_denied"),
        ({"code": "x" * 5_000}, "access_denied"),
    ],
)
def test_answers_without_a_code(params: dict[str, str], code: str) -> None:
    net = http()
    with pytest.raises(ConnectorError) as caught:
        attempt(net).back(**params)
    assert caught.value.code == code
    assert len(why(caught)) < 700
    assert net.asked == []


def test_profiles_are_put_together() -> None:
    emails = [
        {"email": "old@op.example", "primary": False},
        {"email": "new@op.example", "primary": True, "verified": True},
    ]
    provider = replace(
        PLAIN,
        fetch=(
            Fetch(url=f"{USERINFO}/{{tenant}}", at="data[0]"),
            Fetch(url=f"{ISSUER}/emails", into="emails", headers={"Authorization": "OAuth {access_token}"}),
            Fetch(url=f"{ISSUER}/broken", optional=True, into="broken"),
        ),
        profile={
            "email": "emails[primary].email",
            "name": ("real_name", Text("{first} {last}")),
            "picture": Text("https://cdn.example/{id}/{avatar}.png"),
        },
        email_verified="emails[primary].verified",
        profile_from=("token", "userinfo"),
        token_at="result",
    )
    net = http(
        token=said({"result": {**TOKENS, "tenant": "a/b"}}),
        **{
            f"{USERINFO}/a%2Fb": said({"data": [{"id": "7", "first": "Jane", "last": "Doe"}]}),
            f"{ISSUER}/emails": said(emails),
        },
    )
    identity = attempt(net, provider).back()
    assert identity.profile == {"email": "new@op.example", "email_verified": True, "name": "Jane Doe"}
    assert identity.raw["tenant"] == "a/b"
    assert "access_token" not in identity.raw


@pytest.mark.parametrize("value", ["true", 1, None, [True], False])
def test_only_json_true_proves_an_address(value: Any) -> None:
    identity = attempt(http(userinfo=said({**PERSON, "verified": value, "email_verified": True}))).back()
    assert identity.profile["email_verified"] is False


def test_an_address_is_proven_where_the_provider_documents_it() -> None:
    assert attempt(http(), replace(PLAIN, email_verified=True)).back().profile["email_verified"] is True
    nobody = attempt(http(userinfo=said({"id": 1})), replace(PLAIN, email_verified=True)).back()
    assert nobody.profile == {}


def test_fields_of_the_operator_are_filled_in_and_checked() -> None:
    provider = replace(
        PLAIN,
        authorization_endpoint="https://{domain}/authorize",
        token_endpoint="https://{domain}/token",
        fetch=(Fetch(url="https://{domain}/me"),),
        fields=(
            Field(name="domain", label="Domain"),
            Field(name="edition", label="Edition", default="v1", required=False),
        ),
    )
    net = FakeHttp({"https://shop.example/token": said(TOKENS), "https://shop.example/me": said(PERSON)})
    assert attempt(net, provider, domain="shop.example").back().user_id == "583231"
    options = strategy(provider).read({"client_id": "us", "domain": "evil.example/x?"})
    assert options.contradiction() == "options.domain (Domain) does not look like one"
    with pytest.raises(ConnectorError) as caught:
        attempt(net, provider)
    assert why(caught) == "options lack Domain"


def test_options_cannot_take_the_protection_away() -> None:
    options = strategy(PLAIN).read({"upstream_params": {"state": {"value": "x"}, "prompt": {"value": "login"}}})
    assert options.contradiction() == "options.upstream_params cannot set state"
    leaving = attempt(http(), upstream_params={"nonce": {"value": "x"}, "redirect_uri": {"value": "https://evil"}})
    assert leaving.params["redirect_uri"] == CALLBACK
    assert "nonce" not in leaving.params


def test_upstream_params_pass_on_what_the_application_asked() -> None:
    asked = {"acr_values": "high", "login_hint": "jane", "other": "x"}
    chosen = {"acr": {"alias": "acr_values"}, "hint": {"alias": "login_hint"}, "ui": {"alias": "ui_locales"}}
    params = attempt(http(), departure={"asked": asked}, upstream_params=chosen).params
    assert (params["acr"], params["hint"]) == ("high", "jane")
    assert "ui" not in params


class Odd(Quirks):
    """Every place where a provider may differ."""

    def authorize(self, params: dict[str, str]) -> None:
        """One more parameter."""
        params["odd"] = self.call.client_id

    def secret(self) -> str:
        """Made for the call."""
        return f"{self.call.client_secret}-{self.call.now}"

    def token_request(self, form: dict[str, str], headers: dict[str, str]) -> None:
        """A header."""
        headers["X-Odd"] = form.pop("redirect_uri")

    def token_answer(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Elsewhere."""
        inner: dict[str, Any] = answer["inner"]
        return inner

    def fetch(self, fetch: Fetch, url: str, params: Any, headers: Any, tokens: Any) -> str:
        """A proof."""
        params["proof"] = f"{tokens['access_token']}!"
        return url

    def profile(self, document: dict[str, Any], tokens: Any, arrival: Any) -> dict[str, Any]:
        """A name that came with the browser."""
        return {**document, "name": arrival["user"]}


def test_quirks() -> None:
    net = http(token=said({"inner": TOKENS}))
    leaving = attempt(net, replace(PLAIN, quirks=Odd))
    assert leaving.params["odd"] == "us"
    assert leaving.back(user="From the form").profile["name"] == "From the form"
    token, profile = net.asked
    assert token.headers["X-Odd"] == CALLBACK
    assert token.sent["client_secret"] == f"s3cret-{NOW}"
    assert profile.sent["proof"] == "at!"


OPENID = replace(
    PLAIN,
    id="sub",
    id_token=IdToken(issuer=f"{ISSUER}/{{tid}}", jwks_uri=JWKS, issuer_claims=("tid",)),
    fetch=(),
    email_verified="email_verified",
)


def claims(leaving: Attempt, **changed: Any) -> dict[str, Any]:
    usual = {"iss": f"{ISSUER}/t1", "tid": "t1", "sub": "s1", "aud": "us", "iat": NOW // 1000, "exp": NOW // 1000 + 600}
    person = {"nonce": leaving.keep["nonce"], "email": "jane@op.example", "email_verified": True, "sid": "up1"}
    return {name: value for name, value in {**usual, **person, **changed}.items() if value is not None}


def test_an_openid_provider() -> None:
    net = http()
    leaving = attempt(net, OPENID)
    assert leaving.params["nonce"] == leaving.keep["nonce"]
    token = signed(claims(leaving))
    net.routes[TOKEN] = said({**TOKENS, "id_token": token})
    identity = leaving.back()
    assert (identity.user_id, identity.profile["email_verified"]) == ("s1", True)
    assert identity.session == {"sub": "s1", "sid": "up1", "hint": token}
    net.routes[TOKEN] = said({**TOKENS, "id_token": signed(claims(leaving, iss=ISSUER))})
    with pytest.raises(ConnectorError) as caught:
        leaving.back()
    assert "iss is" in why(caught)


def test_tokens_are_refreshed_as_far_as_there_is_something_to_refresh() -> None:
    net = http(token=said({"access_token": "at3", "expires_in": "60"}))
    connector = opened(strategy(PLAIN), net, client_id="us", client_secret="s3cret")
    assert connector.refresh("583231", {"refresh_token": "rt", "access_token": "old"}) == {
        "access_token": "at3",
        "refresh_token": "rt",
        "expires_at": str(NOW + 60_000),
    }
    assert net.asked[0].sent["grant_type"] == "refresh_token"
    with pytest.raises(ConnectorError):
        connector.refresh("583231", {"access_token": "old"})


def test_logout_at_the_source() -> None:
    with_page = replace(PLAIN, end_session_endpoint=f"{ISSUER}/logout")
    connector = opened(strategy(with_page), http(), client_id="us")
    url = connector.logout_url({"hint": "h"}, "https://id.example.test/logout?state=st")
    assert url == (
        f"{ISSUER}/logout?client_id=us&post_logout_redirect_uri=https%3A%2F%2Fid.example.test%2Flogout&state=st&id_token_hint=h"
    )
    assert opened(strategy(PLAIN), http(), client_id="us").logout_url({}, "https://id.example.test/") is None


def test_a_connection_without_an_application_there_is_not_set_up() -> None:
    with pytest.raises(ConnectorError) as caught:
        away(opened(strategy(PLAIN), http()))
    assert why(caught) == "options lack client_id"
    with pytest.raises(ConnectorError):
        opened(strategy(PLAIN), http()).finish(Arrival(params={"code": "c"}, keep={}))
    with pytest.raises(ConnectorError) as caught:  # switched on while somebody was away
        opened(strategy(PLAIN), http(), client_id="us").finish(Arrival(params={"code": "c"}, keep={}))
    assert why(caught) == "no verifier was kept when they left"


DOCUMENT = {"a": {"b": [{"c": 1}, {"c": 2, "yes": True}]}, "x.y": 3, "empty": "", "flag": True, "n": 0}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.b[0].c", 1),
        ("a.b[yes].c", 2),
        ("a.b[7].c", None),
        ("a.b[no].c", None),
        ("a.c", None),
        ("a.b.c", None),
        ("x.y", 3),
        ("", DOCUMENT),
        ("flag.x", None),
    ],
)
def test_paths(path: str, found: Any) -> None:
    assert look(DOCUMENT, path) == found


def test_sources_give_texts() -> None:
    assert pick(DOCUMENT, ("empty", "a.b[0].c")) == "1"
    assert pick(DOCUMENT, "n") == "0"
    assert pick(DOCUMENT, "flag") is True
    assert pick(DOCUMENT, Text("{n}-{empty}")) is None
