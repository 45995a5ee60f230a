"""The catalogue of social providers: every file, and every mapping against what the provider's documentation shows."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any
from urllib.parse import urlsplit

import pytest

from connectors.contract import ConnectorError, RedirectConnector
from connectors.oauth2 import key_sets
from connectors.oauth2.paths import Text
from connectors.oauth2.provider import Fetch, Provider
from connectors.oauth2.quirks import Quirks
from connectors.registry import STRATEGIES
from connectors.social import providers
from tests.connectors.dialects import RECORDS, Dialect, options, record
from tests.connectors.provider import Attempt, Clock, away, opened

NAMES = providers.names()
OURS = {
    "birthdate", "email", "family_name", "gender", "given_name", "locale", "middle_name", "name", "nickname", "picture",
    "preferred_username", "profile", "website", "zoneinfo",
}  # fmt: skip
every = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(autouse=True)
def no_keys_are_known() -> None:
    key_sets.forget()


def left(dialect: Dialect, **more: Any) -> Attempt:
    """Somebody who was sent to it."""
    http: Any = dialect
    clock = Clock(1_700_000_000_000)
    dialect.sent["now"] = "1700000000"
    return away(opened(STRATEGIES[dialect.name], http, clock, **{**options(dialect.name), **more}))


def signed_in(dialect: Dialect, **more: Any) -> Any:
    """They come back."""
    attempt = left(dialect, **more)
    _, back = dialect.authorize(attempt.url)
    dialect.sent["now"] = "1700000000"
    return attempt.back(**back)


def test_there_are_at_least_sixty_and_each_has_its_record() -> None:
    assert len(NAMES) >= 60
    assert {path.stem for path in RECORDS.glob("*.json")} == set(NAMES)


@every
def test_what_it_shows_becomes_a_profile(name: str) -> None:
    dialect = Dialect(name)
    identity = signed_in(dialect)
    assert dialect.refused == []
    assert identity.user_id == record(name)["user_id"]
    assert dict(identity.profile) == record(name)["profile"]
    assert identity.tokens["access_token"] == "up-access-token"
    assert "up-access-token" not in str(identity.raw)


@every
def test_a_file_says_only_what_a_provider_has(name: str) -> None:
    document = providers.document(name)
    assert set(document) <= {each.name for each in fields(Provider)} - {"name"}
    assert all(set(each) <= {one.name for one in fields(Fetch)} for each in document.get("fetch", ()))


@every
def test_it_is_spoken_to_under_tls_and_known_by_what_stays(name: str) -> None:
    provider = providers.provider(name)
    sources = [provider.authorization_endpoint, provider.token_endpoint, *(each.url for each in provider.fetch)]
    if provider.id_token:
        sources.append(provider.id_token.jwks_uri)
    for url in sources:
        base = next((each for each in provider.fields if url.startswith(f"{{{each.name}}}")), None)
        if base is None:
            assert urlsplit(url).scheme == "https"
            host = urlsplit(url).netloc
            assert "{" not in host or any(f"{{{each.name}}}" in host for each in provider.fields)
        else:
            assert base.pattern.startswith("^https://")
    assert all(each.pattern.startswith("^") and each.pattern.endswith("\\Z") for each in provider.fields)
    ids = provider.id if isinstance(provider.id, tuple) else (provider.id,)
    assert not any("email" in (each.template if isinstance(each, Text) else each) for each in ids)
    assert set(provider.profile) <= OURS


@every
def test_its_page_and_its_button_can_be_made(name: str) -> None:
    provider = providers.provider(name)
    assert urlsplit(provider.setup.console).scheme == "https"
    assert urlsplit(provider.setup.documentation).scheme == "https"
    assert provider.setup.steps
    assert re.match(r"^#[0-9a-f]{6}\Z", provider.color)
    mark = STRATEGIES[name].mark
    assert mark is not None
    assert 1 <= len(mark.letters) <= 3
    assert contrast(mark.color, mark.ink) >= 4.5


def contrast(one: str, other: str) -> float:
    """WCAG 2.2."""

    def light(color: str) -> float:
        parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@every
def test_an_address_counts_as_proven_only_where_it_is_said(name: str) -> None:
    """security.md N4: missing, "true", 1 are no proof."""
    rule = providers.provider(name).email_verified
    if not isinstance(rule, str):
        assert rule is False or name in {"twitch", "twitter"}, "documented: proven addresses only"
        return
    for instead in ("true", 1, None, "yes", [True]):
        said = {**record(name), **{part: _with(record(name)[part], rule, instead) for part in _parts(name)}}
        identity = signed_in(Dialect(name, said=said))
        proven = identity.profile.get("email_verified", False)
        documented = (name == "apple" and instead == "true") or (name == "zoom" and instead == 1)
        assert proven is documented


def _parts(name: str) -> list[str]:
    return [part for part in ("claims", "answers", "token") if part in record(name)]


def _with(part: Any, rule: str, instead: object) -> Any:
    """The record with another value wherever the flag stands."""
    last = {"emails": "verified"}.get(rule, rule.rpartition(".")[2])
    names = {last, "verified"} if last == "email_is_verified" else {last}
    if isinstance(part, dict):
        return {key: instead if key in names else _with(value, rule, instead) for key, value in part.items()}
    return [_with(each, rule, instead) for each in part] if isinstance(part, list) else part


@every
def test_a_refused_code_is_a_refusal(name: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        signed_in(Dialect(name, refuse_code=True))
    assert caught.value.code == "access_denied"
    assert "up-" not in str(caught.value.detail)


@every
def test_without_an_id_nobody_signs_in(name: str) -> None:
    said = record(name)
    empty = {
        **said,
        "claims": {"sub": "x", **{key: said["claims"][key] for key in ("tid", "hd") if key in said["claims"]}}
        if "claims" in said
        else {},
        "answers": [_emptied(each) for each in said.get("answers", [])],
        "token": {key: value for key, value in said.get("token", {}).items() if not isinstance(value, dict)},
    }
    if "id_token" in providers.provider(name).profile_from and providers.provider(name).id in {"sub", "account"}:
        return  # an OpenID provider: a token without a sub is refused by the engine
    empty["token"].pop("openid", None)
    empty["token"].pop("unionid", None)
    empty["token"].pop("orcid", None)
    empty["token"].pop("edam_userId", None)
    with pytest.raises(ConnectorError):
        signed_in(Dialect(name, said={**empty, "extra": {}}))


def _emptied(answer: Any) -> Any:
    if isinstance(answer, dict):
        kept = {"ok", "ret", "resultcode", "success", "code", "meta", "error", "http_code", "statuscode", "msg"}
        return {key: _emptied(each) if isinstance(each, dict | list) else each
                for key, each in answer.items() if isinstance(each, dict | list) or key in kept}  # fmt: skip
    return [_emptied(each) for each in answer] if isinstance(answer, list) else answer


@every
def test_the_strategy_redirects_and_its_options_are_typed(name: str) -> None:
    strategy = STRATEGIES[name]
    assert strategy.can(RedirectConnector)
    assert strategy.read(options(name)).contradiction() is None


def test_fields_that_end_up_in_addresses_are_refused_when_they_look_like_something_else() -> None:
    for name in NAMES:
        for each in providers.provider(name).fields:
            for value in ("https://127.0.0.1/x?y=#", "a/../b", "x@evil.example", "\n", "a b", "https://a@b"):
                read = STRATEGIES[name].read({**options(name), each.name: value})
                assert read.contradiction(), (name, each.name, value)


def test_quirks_are_few() -> None:
    with_code = [name for name in NAMES if providers.provider(name).quirks is not Quirks]
    assert len(with_code) <= 15, with_code
