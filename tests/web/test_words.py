"""What pages say in words that is stored otherwise: hosts, statuses, rules of passwords, scopes, browsers."""

import pytest

from idp.foundation.web.i18n import texts_for
from idp.foundation.web.pages import error_kind, host_of
from idp.foundation.web.view_models import account_scopes, device_name, is_phone, password_rules


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("https://shop.example/callback?x=1", "shop.example"),
        ("http://127.0.0.1:8081/cb", "127.0.0.1:8081"),
        ("https://bank.example@evil.example/", "evil.example"),
        ("com.example.app:/callback", "com.example.app:"),
    ],
)
def test_where_a_redirect_leads_is_shown_as_people_read_it(uri: str, shown: str) -> None:
    assert host_of(uri) == shown


def test_unknown_statuses_have_words_too() -> None:
    assert [error_kind(status) for status in (404, 418, 502)] == ["not-found", "bad-request", "internal"]


def test_password_rules_follow_the_policy() -> None:
    texts = texts_for("en")
    assert [rule.kind for rule in password_rules(texts, "low").rules] == ["length"]
    assert password_rules(texts, "none").rules[0].text == "At least 1 character"
    assert password_rules(texts, "fair", 12).attribute == (
        "minlength: 12; required: lower; required: upper; required: digit;"
    )
    assert password_rules(texts, "excellent").attribute.endswith("max-consecutive: 2;")
    with pytest.raises(KeyError):
        password_rules(texts, "impossible")


def test_scopes_and_devices_as_words() -> None:
    texts = texts_for("en")
    group = account_scopes(texts, "Harbour", ["read:orders", "openid", "offline_access"])
    assert group
    assert [scope.value for scope in group.scopes] == ["offline_access", "openid"]
    assert account_scopes(texts, "Harbour", ["read:orders"]) is None
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0"
    assert device_name(texts, agent) == "Edge on Windows"
    assert device_name(texts, "curl/8.5") == "Unknown browser"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "(iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "(iPad; CPU OS 18_0 like Mac OS X) CriOS/141.0 Mobile/15E148 Safari/604.1",
            "Chrome on iPad",
        ),
        (
            "(iPhone; CPU iPhone OS 18_0 like Mac OS X) FxiOS/140.0 Mobile/15E148",
            "Firefox on iPhone",
        ),
        ("(Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari on Mac"),
        ("(Linux; Android 15; Pixel 9) Chrome/141.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        (
            "(Linux; Android 14; SM-S921B) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari",
            "Samsung Internet on Android",
        ),
        ("(X11; CrOS x86_64 14541.0.0) Chrome/141.0.0.0 Safari/537.36", "Chrome on Chrome OS"),
        (
            "(Windows NT 10.0; Win64; x64) Chrome/141.0.0.0 Safari/537.36 OPR/120.0.0.0",
            "Opera on Windows",
        ),
        ("(X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("(X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Ubuntu"),
        ("Gecko/20100101 Firefox/140.0", "Firefox"),
        ("x" * 100_000, "Unknown browser"),
    ],
)
def test_browsers_people_use_have_names(agent: str, words: str) -> None:
    assert device_name(texts_for("en"), f"Mozilla/5.0 {agent}") == words
    assert is_phone(agent) is words.endswith(("iPhone", "Android"))
