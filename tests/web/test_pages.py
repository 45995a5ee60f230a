"""Every template in every language: renders under strict names, keeps its hooks, its policy and its weight."""

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TypeAlias

import pytest
from markupsafe import escape

from idp.foundation.web.assets import asset_url, assets_by_name
from idp.foundation.web.i18n import EVERYWHERE, LANGUAGES, direction, texts_for
from idp.foundation.web.language_list import languages, locale_links
from idp.foundation.web.pages import (
    Branding,
    ClientView,
    Page,
    render_mail,
    templates_folder,
    web_link,
)
from tests.screens.preview import MAILS, NONCE, SCENES, TENANT, Scene, mails

LOCALES = EVERYWHERE
"""Other catalogues are held against the English one (test_i18n); a few scenes are drawn in all of them."""
SAMPLED = ("login", "signup", "consent", "account")
BY_NAME = {scene.name: scene for scene in SCENES}
HEAVIEST = 15_000  # bytes, gzipped: page, sheet and script of a first view
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SUBMIT = ("button", {"type": "submit", "name": "action", "value": "default"})

Element: TypeAlias = tuple[str, dict[str, str | None]]


class Elements(HTMLParser):
    """The elements of a page in order, refusing one that is closed wrongly."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[Element] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in {"script", "style"}:
            self.words.append(data)

    @property
    def text(self) -> str:
        """What is read, on one line."""
        return " ".join("".join(self.words).split())

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        """The attributes of every such element."""
        return [has for name, has in self.found if name == tag and attributes.items() <= has.items()]

    def by_id(self, name: str) -> Element:
        """The one element with an id."""
        (element,) = [each for each in self.found if each[1].get("id") == name]
        return element


def page_of(name: str, locale: str = "en") -> Elements:
    return Elements(BY_NAME[name].render(locale))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_every_page_in_every_language(scene: Scene, locale: str) -> None:
    html = scene.render(locale)
    page = Elements(html)
    assert html.lstrip().startswith("<!doctype html>")
    (root,) = page.all("html")
    assert (root["lang"], root["dir"]) == (locale, "rtl" if locale == "ar" else "ltr")
    assert "${" not in page.text
    assert "<bdi><b>" not in html
    ids = [has["id"] for _, has in page.found if "id" in has]
    assert len(ids) == len(set(ids))
    pointed = {part for _, has in page.found for part in (has.get("aria-describedby") or "").split()}
    assert pointed <= set(ids)
    labels = {has.get("for") for has in page.all("label")}
    assert labels <= set(ids)
    if scene.name not in {"web-message", "session-frame"}:
        assert len(page.all("h1")) == len(page.all("main")) == 1


@pytest.mark.parametrize("locale", [each for each in LANGUAGES if each not in EVERYWHERE])
def test_a_few_pages_and_every_mail_in_every_other_language(locale: str) -> None:
    for name in SAMPLED:
        html = BY_NAME[name].render(locale)
        (root,) = Elements(html).all("html")
        assert (root["lang"], root["dir"]) == (locale, direction(locale))
        assert "${" not in Elements(html).text
    for _, mail in mails(locale):
        assert "${" not in mail.subject + mail.text + mail.html


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_pages_keep_a_strict_policy(scene: Scene) -> None:
    page = page_of(scene.name)
    for tag, has in page.found:
        assert "style" not in has, (tag, has)
        assert [name for name in has if name.startswith("on")] == [], (tag, has)
        if tag in {"script", "style"}:
            assert has.get("nonce") == NONCE
        source = has.get("src") or (has.get("href") if tag == "link" else None)
        assert not source or source.startswith(("/static/", "about:")), (tag, source)
        assert not (has.get("href") or "").lower().startswith("javascript:")
    viewport = page.all("meta", name="viewport")
    assert all("maximum-scale" not in str(has["content"]) for has in viewport)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_our_forms_carry_their_secrets_and_never_a_password(scene: Scene) -> None:
    page = page_of(scene.name)
    forms = [has for has in page.all("form") if has.get("id") != "form-post"]
    assert all(has["method"] == "post" for has in forms)
    for name, value in (("csrf", "csrf-token"), ("state", "state-of-the-transaction")):
        fields = page.all("input", type="hidden", name=name, value=value)
        assert len(fields) == len(forms)
    assert [has for has in page.all("input", type="password") if has.get("value")] == []


@pytest.mark.parametrize("name", ["login", "signup", "consent", "login-branded", "dev-welcome", "account"])
def test_a_first_view_is_light(name: str) -> None:
    static = sum(len(assets_by_name()[each].compressed) for each in ("gate.css", "gate.js", "favicon.svg"))
    weight = static + len(gzip.compress(BY_NAME[name].render("ar").encode(), 6))
    assert weight < HEAVIEST


def test_login_hooks() -> None:
    page = page_of("login")
    username = page.by_id("username")[1]
    named = (username["name"], username["autocomplete"], username["inputmode"])
    assert named == ("username", "username webauthn", "email")
    password = page.by_id("password")[1]
    assert (password["name"], password["type"], password["autocomplete"]) == (
        "password",
        "password",
        "current-password",
    )
    tag, button = page.by_id("login-submit")
    assert tag == SUBMIT[0]
    assert SUBMIT[1].items() <= button.items()
    cancel = page.by_id("login-cancel")[1]
    assert (cancel["value"], "formnovalidate" in cancel) == ("cancel", True)
    assert {page.by_id(each)[0] for each in ("signup-link", "forgot-password-link")} == {"a"}
    assert len(page.all("button", **SUBMIT[1])) == 1


@pytest.mark.parametrize("name", ["login", "login-id", "login-password", "signup"])
def test_the_primary_button_says_continue(name: str) -> None:
    html = BY_NAME[name].render("en")
    assert re.search(r'<button type="submit"[^>]*name="action" value="default"[^>]*>Continue</button>', html)
    first = next(has for has in page_of(name).all("button") if has["type"] == "submit")
    assert first["value"] == "default"  # what the Enter key presses


def test_identifier_first_keeps_the_identifier_for_people_and_password_managers() -> None:
    page = page_of("login-password")
    hidden = page.by_id("username")[1]
    assert (hidden["value"], hidden["autocomplete"]) == ("josephine.baker@example.com", "username")
    assert "readonly" in hidden
    assert page.by_id("edit-identifier-link")[1]["href"] == "/u/login/identifier"
    assert page_of("login-id").by_id("username")[1]["autocomplete"] == "username webauthn"


def test_signup_hooks() -> None:
    page = page_of("signup-error")
    assert page.by_id("email")[1]["type"] == "email"
    password = page.by_id("password")[1]
    assert password["autocomplete"] == "new-password"
    assert str(password["passwordrules"]).startswith("minlength: 10; required: lower;")
    assert page.by_id("username")[1]["name"] == "username"
    assert page.by_id("login-link")[0] == "a"
    assert [has["data-rule"] for has in page.all("li") if "data-rule" in has] == ["length", "classes", "repeats"]


def test_errors_are_announced_lead_to_their_field_and_keep_what_was_typed() -> None:
    page = page_of("signup-error")
    tag, summary = page.by_id("error-summary")
    assert (tag, summary["role"], summary["tabindex"]) == ("div", "alert", "-1")
    assert {has["href"] for has in page.all("a") if str(has.get("href")).startswith("#")} == {"#username", "#password"}
    username = page.by_id("username")[1]
    assert (username["aria-invalid"], username["value"]) == ("true", "josephine")
    assert username["aria-describedby"] == "username-hint username-error"
    assert page.by_id("password")[1]["aria-describedby"] == "password-rules password-error"
    assert "aria-invalid" not in page.by_id("email")[1]


def test_one_thing_that_is_wrong_stands_at_its_field_which_has_the_focus() -> None:
    page = page_of("login-password-error")
    assert page.all("div", id="error-summary") == []
    assert "autofocus" in page.by_id("password")[1]
    assert page.by_id("password")[1]["aria-describedby"] == "password-error"


def test_a_wrong_password_is_typed_again_without_a_detour() -> None:
    page = page_of("login-error")
    assert page.by_id("error-summary")[1]["role"] == "alert"
    assert "autofocus" not in page.by_id("error-summary")[1]
    assert "autofocus" in page.by_id("password")[1]
    assert page.by_id("password")[1]["aria-describedby"] == "error-summary"
    locked = page_of("login-branded")
    assert "autofocus" in locked.by_id("error-summary")[1]
    assert [has for has in locked.all("input") if "autofocus" in has] == []


def test_consent_hooks_and_what_it_says() -> None:
    page = page_of("consent")
    for name, value in (("consent-accept", "accept"), ("consent-deny", "deny")):
        button = page.by_id(name)[1]
        assert (button["type"], button["name"], button["value"]) == ("submit", "action", value)
    accept, deny = (page.by_id(name)[1]["class"] for name in ("consent-accept", "consent-deny"))
    assert accept == deny  # neither is the easier one to press
    assert "You will return to shop.example." in page.text
    assert page.text.index("Keep access until you remove it") < page.text.index("See your email address")
    assert "write:orders" in page.text
    assert "Verified by Harbour" in page.text
    assert "Not verified by" in page_of("consent-unverified").text
    links = {has.get("href") for has in page.all("a")}
    assert {"https://shop.example/privacy", "https://shop.example/terms"} <= links


def test_logout_hooks() -> None:
    page = page_of("logout")
    for name, value in (("logout-confirm", "accept"), ("logout-cancel", "deny")):
        assert page.by_id(name)[1]["value"] == value
    assert "You are logged out" in page_of("signed-out").text
    going_on = BY_NAME["signed-out-continue"].render("en")
    assert Elements(going_on).by_id("continue-link")[1]["href"] == "https://shop.example/bye"
    assert len(Elements(going_on).all("iframe")) == 1


def test_error_page_shows_code_description_and_reference() -> None:
    text = page_of("error").text
    assert "invalid_request" in text
    assert "The redirect URI is not one this application registered." in text
    assert "01JD6Q0Y3M5T" in text
    assert "Try again in 2 minutes." in page_of("error-429").text


def test_answers_to_applications_cannot_break_out() -> None:
    form = BY_NAME["form-post"].render("en")
    assert Elements(form).all("input", name="state", value='"><script>')
    assert '"><script>' not in form
    message = BY_NAME["web-message"].render("en")
    assert message.count("</script>") == 1
    assert 'response: {"code": "abc", "state": "\\u003c/script\\u003e"}}, "https://shop.example")' in message


def test_hostile_names_stay_text() -> None:
    hostile = "<img src=x onerror=alert(1)>"
    scene = BY_NAME["login"]
    assert scene.client
    evil = Scene("evil", scene.view, values={"username": f'"{hostile}'}, tenant=Branding(hostile))
    assert Elements(evil.render("en")).all("img") == []


@pytest.mark.parametrize("locale", LOCALES)
def test_names_cannot_reorder_the_words_around_them(locale: str) -> None:
    texts = texts_for(locale)
    for evil in ("Shop\u202egpj.exe", "\u2069\u2069Shop", "\u2066Shop", "Shop\u2028\x85\nShop"):
        bare, rich = (
            texts.t("consent.consent.verified", companyName=evil),
            texts.rich("page.lead.toApp", clientName=evil),
        )
        for told in (bare, rich):
            inside = told.replace("\u2068", "", 1).removesuffix(".").replace("\u2069", "", 1)
            assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\n\x85\u2028") & set(inside)


def test_a_name_that_runs_the_other_way_is_kept_apart() -> None:
    assert texts_for("en").t("page.lead.backTo", clientName="Shop (a)") == "Return to Shop (a)"
    assert texts_for("en").t("page.lead.backTo", clientName="متجر (א)") == "Return to \u2068متجر (א)\u2069"
    assert "\u2068Shop!\u2069" in texts_for("ar").t("page.lead.backTo", clientName="Shop!")


@pytest.mark.parametrize("locale", LOCALES)
def test_every_mail_in_every_language(locale: str) -> None:
    seen = {}
    for name, mail in mails(locale):
        seen[name] = mail
        assert mail.subject == " ".join(mail.subject.split())
        assert "${" not in mail.subject + mail.text + mail.html
        assert "<" not in mail.text
        page = Elements(mail.html)
        assert page.all("table") == []
        assert page.all("html")[0]["lang"] == locale
        if url := MAILS[name].get("url") or MAILS[name].get("reset_url"):
            assert str(url) in mail.text
            assert [has for has in page.all("a") if has["href"] == url]
    assert set(seen) == set(MAILS)


def test_a_subject_is_one_line_whatever_the_names_hold() -> None:
    mail = render_mail("verify_email", "en", Branding("Evil\r\nBcc: all@example.com"), **MAILS["verify_email"])
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject


def test_every_template_says_what_it_gets() -> None:
    silent = [
        path
        for path in templates_folder().rglob("*.*")
        if not path.read_text(encoding="utf-8").startswith("{#") or path.suffix not in {".html", ".txt"}
    ]
    assert silent == []
    assert [path for path in templates_folder().rglob("*.html") if "|safe" in path.read_text(encoding="utf-8")] == []


def test_every_page_has_a_scene_and_a_line_in_the_documentation() -> None:
    folder = templates_folder()
    pages = {path.relative_to(folder).as_posix() for path in folder.rglob("*.html") if "admin" not in path.parts}
    frames = {"base.html", "wide.html"} | {name for name in pages if Path(name).name.startswith("_")}
    drawn = {scene.template for scene in SCENES} | {f"mail/{name}.html" for name in MAILS}
    assert pages - frames == drawn
    documented = (folder.parent / "docs" / "reference" / "pages.md").read_text(encoding="utf-8")
    assert [name for name in pages - frames if f"`{name}`" not in documented and not name.startswith("mail/")] == []


def test_language_links_keep_the_question() -> None:
    links = locale_links(("en", "de", "ca"), "de", "/u/login", {"state": "a&b", "language": "en"})
    assert [link.url for link in links] == ["/u/login?state=a%26b&language=en", "/u/login?state=a%26b&language=de"]
    assert [link.current for link in links] == [False, True]


def test_the_list_in_the_foot_is_the_links_with_their_address_escaped() -> None:
    asked = {"state": 'a&b"><script>', "language": "en"}
    drawn = languages(("en", "de", "ca"), "de", "/u/login", asked)
    again = languages(("en", "de", "ca"), "de", "/account", {})
    assert drawn is not None
    assert again is not None
    assert drawn.label == "Deutsch"
    links = locale_links(("en", "de", "ca"), "de", "/u/login", asked)
    assert re.findall(r'href="([^"]*)"', drawn.items) == [escape(link.url) for link in links]
    assert re.findall(r'href="([^"]*)"', again.items) == ["/account?language=en", "/account?language=de"]
    assert drawn.items.count('aria-current="true"') == 1
    assert languages(("en", "xx"), "en") is None


def test_page_names_the_origins_its_logos_come_from() -> None:
    tenant = Branding("Harbour", logo_url="https://cdn.example/logo.svg", accent="not a colour")
    page = Page(texts=texts_for("en"), tenant=tenant, nonce=NONCE)
    assert page.image_origins() == {"https://cdn.example"}
    assert tenant.stylesheet() == ""
    assert TENANT.stylesheet() == ""


@pytest.mark.parametrize(
    "logo",
    [
        "https://a;script-src *",
        "https://a b/",
        "//cdn.example/x",
        "data:image/png;base64,x",
        "https://u@a/",
        "https://a'/",
    ],
)
def test_a_logo_cannot_add_to_the_policy(logo: str) -> None:
    page = Page(texts=texts_for("en"), tenant=Branding("Harbour", logo_url=logo), nonce=NONCE)
    assert page.image_origins() == frozenset()


def test_links_that_others_wrote_are_no_scripts() -> None:
    scene = BY_NAME["login"]
    client = ClientView("Shop", policy_uri="javascript:alert(1)", tos_uri=" JavaScript:alert(1)")
    assert web_link("https://[") == "https://["  # broken, but no reason to break the page
    evil = Scene("evil", scene.view, client=client)
    assert "javascript:" not in evil.render("en").lower()


def test_assets_are_addressed_by_their_content() -> None:
    assert re.fullmatch(r"/static/gate\.[0-9a-f]{10}\.css", asset_url("gate.css"))
    with pytest.raises(KeyError):
        asset_url("nothing.css")
