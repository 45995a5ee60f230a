"""Values in an order, moved by buttons without a script (spec/dashboard.md, line 35)."""

from __future__ import annotations

from idp.foundation.web.i18n import LANGUAGES as BUILT_IN
from tests.admin.conftest import Desk
from tests.world.world import World

LANGUAGES = "/admin/settings/tenant/languages"


def order(desk: Desk) -> list[str]:
    return [str(each) for each in desk.tree.xpath("//ol[@id='field-enabled-locales']/li/@data-value")]


def stored(world: World) -> list[str]:
    return list(world.management().get("/tenants/settings")["enabled_locales"])


def test_line_35_buttons_move_values_and_only_saving_saves(world: World, desk: Desk) -> None:
    world.settings(enabled_locales=["en", "de", "fr"])
    desk.open(LANGUAGES).press("field-enabled-locales-fr-up", desk__move="enabled_locales|fr|up")
    assert (desk.status, order(desk)) == (422, ["en", "fr", "de"])
    desk.press("field-enabled-locales-fr-up", desk__move="enabled_locales|fr|up")
    desk.press("field-enabled-locales-en-down", desk__move="enabled_locales|en|out")
    desk.press("field-enabled-locales-add", desk__move="enabled_locales||add", **{"desk.add.enabled_locales": "ja"})
    assert order(desk) == ["fr", "de", "ja"]
    assert stored(world) == ["en", "de", "fr"], "nothing was saved yet"
    desk.press("tenant-save")
    assert stored(world) == ["fr", "de", "ja"]


def test_line_35_languages_stand_by_their_own_names(world: World, desk: Desk) -> None:
    """Whoever reads one of them finds it, whatever language the dashboard is in."""
    world.settings(enabled_locales=["en", "fi"])
    for language in ("en", "ar"):
        desk.open(f"{LANGUAGES}?language={language}")
        named = [each.text_content() for each in desk.tree.xpath("//ol[@id='field-enabled-locales']//bdi")]
        assert named == ["English", "Suomi"]
        more = {
            str(each.get("value")): each.text_content()
            for each in desk.tree.xpath("//select[@id='field-enabled-locales-more']/option")
        }
        assert set(more) == {"", *BUILT_IN} - {"en", "fi"}
        assert (more["el"], more["ur"], more["de"]) == ("Ελληνικά", "اردو", "Deutsch")


def test_line_35_what_no_button_says_moves_nothing(world: World, desk: Desk) -> None:
    world.settings(enabled_locales=["en", "de"])
    for move in ("enabled_locales|en|up", "enabled_locales|nobody|up", "enabled_locales||add"):
        desk.open(LANGUAGES).press("field-enabled-locales-en-down", desk__move=move)
        assert order(desk) == ["en", "de"], move
    desk.press("field-enabled-locales-de-down", desk__move="enabled_locales|de|down")
    assert order(desk) == ["en", "de"]


def test_lines_7_and_35_a_form_that_was_moved_still_knows_what_it_was_made_from(world: World, desk: Desk) -> None:
    world.settings(enabled_locales=["en", "de"])
    desk.open(LANGUAGES)
    world.management().patch("/tenants/settings", {"enabled_locales": ["en", "de", "es"]})
    desk.press("field-enabled-locales-de-up", desk__move="enabled_locales|de|up")
    desk.press("tenant-save")
    assert desk.status == 409
    assert stored(world) == ["en", "de", "es"]
