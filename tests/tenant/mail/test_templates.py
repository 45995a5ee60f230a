"""A tenant's own mails: kept as official tools send them, and sent instead of ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.security.rows import row
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


VERIFY: dict[str, Any] = {
    "template": "verify_email",
    "body": "<p>Hi {{ user.name }}, <a href='{{ url }}'>yes</a> for {{ application.name }} ({{ tenant }})</p>",
    "from": "{{ friendly_name }} Team <hello@acme.example>",
    "subject": "Welcome {{ user.email }}",
    "syntax": "liquid",
    "resultUrl": "https://app.example.test/done",
    "urlLifetimeInSeconds": 3600,
    "includeEmailInRedirect": True,
    "enabled": True,
}


def test_a_template_is_there_once_somebody_made_it(api: Api) -> None:
    path = "/email-templates/verify_email"
    missing = api.get(path)
    assert (missing.status_code, missing.json["errorCode"]) == (404, "inexistent_email_template")
    assert api.patch(path, {"enabled": True}).status_code == 404
    made = api.post("/email-templates", VERIFY)
    assert (made.status_code, made.json) == (201, VERIFY)
    assert api.post("/email-templates", VERIFY).status_code == 409
    assert api.get(path).json == VERIFY
    answer = api.patch(path, {"enabled": False, "resultUrl": None}).json
    assert answer == {name: value for name, value in {**VERIFY, "enabled": False}.items() if name != "resultUrl"}
    assert api.put(path, {"template": "verify_email", "body": "x"}).json == {"template": "verify_email", "body": "x"}


@pytest.mark.parametrize(
    ("path", "refusal"), [("/email-templates/nothing", (400, "invalid_uri")), ("/email-templates/../x", (404, None))]
)
def test_names_there_are_none_of(api: Api, path: str, refusal: tuple[int, str | None]) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json.get("errorCode")) == refusal


@row("T3")
@pytest.mark.parametrize(
    "members",
    [
        {"body": "{{ user.name"},
        {"body": "{% include 'x' %}"},
        {"body": "{% render 'x' %}"},
        {"body": "{{ url | safe }}"},
        {"subject": "{% if %}"},
        {"subject": "a\r\nBcc: eve@example.test"},
        {"from": "a\nb"},
        {"body": "x" * 100_001},
        {"syntax": "jinja"},
        {"urlLifetimeInSeconds": -1},
        {"template": "welcome_email"},
    ],
)
def test_templates_that_cannot_be_sent_are_refused(api: Api, members: dict[str, Any]) -> None:
    answer = api.put("/email-templates/verify_email", {"template": "verify_email", **members})
    assert (answer.status_code, answer.json["errorCode"]) == (400, "invalid_body")
    assert api.get("/email-templates/verify_email").status_code == 404


def test_the_tenants_mail_is_sent_and_its_link_obeys_it(api: Api, world: World) -> None:
    api.post("/email-templates", VERIFY)
    jane = world.user(name="Jane <b>Doe</b>", verified=False)
    client = world.client()
    job = {"user_id": jane.user_id, "client_id": client.client_id}
    if api.post("/jobs/verification-email", job).status_code == 403:  # built by others
        from idp.signin.tickets import service
        from idp.signin.tickets.service import Ticket

        with world.writing() as work:
            ticket = Ticket(
                jane.user_id, world.connection_id, jane.account_id, jane.email, client.client_id, locale="de"
            )
            service.send_verification(work, ticket)
    (mail,) = world.mails(jane.email)
    assert mail.subject == "Welcome jane@example.com"
    assert "Hi Jane &lt;b&gt;Doe&lt;/b&gt;," in mail.html
    assert "for The web app (default)" in mail.html
    assert "Hi Jane <b>Doe</b>, yes https" in mail.text
    browser = world.browser()
    browser.open(mail.links[0])
    browser.submit("confirm-button") if "confirm-button" in browser.shown.html else browser.submit()
    left = urlsplit(browser.left_for or "")
    assert f"{left.scheme}://{left.netloc}{left.path}" == "https://app.example.test/done"
    assert parse_qs(left.query)["email"] == ["jane@example.com"]


def test_a_link_is_good_as_long_as_the_template_says(api: Api, world: World, clock: Any) -> None:
    api.put("/email-templates/reset_email", {"template": "reset_email", "urlLifetimeInSeconds": 60, "enabled": True})
    jane, browser = world.user(), world.browser()
    world.client().begin(browser)
    browser.open(browser.shown.links["forgot-password-link"])
    browser.submit(username=jane.email)
    (mail,) = world.mails(jane.email)
    assert mail.subject.startswith("Set a new password")
    assert "1 minute" in mail.text
    clock.forward(seconds=61)
    assert "no longer works" in world.browser().open(mail.links[0]).shown.html


def test_a_template_that_is_off_or_fails_gives_our_mail(api: Api, world: World) -> None:
    heavy = "{% for a in (1..9000) %}{% for b in (1..9000) %}x{% endfor %}{% endfor %}"
    jane = world.user()
    for members in ({"body": heavy, "enabled": True}, {"body": "theirs", "enabled": False}):
        api.put("/email-templates/reset_email", {"template": "reset_email", **members})
        browser = world.browser()
        world.client().begin(browser)
        browser.open(browser.shown.links["forgot-password-link"])
        browser.submit(username=jane.email)
        assert "Somebody, hopefully you" in world.mails(jane.email)[0].text


def test_the_legacy_template_counts_where_there_is_no_other(api: Api, world: World) -> None:
    from idp.tenant.mail import templates

    api.put("/email-templates/change_password", {"template": "change_password", "body": "old", "enabled": True})
    with world.context() as work:
        found = templates.of_mail(work, "reset_email")
    assert found is not None
    assert found.name == "change_password"
    api.put("/email-templates/reset_email", {"template": "reset_email", "body": "new", "enabled": True})
    with world.context() as work:
        found = templates.of_mail(work, "reset_email")
    assert found is not None
    assert found.name == "reset_email"
