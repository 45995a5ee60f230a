"""Groups K and L: consent and logout."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.world import API, Person, World

SCRIPT = "\"'><script>alert(1)</script>"
OUT = "https://app.example.test/out"


@row("K1")
def test_a_third_party_gets_nothing_without_a_yes(world: World, browser: Browser, jane: Person) -> None:
    world.client().sign_in(browser, jane)
    foreign = world.client(is_first_party=False)
    foreign.begin(browser)
    assert browser.path == "/u/consent"
    foreign.begin(browser, prompt="none")
    assert browser.answer.error == "consent_required"
    foreign.begin(browser, prompt="none", audience=world.api(), scope="openid read:things")
    assert browser.answer.error == "consent_required"


@row("K1")
@pytest.mark.parametrize("member", ["userinfo", "id_token"])
def test_the_claims_parameter_is_no_way_around_the_yes(
    world: World, browser: Browser, jane: Person, member: str
) -> None:
    foreign = world.client(is_first_party=False)
    foreign.sign_in(browser, jane, scope="openid")
    claims = json.dumps({member: dict.fromkeys(("email", "name", "picture"))})
    for prompt in ("none", "login none", None):
        foreign.begin(browser, scope="openid", claims=claims, prompt=prompt)
        assert browser.left_for is None or "code" not in browser.answer.params
    assert browser.path == "/u/consent"
    for name in ("See your email address", "See your name", "See your picture"):
        assert name in browser.shown.text


@row("K1")
@pytest.mark.parametrize("scope", ["", None, "nonsense"])
def test_an_empty_scope_is_no_way_around_the_yes(
    world: World, browser: Browser, jane: Person, scope: str | None
) -> None:
    world.client().sign_in(browser, jane)
    foreign = world.client(is_first_party=False)
    for audience in (None, world.api()):
        foreign.begin(browser, scope=scope, audience=audience, prompt="none")
        assert browser.answer.error == "consent_required"
        foreign.begin(browser, scope=scope, audience=audience)
        assert browser.path == "/u/consent"


@row("K1")
@pytest.mark.parametrize(
    ("scope", "claims", "known"),
    [
        ("openid", None, False),
        ("openid profile", None, False),
        ("openid email", None, True),
        ("openid", '{"userinfo": {"email": null}}', True),
    ],
)
@pytest.mark.parametrize("audience", [None, API])
def test_introspection_tells_a_client_nothing_that_was_not_granted_to_it(
    world: World, browser: Browser, jane: Person, audience: str | None, scope: str, claims: str | None, known: bool
) -> None:
    world.api()
    foreign = world.client(is_first_party=False)
    tokens = foreign.sign_in(browser, jane, scope=f"{scope} offline_access", claims=claims, audience=audience)
    for token in (tokens.access_token, tokens.refresh_token):
        told = foreign.introspect(token)
        assert told["active"] is True
        assert told.get("username") == (jane.email if known else None)


@row("K2")
def test_a_yes_is_to_what_was_asked_and_only_from_its_own_page(world: World, browser: Browser, jane: Person) -> None:
    foreign = world.client(is_first_party=False)
    world.api()
    attempt = foreign.begin(browser, audience=API, scope="openid read:things")
    browser.submit(username=jane.email, password=jane.password)
    form = browser.shown.form_with_button("consent-accept")
    forged = {**form.fields, "action": "accept", "csrf": "x"}
    browser.request("POST", form.action, form=forged, site="same-origin")
    assert browser.status == 403
    browser.request("POST", form.action, form={**form.fields, "action": "accept"}, site="cross-site")
    assert browser.status == 403
    browser.send_form(
        form, "consent-accept", scope="openid read:things write:things", audience="https://other.example.test/"
    )
    assert attempt.tokens(browser.answer).raw["scope"] == "openid read:things"
    (grant,) = world.management().get(f"/grants?user_id={jane.user_id}")
    assert set(grant["scope"]) == {"openid", "read:things"}


@row("K2")
def test_a_yes_of_one_person_is_none_of_another(world: World, browser: Browser, jane: Person) -> None:
    foreign, john = world.client(is_first_party=False), world.user("john@example.com")
    foreign.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    form = browser.shown.form_with_button("consent-accept")
    world.client().begin(browser, prompt="login")
    browser.submit(username=john.email, password=john.password)
    browser.send_form(form, "consent-accept")
    assert browser.left_for is None or "code" not in browser.answer.params
    foreign.begin(browser, prompt="none")
    assert browser.answer.error == "consent_required"


@row("K3")
@pytest.mark.parametrize("action", ["deny", "", "nonsense", "ACCEPT"])
def test_anything_but_a_yes_is_a_no(world: World, browser: Browser, jane: Person, action: str) -> None:
    foreign = world.client(is_first_party=False)
    foreign.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    form = browser.shown.form_with_button("consent-accept")
    browser.open(form.action, method="POST", form={**form.fields, "action": action}, site="same-origin")
    assert browser.answer.error == "access_denied"
    assert "code" not in browser.answer.params


@row("K4")
def test_a_yes_can_be_taken_back_by_its_owner_and_by_the_api(world: World, browser: Browser, jane: Person) -> None:
    foreign = world.client(is_first_party=False)
    for way in ("account", "api"):
        tokens = foreign.sign_in(browser, jane, scope="openid offline_access")
        if way == "account":
            browser.open("/account").submit("remove", application_id=foreign.client_id)
        else:
            (grant,) = world.management().get(f"/grants?user_id={jane.user_id}")
            world.management().delete(f"/grants/{grant['id']}")
        assert foreign.refresh(tokens.refresh_token).status_code == 400
        foreign.begin(browser, prompt="none")
        assert browser.answer.error == "consent_required"


@row("L1")
@pytest.mark.parametrize(
    "target",
    [
        "https://evil.test/",
        "//evil.test",
        f"{OUT}/x",
        f"{OUT}?x=1",
        f"{OUT}#x",
        OUT.upper(),
        "javascript:alert(1)",
        "data:text/html,x",
        "https://app.example.test@evil.test/out",
        "https://app.example.test\\@evil.test/out",
        f"{OUT}%0d%0aX: y",
    ],
)
@pytest.mark.parametrize("endpoint", ["v2", "oidc"])
def test_logout_leads_only_where_it_may(
    world: World, browser: Browser, jane: Person, target: str, endpoint: str
) -> None:
    app = world.client(allowed_logout_urls=[OUT])
    tokens = app.sign_in(browser, jane)
    there = quote(target, safe="%")
    browser.open(
        f"/v2/logout?client_id={app.client_id}&returnTo={there}"
        if endpoint == "v2"
        else f"/oidc/logout?id_token_hint={tokens.id_token}&post_logout_redirect_uri={there}"
    )
    assert browser.left_for is None
    assert browser.status == 400


@row("L2")
@pytest.mark.parametrize(
    "query", ["", "state=x", "post_logout_redirect_uri=CLIENT", "id_token_hint=OTHERS", "logout_hint=guess"]
)
def test_a_foreign_page_cannot_sign_anybody_out(world: World, browser: Browser, jane: Person, query: str) -> None:
    app = world.client(allowed_logout_urls=[OUT])
    app.sign_in(browser, jane)
    others = app.sign_in(world.browser(), world.user("john@example.com")).id_token
    query = query.replace("CLIENT", f"{OUT}&client_id={app.client_id}").replace("OTHERS", others)
    for method in ("GET", "POST"):
        form = dict(pair.split("=", 1) for pair in query.split("&") if pair) if method == "POST" else None
        browser.open(f"/oidc/logout?{query if method == 'GET' else ''}", method=method, form=form, site="cross-site")
        app.begin(browser, prompt="none")
        assert "code" in browser.answer.params


@row("L3")
@pytest.mark.parametrize(
    "name",
    [
        "state",
        "client_id",
        "post_logout_redirect_uri",
        "id_token_hint",
        "logout_hint",
        "ui_locales",
        "returnTo",
        "federated",
    ],
)
@pytest.mark.parametrize("path", ["/oidc/logout", "/v2/logout"])
def test_no_parameter_of_logout_becomes_markup(
    world: World, browser: Browser, jane: Person, path: str, name: str
) -> None:
    world.client(allowed_logout_urls=[OUT]).sign_in(browser, jane)
    browser.open(f"{path}?{name}={quote(SCRIPT)}")
    assert browser.response is not None
    assert "<script>alert(1)" not in browser.response.get_data(as_text=True)


@row("L3")
def test_a_state_is_handed_on_as_text(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(allowed_logout_urls=[OUT], frontchannel_logout_uri="https://app.example.test/front")
    tokens = app.sign_in(browser, jane)
    browser.open(f"/oidc/logout?id_token_hint={tokens.id_token}&post_logout_redirect_uri={OUT}&state={quote(SCRIPT)}")
    assert "<script>alert(1)" not in browser.shown.html
    assert browser.shown.links["continue-link"] == f"{OUT}?state={quote(SCRIPT, safe='')}"


@row("L4")
def test_a_logout_token_cannot_pass_as_anything_else(world: World, browser: Browser, jane: Person) -> None:
    from idp.applications.clients import runtime as clients
    from idp.protocol.oauth.logout import backchannel

    app = world.client(allowed_logout_urls=[OUT])
    tokens = app.sign_in(browser, jane)
    with world.context() as ctx:
        client = clients.find(ctx, app.client_id)
        assert client is not None
        token = backchannel.logout_token(ctx, client, sub=jane.user_id, sid=tokens.id_claims["sid"])
    claims = app.claims(token)
    head = json.loads(base64.urlsafe_b64decode(token.split(".", maxsplit=1)[0] + "=="))
    assert head["typ"] == "logout+jwt"
    assert "nonce" not in claims
    assert claims["sid"] == tokens.id_claims["sid"]
    assert claims["exp"] - claims["iat"] <= 120
    assert app.userinfo(token).status_code == 401
    browser.open(f"/oidc/logout?id_token_hint={token}&post_logout_redirect_uri={OUT}")
    assert browser.left_for is None
    assert browser.shown.form_with_button("logout-confirm"), "as without a hint: the person is asked"
    app.begin(browser, prompt="none", id_token_hint=token)
    assert browser.answer.error == "invalid_request"
