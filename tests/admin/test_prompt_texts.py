"""Words and pieces of hosted pages, and the page around them, in the dashboard: ours beside the tenant's, shown before
they are saved, and refused at the field in the words of the API (spec/dashboard.md, lines 6, 7, 8, 18 and 39).
"""

from __future__ import annotations

from typing import Any

import pytest

from idp.admin.desk import operations
from idp.admin.prompt_texts import ours
from idp.foundation.web.i18n import EVERYWHERE
from idp.tenant.appearance.prompts import SCREENS
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.world import World

TEXTS, PARTIALS, LOOK = "/admin/branding/texts", "/admin/branding/partials", "/admin/branding/look"
FRAME = "/admin/branding/look/preview"


def drawn(desk: Desk, button: str, site: str = "same-origin", **typed: str) -> None:
    """What the frame shows once that button, which has an address of its own, was pressed."""
    fields = desk.fields("texts-save" if desk.has("texts-save") else button)
    pressed = desk.one(button)
    assert (pressed.get("formaction"), pressed.get("formtarget")) == (FRAME, "preview-frame")
    named = {pressed.get("name"): pressed.get("value")} if pressed.get("name") else {}
    values = {**fields, **named, **{name.replace("__", "."): value for name, value in typed.items()}}
    desk.browser.open(FRAME, site=site, method="POST", form=values)


def test_a_text_is_said_by_the_next_page_and_ours_again_when_emptied(world: World, desk: Desk) -> None:
    desk.open(f"{TEXTS}?lang=de")
    assert "login" in desk.rows()
    desk.open(f"{TEXTS}/login.de")
    assert desk.say("field-login-passwordlabel-hint") == "Passwort"
    desk.press("texts-save", login__passwordLabel="Geheimwort <b>")
    assert "notice" in desk.html
    caller = world.management()
    assert caller.get("/prompts/login/custom-text/de") == {"login": {"passwordLabel": "Geheimwort <b>"}}
    assert desk.one("field-login-passwordlabel").text == "Geheimwort <b>"
    shown = world.browser().open(f"{FRAME}?screen=login&lang=de")
    assert shown.status == 403, "for administrators alone"
    desk.open(f"{FRAME}?screen=login&lang=de")
    assert "Geheimwort &lt;b&gt;" in desk.html
    desk.open(f"{TEXTS}/login.de").press("texts-save", login__passwordLabel="")
    assert caller.get("/prompts/login/custom-text/de") == {}


def test_what_is_stored_and_said_nowhere_stays(world: World, desk: Desk) -> None:
    world.caller().put("/prompts/login/custom-text/en", {"login": {"of-a-later-version": "Kept"}})
    desk.open(f"{TEXTS}/login.en").press("texts-save", login__title="Come in")
    assert world.management().get("/prompts/login/custom-text/en") == {
        "login": {"of-a-later-version": "Kept", "title": "Come in"}
    }


def test_words_show_in_the_preview_before_they_are_saved(world: World, desk: Desk) -> None:
    drawn(desk.open(f"{TEXTS}/login.en"), "show-login", login__passwordLabel="Word of <mouth>")
    assert desk.status == 200
    assert "Word of &lt;mouth&gt;" in desk.html
    assert world.management().get("/prompts/login/custom-text/en") == {}


@pytest.mark.parametrize("address", [f"{TEXTS}/nothing.en", f"{TEXTS}/login.xx", f"{TEXTS}/login", f"{PARTIALS}/mfa"])
def test_line_1_prompts_there_are_none_of(desk: Desk, address: str) -> None:
    assert desk.open(address).status == 404


@pytest.mark.parametrize("language", EVERYWHERE)
def test_line_1_the_pages_in_every_language(desk: Desk, language: str) -> None:
    for address in (TEXTS, f"{TEXTS}/signup.ar", PARTIALS, f"{PARTIALS}/login-passwordless", f"{LOOK}/page"):
        desk.open(f"{address}?language={language}")
        assert (desk.status, desk.tree.get("lang")) == (200, language), address
        assert desk.html.count("<script") == 1


def test_line_6_a_text_that_is_too_long_is_refused_at_its_field(world: World, desk: Desk) -> None:
    desk.open(f"{TEXTS}/login.en").press("texts-save", login__title="x" * 2001, login__buttonText="Go on")
    refusal = world.caller().put("/prompts/login/custom-text/en", {"login": {"title": "x" * 2001}})
    assert desk.status == 422
    assert desk.say("field-login-title-problem") == (refusal.json or {})["message"]
    assert desk.one("field-login-buttontext").text == "Go on"


def test_line_6_a_piece_that_cannot_stand_there_is_refused_at_its_field(world: World, desk: Desk) -> None:
    desk.open(f"{PARTIALS}/login")
    bad = {"login": {"form-content-start": "{% if %}"}}
    refusal = world.caller().put("/prompts/login/partials", bad)
    desk.press("partials-save", **{"login__form-content-start": "{% if %}", "login__form-footer-end": "<p>Kept</p>"})
    assert desk.status == 422
    assert desk.say("field-login-form-content-start-problem") == (refusal.json or {})["message"]
    assert desk.one("field-login-form-footer-end").text == "<p>Kept</p>"
    desk.press("partials-save", **{"login__form-content-start": "<p>{{ tenant.friendly_name }}</p>"})
    assert world.management().get("/prompts/login/partials")["login"]["form-content-start"].startswith("<p>")
    desk.open(f"{PARTIALS}/login").press(
        "partials-save", **{"login__form-content-start": "", "login__form-footer-end": ""}
    )
    assert world.management().get("/prompts/login/partials") == {}


def test_line_26_a_piece_with_a_script_is_drawn_nowhere(desk: Desk) -> None:
    drawn(desk.open(f"{PARTIALS}/login"), "show-login", **{"login__form-content-start": "<script>"})
    assert desk.status == 422
    assert "can't be used here" in desk.html
    assert desk.browser.response is not None
    assert desk.browser.response.headers["Content-Security-Policy"].endswith("; sandbox")
    assert desk.browser.response.headers["Content-Type"].startswith("text/plain")
    drawn(
        desk.open(f"{PARTIALS}/login"),
        "show-login",
        **{"login__form-content-start": "<p id='mine'>{{ tenant.friendly_name }}</p>"},
    )
    assert desk.has("mine")


def test_line_25_the_preview_draws_no_form_of_others(desk: Desk) -> None:
    drawn(desk.open(f"{TEXTS}/login.en"), "show-login", csrf="")
    assert desk.status == 403
    drawn(desk.open(f"{TEXTS}/login.en"), "show-login", site="cross-site")
    assert desk.status == 403


def test_line_7_of_two_editors_the_second_sees_both(world: World, desk: Desk) -> None:
    desk.open(f"{TEXTS}/login.en")
    world.caller().put("/prompts/login/custom-text/en", {"login": {"title": "Theirs"}})
    desk.press("texts-save", login__title="Mine")
    assert desk.status == 409
    assert "Theirs" in desk.text
    desk.press("texts-overwrite")
    assert world.management().get("/prompts/login/custom-text/en") == {"login": {"title": "Mine"}}


@pytest.mark.parametrize("what", ["texts", "look"])
def test_line_7_somebody_quicker_by_a_moment_is_not_overwritten(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    caller, call = world.caller(), operations.call
    page = "<html><head>{%- auth0:head -%}</head><body><p>Theirs</p>{%- auth0:widget -%}</body></html>"

    def late(work: Any, handler: Any, params: Any = None, body: Any = None, **more: Any) -> Any:
        if body is not None:
            caller.put("/prompts/login/custom-text/en", {"login": {"title": "Theirs"}})
            caller.put("/branding/templates/universal-login", {"template": page})
        return call(work, handler, params, body, **more)

    desk.open(f"{TEXTS}/login.en" if what == "texts" else f"{LOOK}/page")
    typed = {"login__title": "Mine"} if what == "texts" else {"template": page.replace("Theirs", "Mine")}
    with monkeypatch.context() as patch:
        patch.setattr(operations, "call", late)
        desk.press(f"{what}-save", **typed)
    assert desk.status == 409
    assert all(words in desk.text for words in ("Theirs", "Mine"))
    assert caller.get("/prompts/login/custom-text/en").json == {"login": {"title": "Theirs"}}
    assert (caller.get("/branding/templates/universal-login").json or {})["body"] == page


def test_line_8_texts_survive_the_end_of_the_session(world: World, desk: Desk) -> None:
    desk.open(f"{TEXTS}/login.en")
    desk.sign_out()
    desk.press("texts-save", login__title="Typed before")
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert desk.one("field-login-title").text == "Typed before"
    assert world.management().get("/prompts/login/custom-text/en") == {}


def test_line_10_history_says_who_changed_words(desk: Desk) -> None:
    desk.open(f"{TEXTS}/login.en").press("texts-save", login__title="Come in")
    assert "Set custom text for a prompt" in desk.open(f"{TEXTS}/login.en/history").text


def test_a_page_template_is_put_around_the_forms_and_removed(world: World, desk: Desk) -> None:
    desk.open(f"{LOOK}/page")
    assert desk.has("look-begun")
    desk.press("look-save", template="<html>")
    refusal = world.caller().put("/branding/templates/universal-login", {"template": "<html>"})
    assert (desk.status, desk.say("field-template-problem")) == (422, (refusal.json or {})["message"])
    page = "<html><head>{%- auth0:head -%}</head><body><p id='around'>Around</p>{%- auth0:widget -%}</body></html>"
    drawn(desk, "look-show", template=page)
    assert desk.has("around"), "before it is saved"
    desk.open(f"{LOOK}/page").press("look-save", template=page)
    assert world.management().get("/branding/templates/universal-login") == {"body": page}
    desk.open(f"{LOOK}/page")
    version = desk.fields("look-save")["desk.version"]
    world.caller().put("/branding/templates/universal-login", {"template": page.replace("Around", "Theirs")})
    desk.press("look-save", template=page.replace("Around", "Mine"))
    assert (desk.status, "Theirs" in desk.say("look-theirs")) == (409, True)
    assert desk.fields("look-save")["desk.version"] != version
    desk.press("look-save")
    assert "Mine" in world.management().get("/branding/templates/universal-login")["body"]
    desk.open(f"{LOOK}/page").follow("look-remove-template").press("look-confirm")
    assert "gone" in desk.say("notice")
    assert world.caller().get("/branding/templates/universal-login").status_code == 404


def test_line_18_who_sees_settings_alone_changes_nothing(world: World, hire: Hire) -> None:
    viewer = Desk(world, enter(world.browser(), hire("vera@example.com", "Viewer - Config"), f"{TEXTS}/login.en"))
    assert not viewer.has("texts-save")
    assert viewer.one("field-login-title").get("disabled") is not None
    assert not viewer.open(f"{LOOK}/page").has("look-save")
    editor = Desk(world, enter(world.browser(), hire("ed@example.com", "Editor - Users"), TEXTS))
    assert editor.status == 403


def test_every_text_of_a_screen_has_a_field() -> None:
    for prompt, screens in SCREENS.items():
        for screen in screens:
            assert len(set(ours(prompt, screen).values())) == len(ours(prompt, screen)), "no text has two fields"
    assert "passwordLabel" in ours("login", "login")
    assert ours("login", "login")["description"] == "page.lead.toApp"
