"""A tenant under a custom domain: everything that leads out names it, and what opens something at one domain opens
nothing at another (decision 0245).
"""

from __future__ import annotations

import base64
import json
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from idp.foundation.kernel.secrets import b64url
from idp.foundation.queue import outbox
from idp.foundation.queue.models import OutboxItem
from idp.protocol.tokens import handles
from idp.signin.webauthn import relying_party
from idp.tenant.domains import service
from tests.protocol.tokens.test_statements import Sent
from tests.security.rows import row
from tests.world.domains import DOMAIN, app_at, held, under
from tests.world.fixtures import OpenWorld, on_both_stores
from tests.world.templates import BELOW_A_PATH, TWO_TENANTS
from tests.world.world import PASSWORD, World

OTHER = "id.acme.example"


KEY_HEADER = "cname-api-key"


READ_METHODS = "read:me:authentication_methods"


@on_both_stores
def test_tokens_discovery_and_keys_follow_the_domain(world: World) -> None:
    app, jane = world.client("web"), world.user()
    held(world)
    here = under(world)
    document = here.get("/.well-known/openid-configuration").get_json()
    assert document["issuer"] == f"https://{DOMAIN}/"
    addresses = [value for value in document.values() if isinstance(value, str) and value.startswith("http")]
    assert all(address.startswith(document["issuer"]) for address in addresses)
    assert here.get("/.well-known/jwks.json").get_json() == world.get("/.well-known/jwks.json").get_json()
    tokens = app_at(here, app).sign_in(here.browser(), jane)
    assert tokens.id_claims["iss"] == f"https://{DOMAIN}/"
    own = app.sign_in(world.browser(), jane)
    assert own.id_claims["iss"] == world.issuer == "https://id.example.test/"


def test_types_of_details_that_a_grant_names_count_under_every_domain(world: World) -> None:
    held(world)
    types = [{"type": "account_information"}]
    audience, machine = f"{world.issuer}ssf/", world.client("m2m")
    made = world.caller().post("/resource-servers", {"identifier": audience, "authorization_details": types})
    assert made.status_code == 201, made.text
    grant = {"client_id": machine.client_id, "audience": audience, "scope": ["ssf.read"]}
    world.management().post("/client-grants", {**grant, "authorization_details_types": ["account_information"]})
    for where in (world, under(world)):
        asked = {"audience": f"{where.issuer}ssf/", "authorization_details": json.dumps(types)}
        answer = app_at(where, machine).token(grant_type="client_credentials", **asked)
        assert answer.status_code == 200, answer.text


def test_a_policy_for_the_account_api_counts_under_every_domain(world: World) -> None:
    held(world)
    audience, jane = world.api(skip_consent_for_verifiable_first_party_clients=True), world.user()
    made = world.caller().post("/resource-servers", {"identifier": f"{world.issuer}me/", "allow_offline_access": True})
    assert made.status_code == 201, made.text
    of_me = {"audience": f"{world.issuer}me/", "scope": [READ_METHODS]}
    app = world.client(refresh_token={"policies": [of_me]})
    world.management().post("/client-grants", {**of_me, "client_id": app.client_id, "subject_type": "user"})
    for where in (world, under(world)):
        here = app_at(where, app)
        tokens = here.sign_in(where.browser(), jane, audience=audience, scope="openid offline_access")
        of_account = tokens.refreshed(audience=f"{where.issuer}me/")
        assert f"{where.issuer}me/" in of_account.access_claims["aud"]
        assert here.introspect(of_account.access_token)["active"] is True
        bearer = {"Authorization": f"Bearer {of_account.access_token}"}
        assert where.get("/me/v1/authentication-methods", headers=bearer).status_code == 200
    world.change_client(app.client_id, refresh_token={"policies": []})
    assert here.introspect(of_account.access_token) == {"active": False}


def test_an_unknown_host_is_nobodys(world: World) -> None:
    assert under(world).get("/.well-known/openid-configuration").status_code == 404
    with world.writing() as work:
        service.create(work, {"domain": DOMAIN, "type": "auth0_managed_certs"})
    assert under(world).get("/.well-known/openid-configuration").status_code == 404, "not proved yet"


@row("Q1")
def test_links_of_mails_name_the_domain_by_which_somebody_came(world: World) -> None:
    app, jane = world.client("web"), world.user()
    held(world)
    here = under(world)
    browser = here.browser().open(app_at(here, app).attempt().url)
    browser.follow("forgot-password-link")
    browser.submit(username=jane.email)
    links = here.mails(jane.email)[0].links
    assert links
    assert all(link.startswith(f"https://{DOMAIN}/") for link in links if "ticket" in link)


@row("Q1")
@pytest.mark.parametrize("header", ["X-Forwarded-Host", "Forwarded", "X-Original-Host", "X-Host"])
def test_another_host_in_a_header_changes_nothing(world: World, header: str) -> None:
    held(world)
    said = "host=evil.example" if header == "Forwarded" else "evil.example"
    document = under(world).get("/.well-known/openid-configuration", headers={header: said}).get_json()
    assert document["issuer"] == f"https://{DOMAIN}/"


@row("Q1")
def test_the_port_and_the_case_of_a_host_are_not_the_requests_to_choose(world: World) -> None:
    held(world)
    for host, status in ((DOMAIN.upper(), 200), (f"{DOMAIN}:443", 200), (f"{DOMAIN}:8443", 404), (f"{DOMAIN}.", 404)):
        answer = world.send("GET", f"https://{host}/.well-known/openid-configuration")
        assert answer.status_code == status, host
        if status == 200:
            assert answer.get_json()["issuer"] == f"https://{DOMAIN}/"


def test_tokens_of_one_domain_are_not_good_at_another(world: World) -> None:
    """As at Auth0: whoever gets tokens at a domain uses them there (an issuer mix-up finds nothing)."""
    app, jane = world.client("web"), world.user()
    held(world)
    here = under(world)
    tokens = app_at(here, app).sign_in(here.browser(), jane)
    bearer = {"Authorization": f"Bearer {tokens.access_token}"}
    assert here.get("/userinfo", headers=bearer).status_code == 200
    assert world.get("/userinfo", headers=bearer).status_code == 401
    own = app.sign_in(world.browser(), jane)
    bearer = {"Authorization": f"Bearer {own.access_token}"}
    assert world.get("/userinfo", headers=bearer).status_code == 200
    assert here.get("/userinfo", headers=bearer).status_code == 401


@on_both_stores
@pytest.mark.parametrize("name", ["app.example", "join.example"])
def test_the_name_of_a_domain_is_no_part_of_a_token(world: World, name: str) -> None:
    """What was sealed with a token under one domain is no other token elsewhere, whatever letter the name begins
    with.
    """
    app, jane = world.client("web"), world.user()
    held(world, name)
    here = under(world, name)
    token = app_at(here, app).sign_in(here.browser(), jane).access_token
    for before in (f"{name}\0", f"@{name}\0"):
        with world.platform.work(world.tenant) as work:
            sealed = before.encode() + base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            for kind in (handles.CODE, handles.REFRESH, handles.ACCESS, handles.JWT_ID):
                assert handles.read_access(work, kind, b64url(sealed)) is None
        bearer = {"Authorization": f"Bearer {b64url(sealed)}"}
        assert world.get("/userinfo", headers=bearer).status_code == 401


def test_codes_and_refresh_tokens_are_the_tenants(world: World) -> None:
    """An application that moves to another domain takes its people along; what it gets is of the domain where it
    asked.
    """
    app, jane = world.client("web"), world.user()
    held(world)
    here = under(world)
    tokens = app_at(here, app).sign_in(here.browser(), jane, scope="openid offline_access")
    moved = app.refresh(tokens.refresh_token)
    assert moved.status_code == 200
    bearer = {"Authorization": f"Bearer {moved.json['access_token']}"}
    assert (world.get("/userinfo", headers=bearer).status_code, here.get("/userinfo", headers=bearer).status_code) == (
        200,
        401,
    )


def test_the_management_api_has_one_audience_and_two_issuers(world: World) -> None:
    held(world)
    here = under(world)
    assert here.management().get("/clients")
    token = here.management().token
    assert world.get("/api/v2/clients", headers={"Authorization": f"Bearer {token}"}).status_code == 401


@row("H1")
def test_cookies_are_of_one_host(world: World) -> None:
    app, jane = world.client("web"), world.user()
    held(world)
    held(world, OTHER)
    here, there = under(world), under(world, OTHER)
    browser = here.browser()
    app_at(here, app).sign_in(browser, jane)
    cookies = list(browser.jar.header(f"https://{DOMAIN}/", cross_site=False, top_level_get=True).split("; "))
    assert cookies
    assert all(each.startswith("__Host-") for each in cookies)
    assert browser.jar.header(f"https://{OTHER}/", cross_site=False, top_level_get=True) == ""
    elsewhere = there.browser(jar=browser.jar).open(app_at(there, app).attempt().url)
    assert elsewhere.path == "/u/login", "nobody is signed in under another domain"


def test_an_attempt_goes_on_where_it_began(world: World) -> None:
    app = world.client("web")
    world.user()
    held(world)
    here = under(world)
    page = world.browser().open(app.attempt().url).shown
    moved = page.url.replace(world.issuer, here.issuer)
    elsewhere = here.browser().open(moved)
    assert elsewhere.status >= 400 or "state" not in elsewhere.shown.url


def test_a_domain_that_was_given_up_serves_nothing_at_once(world: World) -> None:
    domain_id = held(world)
    held(world, OTHER)
    here, there = under(world), under(world, OTHER)
    other_process = under(world.other_process())
    assert {each.get("/u/login").status_code for each in (here, there, other_process)} != {404}
    assert world.caller().delete(f"/custom-domains/{domain_id}").status_code == 204
    assert here.get("/authorize").status_code == 404
    assert other_process.get("/authorize").status_code == 404
    assert there.get("/authorize").status_code != 404
    other_process.close()


def test_a_domain_moves_to_another_tenant(open_world: OpenWorld) -> None:
    world = open_world(TWO_TENANTS)
    other = world.second_tenant()
    domain_id = held(world)
    assert under(world).get("/.well-known/openid-configuration").status_code == 200
    app = other.client("web")
    jane = other.user("jane@other.example")
    with world.writing() as work:
        service.delete(work, domain_id)
    held(other)
    there = under(other)
    tokens = app_at(there, app).sign_in(there.browser(), jane)
    assert tokens.id_claims["iss"] == f"https://{DOMAIN}/"


@row("Q1")
def test_the_header_of_the_management_api_picks_the_domain_of_links(world: World) -> None:
    jane = world.user()
    held(world)
    held(world, OTHER)
    api = world.caller()
    body = {"user_id": jane.user_id}

    def ticket(**headers: str) -> str:
        answer = api("POST", "/tickets/password-change", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return urlsplit(answer.get_json()["ticket"]).netloc

    assert ticket() == "id.example.test"
    assert ticket(**{"Auth0-Custom-Domain": OTHER}) == OTHER
    assert ticket(**{"Auth0-Custom-Domain": "id.example.test"}) == "id.example.test"
    assert api.patch("/custom-domains/default", {"domain": DOMAIN}).status_code == 200
    assert ticket() == DOMAIN
    assert ticket(**{"Auth0-Custom-Domain": "id.example.test"}) == "id.example.test"
    refused = api("POST", "/tickets/password-change", json=body, headers={"Auth0-Custom-Domain": "evil.example"})
    assert (refused.status_code, refused.get_json()["errorCode"]) == (400, "invalid_custom_domain")


def test_mails_of_jobs_name_the_default_domain(world: World) -> None:
    held(world)
    world.caller().patch("/custom-domains/default", {"domain": DOMAIN})
    world.user("joe@example.com", verified=False)
    users = world.caller().get("/users-by-email", email="joe@example.com").get_json()
    sent = world.caller().post("/jobs/verification-email", {"user_id": users[0]["user_id"]})
    assert sent.status_code == 201, sent.text
    assert urlsplit(world.mails("joe@example.com")[0].links[0]).netloc == DOMAIN


def test_logout_tokens_name_the_issuer_of_the_session(world: World) -> None:
    """Also where an administrator ends it, who calls under another name of the tenant."""
    members = {
        "oidc_logout": {
            "backchannel_logout_urls": ["https://app.example.test/bye"],
            "backchannel_logout_initiators": {"mode": "all"},
        }
    }
    app, jane = world.client("web", **members), world.user()
    held(world)
    here = under(world)
    app_at(here, app).sign_in(here.browser(), jane)
    app.sign_in(world.browser(), jane)
    assert world.caller().delete(f"/users/{jane.user_id}/sessions").status_code == 202
    with world.platform.db.reading(world.tenant) as session:
        rows = session.scalars(select(OutboxItem).where(OutboxItem.task == "backchannel_logout.send")).all()
    found = [outbox.opened(world.platform, world.tenant, each.id, each.payload_sealed)[outbox.UNDER] for each in rows]
    assert sorted(found, key=str) == [None, DOMAIN]


@row("Q2")
def test_the_proxy_of_a_domain_is_believed_with_its_key_alone(world: World) -> None:
    with world.platform.work(world.tenant, orm=True) as work:
        with work.transaction():
            members = {"domain": DOMAIN, "type": "self_managed_certs", "custom_client_ip_header": "x-forwarded-for"}
            made = service.create(work, members).id
        key = service.verify(work, made).proxy_key
    assert key is not None
    here = under(world)
    jane = world.user()
    app = app_at(here, world.client("web"))

    def seen(**headers: str) -> str:
        browser = here.browser().open(app.attempt().url)
        form = browser.shown.form("username", "password")
        filled = {**form.fields, "username": jane.email, "password": "wrong", **form.button(None)}
        browser.request("POST", form.action, form=filled, site="same-origin", headers=headers)
        return str(world.logs("fp")[-1].ip)

    assert seen(**{"X-Forwarded-For": "192.0.2.1"}) == "198.51.100.7"
    assert seen(**{"X-Forwarded-For": "192.0.2.1", KEY_HEADER: "guess"}) == "198.51.100.7"
    assert seen(**{"X-Forwarded-For": "203.0.113.200", KEY_HEADER: key}) == "203.0.113.200"
    assert seen(**{"X-Forwarded-For": "10.6.6.6, 203.0.113.201", KEY_HEADER: key}) == "203.0.113.201"
    assert seen(**{"X-Forwarded-For": "rubbish", KEY_HEADER: key}) == "198.51.100.7"


def test_a_tenant_below_a_path_has_a_domain_for_itself(open_world: OpenWorld) -> None:
    world = open_world(BELOW_A_PATH)
    app, jane = world.client("web"), world.user()
    held(world)
    here = under(world)
    tokens = app_at(here, app).sign_in(here.browser(), jane)
    assert tokens.id_claims["iss"] == f"https://{DOMAIN}/"


def test_pages_and_their_addresses_work_under_the_domain(world: World) -> None:
    jane = world.user()
    held(world)
    browser = under(world).browser().open("/account")
    assert browser.path == "/u/login"
    browser.submit(username=jane.email, password=PASSWORD)
    assert browser.path == "/account"


def test_log_entries_say_the_host(world: World) -> None:
    app, jane = world.client("web"), world.user()
    held(world)
    here = under(world)
    app_at(here, app).sign_in(here.browser(), jane)
    app.sign_in(world.browser(), jane)
    world.logs()
    api = world.caller()
    assert {each["hostname"] for each in api.get("/logs", q="type:s").get_json()} == {DOMAIN, "id.example.test"}
    assert [each["hostname"] for each in api.get("/logs", q=f"type:s AND hostname:{DOMAIN}").get_json()] == [DOMAIN]


def test_relying_parties_of_passkeys_follow_the_domain(world: World) -> None:
    held(world, relying_party_identifier="acme.example")
    held(world, OTHER)
    with world.platform.work(world.tenant) as work:
        assert work.go_under(DOMAIN)
        found = relying_party.of(work)
        assert found is not None
        assert (found.id, found.origin) == ("acme.example", f"https://{DOMAIN}")
    with world.platform.work(world.tenant) as work:
        assert work.config.relying_party_id == "id.example.test"
        assert work.go_under(DOMAIN)
        assert work.config.relying_party_id == "acme.example"
        assert work.go_under(OTHER)
        assert work.config.relying_party_id == OTHER
        assert not work.go_under("evil.example")


def test_a_request_under_a_domain_costs_no_statement_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    held(world)
    sent = Sent(monkeypatch)
    counted = []
    for place, email in ((under(world), "a@example.com"), (world, "b@example.com")):
        app, person = app_at(place, world.client()), world.user(email)
        for _ in range(3):
            sent.names.clear()
            assert app.sign_in(place.browser(), person).userinfo().status_code == 200
        counted.append(list(sent.names))
    assert counted[0] == counted[1]
