"""Who sends a tenant's mails, and what they say, on the dashboard: the operations of the Management API."""

from __future__ import annotations

import pytest

from idp.tenant.mail import templates, trial
from idp.foundation.web import liquid
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import World

MAILER, MAILS = "/admin/branding/mailer", "/admin/branding/mails"
VERIFY = f"{MAILS}/verify_email"
SMTP = {
    "credentials__smtp_host": "smtp.example.com",
    "credentials__smtp_port": "587",
    "credentials__smtp_user": "shop",
    "credentials__smtp_pass": "the-password-of-smtp",
    "default_from_address": "Shop <shop@example.com>",
}


def stored(world: World) -> dict[str, object]:
    return dict(world.caller().get("/emails/provider").json or {})


def test_a_provider_is_picked_set_up_and_removed(world: World, desk: Desk) -> None:
    desk.open(MAILER)
    assert (desk.status, desk.has("mailer-form")) == (200, False)
    assert desk.say("mailer-way") == "Into the mailbox of development"
    desk.follow("mailer-pick-smtp").press("mailer-save", **SMTP)
    assert desk.say("notice") == "Saved."
    assert stored(world) == {
        "name": "smtp",
        "enabled": True,
        "default_from_address": "Shop <shop@example.com>",
        "credentials": {"smtp_host": "smtp.example.com", "smtp_port": 587, "smtp_user": "shop"},
    }
    assert desk.say("mailer-way") == "Through your provider SMTP server"
    for tab in ("", "/raw", "/history"):
        assert "the-password-of-smtp" not in desk.open(f"{MAILER}{tab}").html
    assert "Update" in desk.text or "provider" in desk.text
    desk.open(MAILER).follow("mailer-delete").press("mailer-confirm")
    assert world.caller().get("/emails/provider").status_code == 404
    assert "the-password-of-smtp" not in str(world.logs("sapi"))
