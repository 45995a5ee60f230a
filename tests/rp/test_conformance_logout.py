"""The Foundation's plans for logout and sessions, against what `idp dev --tls --conformance` prepares: the conditions
that fail a module there, one test per plan (docs/conformance.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from idp.operations.dev.conformance import EMAIL, PASSWORD
from tests.counterparts.http_login import HttpBrowser, PageParser
from tests.e2e.pages import LoginPage
from tests.rp.suite import Heard, Party, Prepared
from tests.world.client_keys import key, signed

pytestmark = [pytest.mark.counterpart]
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def signed_in(party: Party) -> tuple[HttpBrowser, str]:
    """A browser with a session, and its ID token."""
    browser = party.prepared.browser()
    return browser, str(party.tokens(party.ask(browser).params["code"])["id_token"])


def leave(party: Party, browser: HttpBrowser, **params: str) -> str | None:
    """Where the way out ends: an address of the suite, at which the page goes on once all frames were told; None where
    it stays here. A question is answered with yes.
    """
    until = f"{party.prepared.suite.base}/"
    shown = browser.follow(f"{party.prepared.metadata['end_session_endpoint']}?{urlencode(params)}", until)
    if 'id="logout-confirm"' in shown.text:
        shown = browser.submit(shown, until, action="accept")
    if shown.is_redirect:
        return shown.headers["Location"]
    page = PageParser()
    page.feed(shown.text)
    where = page.links.get("continue-link")
    assert (where is None) == ("Refresh" not in shown.headers)
    return where


def ended(party: Party, browser: HttpBrowser) -> bool:
    return party.ask(browser, prompt="none").params.get("error") == "login_required"


def test_initiated_by_the_relying_party(prepared: Prepared) -> None:
    party = prepared.party()
    back = prepared.suite.url("post_logout_redirect")
    browser, token = signed_in(party)
    gone = leave(party, browser, id_token_hint=token, post_logout_redirect_uri=back, state="a-state")
    assert gone == f"{back}?state=a-state"
    assert ended(party, browser)
    browser, token = signed_in(party)
    assert leave(party, browser, id_token_hint=token, post_logout_redirect_uri=back) == back
    assert ended(party, browser)


@pytest.mark.parametrize(
    "doubtful",
    [
        "another address",
        "a longer address",
        "no hint",
        "a changed hint",
        "an unsigned hint",
        "somebody's hint",
    ],
)
def test_nobody_is_sent_anywhere_by_a_doubtful_request(prepared: Prepared, doubtful: str) -> None:
    party = prepared.party()
    back = prepared.suite.url("post_logout_redirect")
    browser, token = signed_in(party)
    head, body, signature = token.split(".")
    params = {"id_token_hint": token, "post_logout_redirect_uri": back, "state": "s"}
    params |= {
        "another address": {"post_logout_redirect_uri": f"{back}/other"},
        "a longer address": {"post_logout_redirect_uri": f"{back}?foo=bar"},
        "no hint": {"id_token_hint": ""},
        "a changed hint": {"id_token_hint": f"{head}.{body}.{signature[:-8]}AAAAAAAA"},
        "an unsigned hint": {"id_token_hint": f"eyJhbGciOiJub25lIn0.{body}."},
        "somebody's hint": {"id_token_hint": signed(party.claims(token), key("RS256"), "RS256")},
    }[doubtful]
    assert leave(party, browser, **{name: value for name, value in params.items() if value}) is None


@pytest.mark.parametrize("params", [{}, {"state": "alone"}], ids=["nothing", "state"])
def test_without_an_address_the_session_ends_here(prepared: Prepared, params: dict[str, str]) -> None:
    party = prepared.party()
    browser, token = signed_in(party)
    assert leave(party, browser, **params) is None
    assert ended(party, browser)
    browser, token = signed_in(party)
    assert leave(party, browser, id_token_hint=token) is None
    assert ended(party, browser)


def test_back_channel(prepared: Prepared) -> None:
    assert prepared.metadata["backchannel_logout_supported"] is True
    assert prepared.metadata["backchannel_logout_session_supported"] is True
    party = prepared.party()
    browser, token = signed_in(party)
    said, suite = party.id_claims(token), prepared.suite

    def about_this(heard: Heard) -> bool:
        return bool(party.claims(heard.form["logout_token"])["sid"] == said["sid"])

    back = suite.url("post_logout_redirect")
    gone = leave(party, browser, id_token_hint=token, post_logout_redirect_uri=back, state="s")
    assert gone == f"{back}?state=s"
    heard = suite.wait_for("backchannel_logout", about_this)
    assert (heard.method, list(heard.form)) == ("POST", ["logout_token"])
    claims = party.claims(heard.form["logout_token"])
    assert {name: claims[name] for name in ("iss", "aud", "sub", "sid")} == {
        name: said[name] for name in ("iss", "aud", "sub", "sid")
    }
    assert claims["events"] == {EVENT: {}}
    assert claims["jti"]
    assert "nonce" not in claims
    assert abs(claims["iat"] - said["iat"]) < 300
    assert len([each for each in suite.of("backchannel_logout") if about_this(each)]) == 1
    assert ended(party, browser)


# ---- in a real browser
@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """A page that overlooks the certificates of a test."""
    context = chromium.new_context(ignore_https_errors=True, locale="en-US")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def arrive(tab: Page, party: Party, **params: str) -> dict[str, str]:
    """Sign in where a page asks for it; the parameters that come back."""
    usual = {"client_id": party.client_id, "response_type": "code", "redirect_uri": party.callback, "scope": "openid"}
    tab.goto(f"{party.prepared.metadata['authorization_endpoint']}?{urlencode({**usual, 'state': 's', **params})}")
    if not tab.url.startswith(party.callback):
        LoginPage(tab).sign_in(EMAIL, PASSWORD)
        tab.wait_for_url(f"{party.callback}?**")
    return dict(parse_qsl(urlsplit(tab.url).query))


def out(tab: Page, party: Party, token: str) -> None:
    """To the end of the way out."""
    back = party.prepared.suite.url("post_logout_redirect")
    params = {"id_token_hint": token, "post_logout_redirect_uri": back, "state": "bye"}
    tab.goto(f"{party.prepared.metadata['end_session_endpoint']}?{urlencode(params)}")
    tab.wait_for_url(f"{back}?state=bye")


@pytest.mark.e2e
def test_front_channel(prepared: Prepared, tab: Page) -> None:
    assert prepared.metadata["frontchannel_logout_supported"] is True
    assert prepared.metadata["frontchannel_logout_session_supported"] is True
    party = prepared.party()
    token = str(party.tokens(arrive(tab, party)["code"])["id_token"])
    said = party.id_claims(token)
    out(tab, party, token)
    heard = prepared.suite.wait_for("frontchannel_logout", lambda heard: heard.query.get("sid") == said["sid"])
    assert heard.query == {"iss": said["iss"], "sid": said["sid"]}
    assert arrive(tab, party, prompt="none")["error"] == "login_required"


FRAME = """
({frame, asked}) => new Promise((done) => {
  const shown = document.createElement('iframe')
  shown.src = frame
  shown.onload = () => shown.contentWindow.postMessage(asked, new URL(frame).origin)
  window.addEventListener('message', (event) => {
    if (event.origin === new URL(frame).origin) { shown.remove(); done(event.data) }
  })
  document.body.append(shown)
})
"""


@pytest.mark.e2e
def test_session_management(prepared: Prepared, tab: Page) -> None:
    party, frame = prepared.party(), prepared.metadata["check_session_iframe"]
    arrived = arrive(tab, party)
    token = str(party.tokens(arrived["code"])["id_token"])
    state = arrived["session_state"]

    def asked(said: str) -> str:
        return str(tab.evaluate(FRAME, {"frame": frame, "asked": said}))

    assert asked(f"{party.client_id} {state}") == "unchanged"
    assert asked("nonsense") == "error"
    assert asked(f"{party.client_id} {'0' * 64}.salt") == "changed"
    out(tab, party, token)
    assert asked(f"{party.client_id} {state}") == "changed"
