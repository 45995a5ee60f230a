"""A new connection in the dashboard: what kind it is, what that kind needs, and what its source has to be told."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_pem_x509_certificate

from idp.directory.connections import strategies
from idp.tenant.members.roles import SPECIFIC_APPS
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.browser import Browser
from tests.world.key_pair import certified
from tests.world.saml import SIGN_IN, pair
from tests.world.world import World

LIST = "/admin/authentication/connections"
NEW = f"{LIST}/new"


def stored(world: World, name: str) -> dict[str, Any]:
    """The connection of that name."""
    (found,) = world.management().get(f"/connections?name={name}")
    return dict(found)


def test_every_kind_that_can_be_used_is_offered(desk: Desk) -> None:
    desk.open(NEW)
    offered = {str(each)[len("kind-") :] for each in desk.tree.xpath("//ul[@class='kinds']//a/@id")}
    assert offered == {each.name for each in strategies.every() if not each.unusable}
    assert desk.say("kind-samlp") == "SAML 2.0"
    desk.follow("kind-google-oauth2")
    assert desk.status == 200
    assert desk.say("connections-kind") == "Google"


def test_the_form_of_each_kind_asks_for_what_it_needs(desk: Desk) -> None:
    for strategy in strategies.every():
        desk.open(f"{NEW}?strategy={strategy.name}")
        assert desk.status == 200, strategy.name
        assert desk.has("connections-kind") is not bool(strategy.unusable), strategy.name
        for each in strategy.asked:
            shown = desk.tree.xpath("string(//*[@data-field=$name])", name=f"options.{each.option}")
            assert each.label in shown, f"{strategy.name}: {each.option}"


def test_a_social_provider(world: World, desk: Desk) -> None:
    desk.open(f"{NEW}?strategy=google-oauth2")
    assert desk.say("setup-callback") == f"{world.issuer}login/callback"
    assert desk.one("setup-console").get("href").startswith("https://console.")
    assert "`" not in desk.text
    assert "upstream_params" in desk.tree.xpath("//section[@class='panel']//code/text()")
    typed = {"options__client_id": "us", "options__client_secret": "s3cret"}
    typed["options__scope"] = "openid https://www.googleapis.com/auth/calendar"
    desk.press("connections-save", name="google", display_name="Google", **typed)
    made = stored(world, "google")
    assert (made["strategy"], made["display_name"]) == ("google-oauth2", "Google")
    assert (made["options"]["client_id"], made["options"]["client_secret"]) == ("us", "s3cret")
    assert "s3cret" not in desk.html
    assert made["options"]["scope"] == typed["options__scope"], "words, and no JSON"
    assert desk.url.startswith(f"{LIST}/{made['id']}/apps"), "which applications use it is what comes next"


def test_what_cannot_work_is_said_with_what_was_typed(world: World, desk: Desk) -> None:
    desk.open(f"{NEW}?strategy=samlp")
    desk.press("connections-save", name="acme", options__signInEndpoint=SIGN_IN, options__signingCert="nonsense!")
    assert desk.status == 422
    assert "no certificate: neither PEM nor base64" in desk.text
    assert desk.fields("connections-save")["options.signInEndpoint"] == SIGN_IN
    assert world.management().get("/connections?name=acme") == []
    desk.press("connections-save", options__signingCert=pair().certificate)
    assert stored(world, "acme")["options"]["signingCert"].strip() == pair().certificate.strip()
    there = f"{LIST}/{stored(world, 'acme')['id']}/setup"
    assert desk.open(there).say("setup-metadata") == f"{world.issuer}samlp/metadata?connection=acme"
    assert desk.has("setup-callback")
    assert desk.open(f"{LIST}/{world.connection_id}/setup").status == 404


def test_keys_keep_their_lines(world: World, desk: Desk) -> None:
    key = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    desk.open(f"{NEW}?strategy=apple")
    assert desk.one("field-options-app-secret").tag == "textarea"
    typed = {"options__client_id": "com.example.web", "options__team_id": "ABCDE12345", "options__kid": "KEY1234567"}
    desk.press("connections-save", name="apple", options__app_secret=key.replace("\n", "\r\n"), **typed)
    assert stored(world, "apple")["options"]["app_secret"].strip() == key.strip()


def test_an_authority_of_a_directory_stays_when_something_else_changes(world: World, desk: Desk) -> None:
    _, authority = certified("an authority")
    desk.open(f"{NEW}?strategy=ad")
    typed = {"urls": "ldaps://dc1.acme.example", "base_dn": "dc=acme", "bind_dn": "cn=us", "bind_password": "secret"}
    sent = {f"options__{name}": value for name, value in typed.items()}
    desk.press("connections-save", name="corp", options__ca=authority, **sent)
    there = f"{LIST}/{stored(world, 'corp')['id']}/options"
    desk.open(there).press("connections-save", options__base_dn="dc=acme,dc=example").press("connections-confirm")
    options = stored(world, "corp")["options"]
    assert (options["base_dn"], options["ca"].strip()) == ("dc=acme,dc=example", authority.strip())
    assert options["bind_password"] == "secret"


def test_somebody_whose_session_ended_goes_on_with_that_kind(world: World, desk: Desk) -> None:
    desk.open(f"{NEW}?strategy=okta")
    desk.sign_out()
    typed = {"options__domain": "acme.example.com", "options__client_secret": "s3cr3t"}
    desk.press("connections-save", name="okta", **typed)
    assert desk.browser.path == "/u/login"
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert desk.say("connections-kind") == "Okta"
    filled = desk.fields("connections-save")
    assert (filled["name"], filled["options.domain"], filled["options.client_secret"]) == (
        "okta",
        "acme.example.com",
        "",
    )


def test_a_link_fills_in_nothing_that_is_folded_away(desk: Desk) -> None:
    said = "name=acme&options.token_endpoint=https://evil.example/token&options.discovery_url=https://evil.example/"
    filled = desk.open(f"{NEW}?strategy=oidc&{said}").fields("connections-save")
    assert "options.token_endpoint" in filled
    assert not any("evil" in value for value in filled.values())


def test_line_18_an_administrator_of_some_applications_is_told_of_no_others(
    world: World, browser: Browser, hire: Hire
) -> None:
    own, other = world.client(name="The shop"), world.client(name="The secret project")
    rita = hire("rita@example.com", SPECIFIC_APPS, client_ids=(own.client_id,))
    there = Desk(world, enter(browser, rita)).open(f"/admin/authentication/connections/{world.connection_id}/apps")
    assert (there.status, "The shop" in there.text) == (200, True)
    assert "The secret project" not in there.html
    assert other.client_id not in there.html


def test_the_list_says_how_many_come_and_until_when_a_source_is_believed(world: World, desk: Desk) -> None:
    keys = pair()
    options = {"signInEndpoint": SIGN_IN, "signingCert": keys.certificate}
    made = world.caller().post("/connections", {"name": "acme", "strategy": "samlp", "options": options})
    assert made.status_code == 201, made.json
    desk.open(LIST)
    shown = {
        " ".join(row.xpath("string(.//a[@class='to'])").split()): {
            str(each.get("data-label")): " ".join(each.text_content().split()) for each in row.xpath("td")
        }
        for row in desk.tree.xpath("//tbody/tr")
    }
    ends = load_pem_x509_certificate(keys.certificate.encode()).not_valid_after_utc
    until = desk.tree.xpath("//tr[.//a[@class='to'][contains(., 'acme')]]//td[@data-label='Certificate until']//time")
    assert shown["acme"]["Users"] == "0"
    assert shown["Username-Password-Authentication"]["Users"] == str(len(world.management().get("/users")))
    assert shown["Username-Password-Authentication"]["Certificate until"] == "–"
    assert until[0].get("datetime")[:10] == f"{ends:%Y-%m-%d}"
