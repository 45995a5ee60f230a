"""People of a real Keycloak sign in, in a real browser: as an OpenID provider, and as an identity provider of SAML. And
the other way round: it lets our people in, as a relying party.
"""

import re
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from playwright.sync_api import Browser, Page

from tests.counterparts.application import Application, unpack
from tests.counterparts.fixtures import not_run
from tests.counterparts.keycloak import PASSWORD, PrivateKeycloak, is_installed
from tests.counterparts.management import PASSWORD as OURS
from tests.counterparts.management import Management
from tests.counterparts.product import Product
from tests.e2e.pages import LoginPage
from tests.world.application import challenge_of

pytestmark = [pytest.mark.e2e, pytest.mark.counterpart]
OIDC, SAML, SEALED = "kc-oidc", "kc-saml", "kc-sealed"
BROKER, PROBE = "ours", "probe"
SECRET = "keycloak-client-secret-0123456789"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"


def clients(product: Product, certificate: str) -> list[dict[str, Any]]:
    """How the realm knows us: as an application of OpenID Connect, and twice as one of SAML."""
    here = product.base_url
    oidc = {
        "clientId": "gatehouse",
        "secret": SECRET,
        "redirectUris": [f"{here}/login/callback"],
        "frontchannelLogout": False,
        "attributes": {
            "post.logout.redirect.uris": f"{here}/logout",
            "backchannel.logout.url": f"{here}/logout/backchannel/{OIDC}",
            "backchannel.logout.session.required": "true",
            "pkce.code.challenge.method": "S256",
        },
    }
    probe = {"clientId": PROBE, "publicClient": True, "redirectUris": ["*"]}
    return [oidc, probe, _saml(here, SAML), _saml(here, SEALED, certificate)]


def provider(product: Product, client_id: str) -> dict[str, Any]:
    """How the realm knows us as a source of people: it signs who it is, and its requests are safe by PKCE."""
    here = product.base_url
    return {
        "alias": BROKER,
        "providerId": "oidc",
        "enabled": True,
        "trustEmail": True,
        "config": {
            "issuer": product.issuer,
            "authorizationUrl": f"{here}/authorize",
            "tokenUrl": f"{here}/oauth/token",
            "userInfoUrl": f"{here}/userinfo",
            "logoutUrl": f"{here}/oidc/logout",
            "jwksUrl": f"{here}/.well-known/jwks.json",
            "useJwksUrl": "true",
            "validateSignature": "true",
            "clientId": client_id,
            "clientAuthMethod": "private_key_jwt",
            "clientAssertionSigningAlg": "RS256",  # its realm has that key; others are made while they are used
            "defaultScope": "openid profile email",
            "pkceEnabled": "true",
            "pkceMethod": "S256",
            "syncMode": "IMPORT",
            "backchannelSupported": "false",  # the browser is sent to our logout
        },
    }


def _saml(here: str, name: str, certificate: str = "") -> dict[str, Any]:
    back, out = f"{here}/login/callback?connection={name}", f"{here}/logout?connection={name}"
    attributes = {
        "saml.server.signature": "true",
        "saml.assertion.signature": "true",
        "saml.client.signature": "false",
        "saml.authnstatement": "true",
        "saml.force.post.binding": "true",
        "saml.signature.algorithm": "RSA_SHA256",
        "saml_signature_canonicalization_method": EXCLUSIVE,
        "saml_name_id_format": "username",
        "saml_force_name_id_format": "true",
        "saml_assertion_consumer_url_post": back,
        "saml_single_logout_service_url_redirect": out,
    }
    if certificate:
        attributes |= {"saml.encrypt": "true", "saml.encryption.certificate": certificate}
    names = {"email": "email", "firstName": "givenName", "lastName": "sn"}
    return {
        "clientId": f"urn:gatehouse:{name}",
        "protocol": "saml",
        "frontchannelLogout": True,
        "redirectUris": [f"{here}/login/callback*", f"{here}/logout*"],
        "attributes": attributes,
        "protocolMappers": [
            {
                "name": each,
                "protocol": "saml",
                "protocolMapper": "saml-user-property-mapper",
                "config": {"user.attribute": each, "attribute.name": said, "attribute.nameformat": "Basic"},
            }
            for each, said in names.items()
        ],
    }


@pytest.fixture(scope="module")
def keycloak(
    product: Product, management: Management, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PrivateKeycloak]:
    """A running Keycloak whose realm knows this product."""
    if not is_installed():
        not_run("Keycloak (tests/counterparts/install_keycloak.sh, with Maven and Java)")
    (current,) = [each for each in management.call("GET", "keys/signing") if each.get("current")]
    certificate = re.sub(r"-----[A-Z ]+-----|\s", "", current["cert"])
    ours = management.create_client(app_type="regular_web", callbacks=[], token_endpoint_auth_method="none")
    known = clients(product, certificate), [provider(product, ours["client_id"])]
    running = PrivateKeycloak.start(tmp_path_factory.mktemp("keycloak"), *known)
    protocol = f"{running.realm_url}/protocol/openid-connect"
    itself = {
        "callbacks": [f"{running.realm_url}/broker/{BROKER}/endpoint"],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": f"{protocol}/certs",
        "allowed_logout_urls": [f"{running.realm_url}/broker/{BROKER}/endpoint/logout_response"],
    }
    management.patch(f"clients/{ours['client_id']}", itself)
    yield running
    running.stop()


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """A page for pages of others, which have their own ideas of scripts and policies."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def connect(management: Management, application: Application, name: str, strategy: str, **options: Any) -> str:
    """A connection to it, for that application."""
    body = {
        "name": name,
        "strategy": strategy,
        "options": options,
        "enabled_clients": [application.client["client_id"]],
        "show_as_button": True,
        "display_name": "Our Keycloak",
    }
    return str(management.call("POST", "connections", body)["id"])


def sign_in_there(tab: Page, keycloak: PrivateKeycloak) -> None:
    """What a person does on its page."""
    tab.wait_for_url(f"{keycloak.base_url}/**")
    assert tab.locator("#username").count(), tab.content()[:3_000] + keycloak.program.log[-3_000:]
    tab.fill("#username", "jane")
    tab.fill("#password", PASSWORD)
    tab.press("#password", "Enter")


def arrived(tab: Page, application: Application) -> dict[str, Any]:
    """The claims of whoever comes back."""
    tab.wait_for_url(f"{application.redirect_uri}?**")
    return application.claims(application.redeem(tab.url))


def test_as_an_openid_provider(
    tab: Page, management: Management, application: Application, keycloak: PrivateKeycloak
) -> None:
    connection_id = connect(
        management,
        application,
        OIDC,
        "oidc",
        client_id="gatehouse",
        client_secret=SECRET,
        discovery_url=f"{keycloak.realm_url}/.well-known/openid-configuration",
    )
    status = management.raw("GET", f"connections/{connection_id}/status")
    assert status.status_code == 200, status.text
    tab.goto(application.authorize_url())
    tab.click(f"#connection-{OIDC}")
    sign_in_there(tab, keycloak)
    claims = arrived(tab, application)
    assert claims["sub"].startswith(f"oidc|{OIDC}|")
    assert (claims["email"], claims["email_verified"], claims["name"]) == ("jane@source.example", True, "Jane Source")
    tab.goto(application.authorize_url(prompt="none"))
    assert "code" in unpack(tab.url)

    # its word of a logout ends the session here (back channel)
    tab.goto(f"{keycloak.realm_url}/protocol/openid-connect/logout")
    tab.click("#kc-logout")
    tab.wait_for_load_state()
    tab.goto(application.authorize_url(prompt="none"))
    assert unpack(tab.url)["error"] == "login_required", keycloak.program.log[-3_000:]

    # and ours ends the one there
    tab.goto(application.authorize_url(connection=OIDC))
    sign_in_there(tab, keycloak)
    arrived(tab, application)
    bye, client_id = application.client["allowed_logout_urls"][0], application.client["client_id"]
    tab.goto(f"{application.product.base_url}/v2/logout?client_id={client_id}&returnTo={bye}&federated")
    tab.wait_for_url(f"{bye}**")
    tab.goto(application.authorize_url(connection=OIDC))
    sign_in_there(tab, keycloak)
    management.delete(f"connections/{connection_id}")


@pytest.mark.parametrize("name", [SAML, SEALED], ids=["signed", "encrypted"])
def test_as_an_identity_provider_of_saml(
    tab: Page, management: Management, application: Application, keycloak: PrivateKeycloak, name: str
) -> None:
    connection_id = connect(
        management, application, name, "samlp", metadataUrl=keycloak.metadata_url, entityId=f"urn:gatehouse:{name}"
    )
    url = application.authorize_url(connection=name)
    tab.goto(url)
    sign_in_there(tab, keycloak)
    claims = arrived(tab, application)
    assert claims["sub"] == f"samlp|{name}|jane"
    assert (claims["email"], claims["given_name"], claims["family_name"]) == ("jane@source.example", "Jane", "Source")
    bye, client_id = application.client["allowed_logout_urls"][0], application.client["client_id"]
    tab.goto(f"{application.product.base_url}/v2/logout?client_id={client_id}&returnTo={bye}&federated")
    tab.wait_for_url(f"{bye}**")
    tab.goto(url)
    sign_in_there(tab, keycloak)  # asked for the password again: both sessions were over
    arrived(tab, application)
    management.delete(f"connections/{connection_id}")


def test_as_a_relying_party(
    tab: Page, product: Product, management: Management, keycloak: PrivateKeycloak, landing: str
) -> None:
    name = {"given_name": "Grace", "family_name": "Own"}
    user = management.create_user(connection=product.connection, **name)
    protocol = f"{keycloak.realm_url}/protocol/openid-connect"
    back, verifier = f"{landing}/{secrets.token_hex(4)}", "v" * 50
    query = {"client_id": PROBE, "response_type": "code", "redirect_uri": back, "scope": "openid email profile"}
    query |= {"code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}
    tab.goto(f"{protocol}/auth?{urlencode({**query, 'kc_idp_hint': BROKER})}")
    tab.wait_for_url(f"{product.base_url}/u/login*")
    LoginPage(tab).sign_in(user["email"], OURS)
    tab.wait_for_url(f"{back}?**")
    form = {"grant_type": "authorization_code", "code": unpack(tab.url)["code"], "redirect_uri": back}
    form |= {"client_id": PROBE, "code_verifier": verifier}
    tokens = requests.post(f"{protocol}/token", form, timeout=30).json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    told = requests.get(f"{protocol}/userinfo", headers=bearer, timeout=30).json()
    assert (told["email"], told["given_name"], told["family_name"]) == (user["email"], "Grace", "Own")
    silent = f"{protocol}/auth?{urlencode({**query, 'prompt': 'none'})}"
    tab.goto(silent)
    assert "code" in unpack(tab.url)

    # it takes our session along when it ends its own (RP-initiated logout)
    tab.goto(f"{protocol}/logout")
    tab.click("#kc-logout")
    tab.wait_for_url(f"{keycloak.realm_url}/**")
    tab.goto(f"{protocol}/auth?{urlencode({**query, 'kc_idp_hint': BROKER})}")
    tab.wait_for_url(f"{product.base_url}/u/login*")
