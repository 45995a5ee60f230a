"""``/attack-protection``, ``/anomaly`` and ``/user-blocks`` (spec: Attack protection, "Settings")."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from idp.foundation.tenancy.models import Tenant
from idp.signin.attack_protection import captcha_settings
from tests.api_v2.test_recorded_shapes import WORDS, flatten
from tests.security.rows import row
from tests.world.fixtures import on_both_stores
from tests.world.management import Api
from tests.world.templates import TENANT
from tests.world.world import World

FRESH: dict[str, dict[str, Any]] = {
    "brute-force-protection": {
        "enabled": True,
        "shields": ["block", "user_notification"],
        "allowlist": [],
        "mode": "count_per_identifier_and_ip",
        "max_attempts": 10,
        "form_submission_mode": "auto",
    },
    "suspicious-ip-throttling": {
        "enabled": True,
        "shields": ["block", "admin_notification"],
        "allowlist": [],
        "stage": {
            "pre-login": {"max_attempts": 100, "rate": 864_000},
            "pre-user-registration": {"max_attempts": 50, "rate": 1_728_000},
            "pre-custom-token-exchange": {"max_attempts": 10, "rate": 600_000},
        },
    },
    "breached-password-detection": {
        "enabled": False,
        "shields": [],
        "admin_notification_frequency": [],
        "method": "standard",
        "stage": {"pre-user-registration": {"shields": []}, "pre-change-password": {"shields": []}},
    },
    "bot-detection": {
        "bot_detection_level": "medium",
        "challenge_password_policy": "never",
        "challenge_passwordless_policy": "never",
        "challenge_password_reset_policy": "never",
        "allowlist": [],
        "monitoring_mode_enabled": False,
    },
    "captcha": {
        "active_provider_id": "auth_challenge",
        "simple_captcha": {},
        "auth_challenge": {"fail_open": False},
        "recaptcha_v2": {"site_key": ""},
        "recaptcha_enterprise": {"site_key": "", "project_id": ""},
        "hcaptcha": {"site_key": ""},
        "friendly_captcha": {"site_key": ""},
        "arkose": {
            "site_key": "",
            "client_subdomain": "client-api",
            "verify_subdomain": "verify-api",
            "fail_open": False,
        },
    },
}
RECORDED = {
    "bot-detection": "challenge_password_policy:str challenge_passwordless_policy:str "
    "challenge_password_reset_policy:str allowlist:list bot_detection_level:str monitoring_mode_enabled:bool",
    "captcha": "active_provider_id:str simple_captcha:obj auth_challenge:obj auth_challenge.fail_open:bool "
    "recaptcha_v2:obj recaptcha_v2.site_key:str recaptcha_enterprise:obj recaptcha_enterprise.site_key:str "
    "recaptcha_enterprise.project_id:str hcaptcha:obj hcaptcha.site_key:str friendly_captcha:obj "
    "friendly_captcha.site_key:str arkose:obj arkose.site_key:str arkose.client_subdomain:str "
    "arkose.verify_subdomain:str arkose.fail_open:bool",
}
"""Shapes that servers of Auth0 answered with; the other three are what :data:`FRESH` holds."""
CHANGES: dict[str, list[dict[str, Any]]] = {
    "brute-force-protection": [
        {"enabled": False},
        {"shields": []},
        {"allowlist": ["192.0.2.1", "2001:db8::/32", "10.0.0.0/8"]},
        {"mode": "count_per_identifier"},
        {"max_attempts": 1},
        {"max_attempts": 100},
        {"form_submission_mode": "manual"},
    ],
    "suspicious-ip-throttling": [
        {"shields": ["admin_notification"]},
        {"stage": {"pre-login": {"max_attempts": 2_500}}},
        {"stage": {"pre-user-registration": {"rate": 1_200}}},
        {"stage": {"pre-custom-token-exchange": {"max_attempts": 1, "rate": 600_000}}},
    ],
    "breached-password-detection": [
        {"enabled": True, "shields": ["block", "user_notification", "admin_notification"]},
        {"admin_notification_frequency": ["immediately", "daily", "weekly", "monthly"]},
        {"method": "enhanced"},
        {"stage": {"pre-change-password": {"shields": ["block", "admin_notification"]}}},
    ],
    "bot-detection": [
        {"bot_detection_level": "high", "challenge_password_policy": "when_risky"},
        {"challenge_passwordless_policy": "always"},
        {"challenge_password_reset_policy": "always"},
        {"allowlist": ["192.0.2.0/24"], "monitoring_mode_enabled": True},
    ],
}
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("brute-force-protection", {"max_attempts": 0}),
    ("brute-force-protection", {"max_attempts": 101}),
    ("brute-force-protection", {"max_attempts": "10"}),
    ("brute-force-protection", {"shields": ["admin_notification"]}),
    ("brute-force-protection", {"mode": "count_per_ip"}),
    ("brute-force-protection", {"allowlist": ["nowhere"]}),
    ("brute-force-protection", {"allowlist": ["10.0.0.0/33"]}),
    ("brute-force-protection", {"allowlist": ["fe80::1%eth0"]}),
    ("brute-force-protection", {"enabled": None}),
    ("brute-force-protection", {"more": 1}),
    ("suspicious-ip-throttling", {"allowlist": ["192.0.2.1"] * 101}),
    ("suspicious-ip-throttling", {"stage": {"pre-login": {"rate": 34_559}}}),
    ("suspicious-ip-throttling", {"stage": {"pre-login": {"max_attempts": 2_501}}}),
    ("suspicious-ip-throttling", {"stage": {"pre-user-registration": {"max_attempts": 72_001}}}),
    ("suspicious-ip-throttling", {"stage": {"post-login": {}}}),
    ("breached-password-detection", {"method": "better"}),
    ("breached-password-detection", {"stage": {"pre-user-registration": {"shields": ["user_notification"]}}}),
    ("bot-detection", {"challenge_password_policy": "sometimes"}),
    ("captcha", {"active_provider_id": "mine"}),
    ("captcha", {"hcaptcha": {"site_key": "x"}}),
    ("captcha", {"arkose": {"site_key": "x", "secret": "y", "client_subdomain": "evil.example/"}}),
]


def path(part: str) -> str:
    return f"/attack-protection/{part}"


@pytest.mark.parametrize("part", FRESH)
def test_a_fresh_tenant_has_the_documented_settings(api: Api, part: str) -> None:
    """Acceptance: the full object, in the recorded shape."""
    shown = api.get(path(part)).json
    assert shown == FRESH[part]
    if part in RECORDED:
        kinds = {**WORDS, list: "list"}
        found = {f"{name}:{kinds[list] if kind == 'arr' else kind}" for name, kind in flatten(shown)}
        assert found == set(RECORDED[part].split())


@on_both_stores
def test_each_member_changes_alone_and_at_once_in_every_process(api: Api, world: World, elsewhere: World) -> None:
    for part, members in CHANGES.items():
        before = api.get(path(part)).json or {}
        for change in members:
            answer = api.patch(path(part), change)
            assert answer.status_code == 200, answer.text
            for name, value in change.items():
                if name == "stage":
                    for stage, said in value.items():
                        before["stage"][stage] |= said
                else:
                    before[name] = value
            assert answer.json == before
            assert elsewhere.caller("read:attack_protection").get(path(part)).json == before


@row("W3")
@pytest.mark.parametrize(("part", "change"), REFUSED)
def test_what_does_not_fit_is_refused_and_changes_nothing(api: Api, part: str, change: dict[str, Any]) -> None:
    answer = api.patch(path(part), change)
    assert (answer.status_code, (answer.json or {})["errorCode"]) == (400, "invalid_body"), answer.text
    assert api.get(path(part)).json == FRESH[part]


@row("SEC1", "W4")
def test_secrets_of_providers_are_sealed_shown_to_nobody_and_found_again(api: Api, world: World) -> None:
    change = {
        "active_provider_id": "hcaptcha",
        "hcaptcha": {"site_key": "public", "secret": "very-secret-1"},
        "recaptcha_enterprise": {"site_key": "other", "api_key": "very-secret-2", "project_id": "p"},
    }
    answer = api.patch(path("captcha"), change)
    assert answer.status_code == 200, answer.text
    assert (answer.json or {})["hcaptcha"] == {"site_key": "public"}
    assert "very-secret" not in answer.text + api.get(path("captcha")).text
    with world.platform.db.reading(TENANT) as session:
        stored = session.scalars(select(Tenant.attack_protection)).one()
    assert "very-secret" not in json.dumps(stored)
    assert "very-secret" not in json.dumps([entry.data for entry in world.logs()])
    with world.context() as work:
        found = captcha_settings.current(work)
        assert (found.provider, found.site_key, found.secret) == ("hcaptcha", "public", "very-secret-1")
    api.patch(path("captcha"), {"active_provider_id": "recaptcha_enterprise"})
    with world.context() as work:
        assert captcha_settings.current(work).secret == "very-secret-2"


@row("W1")
@pytest.mark.parametrize("part", FRESH)
def test_each_operation_has_its_scope(world: World, part: str) -> None:
    assert world.caller("update:attack_protection").get(path(part)).status_code == 403
    assert world.caller("read:attack_protection").patch(path(part), {}).status_code == 403
    assert Api(world, None).get(path(part)).status_code == 401


def test_addresses_that_are_none_are_refused(api: Api) -> None:
    for address in ("nowhere", "10.0.0.256", "10.0.0.0%2F8", "fe80::1%25eth0"):
        answer = api.get(f"/anomaly/blocks/ips/{address}")
        assert (answer.status_code, (answer.json or {}).get("errorCode")) == (400, "invalid_uri"), answer.text
    assert api.get("/anomaly/blocks/ips/192.0.2.1").status_code == 404
    assert api.delete("/anomaly/blocks/ips/2001:db8::1").status_code == 204
    assert api.world.caller("read:users").get("/anomaly/blocks/ips/192.0.2.1").status_code == 403
