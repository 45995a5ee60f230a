"""Every resource that is changed has its history, with old and new values (spec/dashboard.md, "Frame")."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from idp.admin.navigation import resources
from tests.admin.conftest import Desk
from tests.world.signals import Endpoint, endpoint, receiver, switch_on
from tests.world.world import World

SHIELDS, ACCESS, FACTORS = "/admin/security/shields", "/admin/settings/access", "/admin/security/mfa"
EXCHANGES, TOKENS = "/admin/applications/exchanges", "/admin/applications/registration"
SIGNALS = "/admin/applications/signals"
ISSUER = "https://legacy.acme.example"
PROFILE = {
    "name": "Legacy",
    "subject_token_type": "urn:acme:legacy",
    "validation": {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"},
}


@pytest.fixture
def there() -> Iterator[Endpoint]:
    with endpoint() as made:
        yield made


def entries(desk: Desk, path: str) -> list[tuple[str, dict[str, tuple[str, str]]]]:
    """What was done, the newest first, and each field with its old and new value."""
    desk.open(f"{path}/history")
    assert desk.status == 200
    return [
        (
            str(each.xpath("string(./p[2]/b)")),
            {
                str(row.xpath("string(./th/bdi)")): (row.xpath("string(./td[1])"), row.xpath("string(./td[2])"))
                for row in each.xpath(".//tbody/tr")
            },
        )
        for each in desk.tree.xpath("//ol[@class='history']/li")
    ]


def test_only_what_nobody_changes_has_no_history() -> None:
    """A new resource with an update or a creation has the tab, or its reason stands here."""
    without = {
        each.name for each in resources() if (each.update or each.create) and each.tabs and each.tab("history") is None
    }
    assert without == {
        "registered",  # its application has it
        "invitations",  # sent, accepted or withdrawn: its page says so
    }


def ask_everybody(desk: Desk, mfa_required: str) -> None:
    desk.open(ACCESS).press("access-save", mfa_required=mfa_required)
    desk.press("access-confirm")


def test_shields_tell_their_own_changes_and_no_other(world: World, desk: Desk) -> None:
    call = world.management()
    call.patch("/attack-protection/brute-force-protection", {"max_attempts": 7})
    provider = {"site_key": "site", "secret": "a-secret-of-hcaptcha"}
    call.patch("/attack-protection/captcha", {"active_provider_id": "hcaptcha", "hcaptcha": provider})
    ask_everybody(desk, "never")
    call.patch("/tenants/settings", {"friendly_name": "Other"})
    call.patch("/attack-protection/brute-force-protection", {"max_attempts": 8})
    found = entries(desk, SHIELDS)
    assert [what for what, _ in found] == [
        "Update brute-force settings",
        "Update the CAPTCHA configuration",
        "Update brute-force settings",
    ]
    assert found[0][1] == {"attack_protection.brute-force-protection.max_attempts": ("7", "8")}
    assert found[1][1]["attack_protection.captcha.hcaptcha.secret"] == ("–", "***")
    assert provider["secret"] not in desk.html
    assert desk.open(f"{SHIELDS}/bots").has("shields-latest")


def test_who_may_open_the_dashboard_has_a_history(world: World, desk: Desk) -> None:
    world.management().patch("/attack-protection/brute-force-protection", {"max_attempts": 7})
    ask_everybody(desk, "never")
    ask_everybody(desk, "in_production")
    later, first = entries(desk, ACCESS)
    assert later[1] == {"attack_protection.dashboard-access.mfa_required": ("never", "in_production")}
    assert first[1]["attack_protection.dashboard-access.mfa_required"][1] == "never"
    called = desk.tree.xpath("string(//tbody/tr[last()]/th/text())").strip()
    assert called not in {"", "attack_protection.dashboard-access.mfa_required"}
    assert called in desk.open(ACCESS).text, "fields are called as on their form"


def test_second_factors_tell_switches_policies_and_settings(world: World, desk: Desk) -> None:
    call = world.caller()
    for path, body in (
        ("otp", {"enabled": True}),
        ("otp", {"enabled": False}),
        ("phone/message-types", {"message_types": ["voice"]}),
    ):
        assert call.put(f"/guardian/factors/{path}", body).status_code == 200
    for policies in (["all-applications"], []):
        assert call.put("/guardian/policies", policies).status_code == 200
    desk.open(f"{FACTORS}/remembered").press("mfa-save", mfa_session_inactivity_timeout="3600")
    settings, *asked, phone, off, on = entries(desk, FACTORS)
    assert settings[1]["mfa_session_inactivity_timeout"][1] == "3600"
    assert [what for what, _ in asked] == ["Set multi-factor authentication policies"] * 2
    assert phone[1]["message_types"][1] == '[\n  "voice"\n]'
    assert off[1] == {"document.otp": ("true", "false")}
    assert on[1]["enabled"] == ("–", "true")


def test_a_profile_of_token_exchange_is_followed_from_the_beginning(world: World, desk: Desk) -> None:
    call = world.management()
    made, _other = (
        call.post("/token-exchange-profiles", {**PROFILE, "subject_token_type": f"urn:acme:{each}"}) for each in "ab"
    )
    call("PATCH", f"/token-exchange-profiles/{made['id']}", {"name": "Other"})
    changed, created = entries(desk, f"{EXCHANGES}/{made['id']}")
    assert changed == ("Update a token exchange profile", {"document.name": ("Legacy", "Other")})
    assert created[0] == "Create a token exchange profile"


def test_a_token_of_self_registration_says_who_made_it(world: World, desk: Desk) -> None:
    call = world.management()
    made = call.post("/initial-access-tokens", {"name": "For partners", "uses": 3})
    call.post("/initial-access-tokens", {"name": "For others"})
    ((what, members),) = entries(desk, f"{TOKENS}/{made['id']}")
    assert what == "Create an initial access token"
    assert members["name"] == ("–", "For partners")
    assert made["token"] not in desk.html


def test_streams_tell_what_administrators_and_receivers_did(world: World, desk: Desk, there: Endpoint) -> None:
    switch_on(world)
    hears = receiver(world, world.client("m2m", name="Watchtower", grant_types=["client_credentials"]))
    stream = hears.pushed_to(there, description="For the watch")
    path = f"{SIGNALS}/{stream['stream_id']}"
    desk.open(f"{path}/details").press("signals-pause")
    desk.open(f"{path}/details").press("signals-resume")
    assert [members for _, members in entries(desk, path)] == [
        {"status": ("paused", "enabled")},
        {"status": ("enabled", "paused")},
        {},
    ]
    assert "A receiver of shared signals made its stream" in desk.text
    hears("PATCH", "streams", {"stream_id": stream["stream_id"], "description": "Of the watch"})
    assert len(entries(desk, path)) == 4, "what its receiver changes stands there, too"
