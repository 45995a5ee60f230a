"""Quick starts of applications (spec/dashboard.md, line 37); the sample itself runs in tests/e2e."""

from __future__ import annotations

import shlex

import pytest

from tests.admin.conftest import Desk
from tests.world.world import World

APPS = "/admin/applications/apps"


def values(dotenv: str) -> dict[str, str]:
    return dict(line.partition("=")[::2] for line in dotenv.splitlines())


def test_line_37_a_new_application_brings_its_whole_env(desk: Desk) -> None:
    desk.open(f"{APPS}/new").press("apps-save", name="Shop", app_type="regular_web")
    secret = desk.say("once-client_secret")
    found = values(str(desk.one("apps-env").text_content()))
    assert found["OIDC_CLIENT_SECRET"] == secret
    assert found["OIDC_ISSUER"].endswith("/")
    assert found["OIDC_REDIRECT_URI"] == "http://localhost:3000/callback"
    again = desk.open(desk.url.partition("?")[0])
    assert secret not in again.html
    (proposed,) = again.tree.xpath("//li[.//a[@id='apps-callbacks']]//bdi/text()")
    assert proposed == found["OIDC_REDIRECT_URI"], "what the file says is what has to be entered"


def test_line_37_the_badge_turns_green_with_the_first_sign_in(world: World, desk: Desk) -> None:
    app, person = world.client(), world.user("ann@example.com")
    assert "Waiting for the first sign-in" in desk.open(f"{APPS}/{app.client_id}").say("apps-badge")
    app.sign_in(world.browser(), person)
    assert "Works" in desk.open(f"{APPS}/{app.client_id}").say("apps-badge")


@pytest.mark.parametrize("callback", ["https://a.example.test/cb?x=1&y=2", "https://a.example.test/$(id)"])
def test_values_of_the_env_are_one_word_to_a_shell(world: World, desk: Desk, callback: str) -> None:
    app = world.client(callbacks=[callback])
    text = str(desk.open(f"{APPS}/{app.client_id}").one("apps-env").text_content())
    (line,) = [each for each in text.splitlines() if each.startswith("OIDC_REDIRECT_URI=")]
    assert shlex.split(line) == [f"OIDC_REDIRECT_URI={callback}"]
    assert line.endswith("'")
