"""Rendering settings: kept and told in the recorded shapes; pages are ours whatever they say."""

from __future__ import annotations

from typing import Any

from tests.tenant.appearance.test_words_and_pieces import api, environment, first_page, template  # noqa: F401
from tests.world.management import Api
from tests.world.world import World

LOGIN = "/prompts/login/screen/login/rendering"
STANDARD = {
    "rendering_mode": "standard",
    "context_configuration": [],
    "default_head_tags_disabled": False,
    "head_tags": [],
    "filters": None,
    "use_page_template": False,
}
ADVANCED: dict[str, Any] = {
    "rendering_mode": "advanced",
    "context_configuration": ["branding.settings", "screen.texts"],
    "head_tags": [{"tag": "script", "attributes": {"src": "https://evil.example/x.js", "defer": True}}],
    "filters": {"match_type": "includes_any", "clients": [{"id": "abc"}, {"metadata": {"key": "value"}}]},
}


def test_settings_of_a_screen_are_kept_and_told(world: World, api: Api) -> None:  # noqa: F811
    found = api.get(LOGIN).json
    assert found == {"tenant": found["tenant"], "prompt": "login", "screen": "login", **STANDARD}
    assert api.patch(LOGIN, ADVANCED).json == {**STANDARD, **ADVANCED}
    assert api.patch(LOGIN, {"filters": None}).json["filters"] is None
    assert api.get(LOGIN).json["rendering_mode"] == "advanced"
    page = first_page(world)
    assert "evil.example" not in page
    assert '<form method="post"' in page


def test_many_screens_change_together_or_not_at_all(api: Api) -> None:  # noqa: F811
    screens = [("login-id", "login-id"), ("signup", "signup")]
    configs = [{"prompt": prompt, "screen": screen, "rendering_mode": "advanced"} for prompt, screen in screens]
    wrong = [*configs, {"prompt": "signup", "screen": "login", "rendering_mode": "standard"}]
    assert api.patch("/prompts/rendering", {"configs": wrong}).status_code == 400
    assert api.get("/prompts/rendering", include_totals="true").json["total"] == 0
    answer = api.patch("/prompts/rendering", {"configs": configs})
    assert [each["screen"] for each in answer.json["configs"]] == ["login-id", "signup"]
    listed = api.get("/prompts/rendering", include_totals="true", prompt="signup").json
    assert (listed["total"], listed["start"], listed["configs"][0]["screen"]) == (1, 0, "signup")
    assert api.get("/prompts/rendering", rendering_mode="standard").json == []


def test_what_does_not_fit_is_refused(api: Api) -> None:  # noqa: F811
    for path, body in (
        ("/prompts/nothing/screen/login/rendering", {}),
        ("/prompts/login/screen/signup/rendering", {}),
        (LOGIN, {"rendering_mode": "wild"}),
        (LOGIN, {"head_tags": "x"}),
        (LOGIN, {"filters": {"match_type": "some"}}),
        (LOGIN, {"more": 1}),
    ):
        assert api.patch(path, body).status_code == 400, path
