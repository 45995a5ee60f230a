"""WS-Federation: what strangers ask of us for an application (security.md A and L2)."""

from __future__ import annotations

import pytest

from idp.foundation.kernel import sizes
from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.passive import connect
from tests.world.world import World

CALLBACK = "https://rp.example.test/signin"


@pytest.fixture
def rp(world: World) -> Application:
    """An application that speaks WS-Federation."""
    return world.client(
        callbacks=[CALLBACK],
        allowed_logout_urls=["https://rp.example.test/bye"],
        client_aliases=["urn:rp"],
        addons={"wsfed": {}},
    )


@row("A1")
@pytest.mark.parametrize(
    "reply",
    [
        "https://evil.example/",
        CALLBACK + "/",
        CALLBACK + "?a=b",
        "https://rp.example.test@evil.example/",
        "javascript:alert(1)",
        "//evil.example",
        CALLBACK.upper(),
    ],
)
def test_a_token_goes_to_a_callback_alone(browser: Browser, rp: Application, reply: str) -> None:
    from urllib.parse import quote

    browser.open(f"/wsfed/{rp.client_id}?wa=wsignin1.0&wtrealm=urn:rp&wreply={quote(reply, safe='')}")
    assert browser.status == 400
    assert browser.left_for is None
    assert "wreply" in browser.shown.text


@row("SA3")
@pytest.mark.parametrize("realm", ["urn:another-application", "https://evil.example/", "https://rp.example.test.evil/"])
def test_a_token_is_for_nobody_who_is_not_registered(browser: Browser, rp: Application, realm: str) -> None:
    browser.open(f"/wsfed/{rp.client_id}?wa=wsignin1.0&wtrealm={realm}")
    assert browser.status == 400
    assert "wtrealm" in browser.shown.text


@row("SA9")
def test_the_context_goes_back_as_it_came(world: World, browser: Browser, rp: Application) -> None:
    from urllib.parse import quote

    from tests.world.world import PASSWORD

    jane = world.user()
    context = '"><script>alert(1)</script>&=%00'.replace("%00", "")
    browser.open(f"/wsfed/{rp.client_id}?wa=wsignin1.0&wctx={quote(context, safe='')}")
    browser.submit(username=jane.email, password=PASSWORD)
    form = browser.shown.forms[0]
    assert (form.action, form.fields["wctx"]) == (CALLBACK, context)
    assert "<script>alert" not in browser.shown.html
    browser.open(f"/wsfed/{rp.client_id}?wa=wsignin1.0&wctx={'x' * (sizes.STATE.most + 1)}")
    assert browser.status == 400


@row("L2")
@pytest.mark.parametrize("action", ["wsignout1.0", "wsignoutcleanup1.0"])
def test_nobody_is_signed_out_by_an_address_alone(world: World, browser: Browser, rp: Application, action: str) -> None:
    from tests.world.world import PASSWORD

    jane = world.user()
    browser.open(f"/wsfed/{rp.client_id}?wa=wsignin1.0")
    browser.submit(username=jane.email, password=PASSWORD)
    browser.open(f"/wsfed/{rp.client_id}?wa={action}&wreply=https://rp.example.test/bye", site="cross-site")
    assert (browser.status, browser.path) == (200, "/oidc/logout")
    assert "sign out" in browser.shown.text.lower(), "a question"
    browser.open(f"/wsfed/{rp.client_id}?wa=wsignin1.0")
    assert browser.shown.forms[0].action == CALLBACK, "the session is still there"


@row("L1")
def test_sign_out_leads_to_a_listed_address_alone(browser: Browser, rp: Application) -> None:
    browser.open(f"/wsfed/{rp.client_id}?wa=wsignout1.0&wreply=https://evil.example/")
    assert browser.left_for is None
    assert browser.status == 400


@row("A14")
def test_a_connection_of_others_is_not_asked(world: World, browser: Browser, rp: Application) -> None:
    connect(world, name="elsewhere")
    browser.open(f"/wsfed/{rp.client_id}?wa=wsignin1.0&connection=elsewhere")
    assert browser.status == 400
    browser.open(f"/wsfed/{rp.client_id}?wa=wsignin1.0&whr=elsewhere")
    assert browser.path == "/u/login"
