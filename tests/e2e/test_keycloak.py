"""People of a real Keycloak sign in, in a real browser: as an OpenID provider, and as an identity provider of SAML."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.counterparts.application import Application, unpack
from tests.counterparts.fixtures import not_run
from tests.counterparts.keycloak import PASSWORD, PrivateKeycloak, is_installed
from tests.counterparts.management import Management
from tests.counterparts.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.counterpart]
OIDC, SAML, SEALED = "kc-oidc", "kc-saml", "kc-sealed"
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
    return [oidc, _saml(here, SAML), _saml(here, SEALED, certificate)]


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
    running = PrivateKeycloak.start(tmp_path_factory.mktemp("keycloak"), clients(product, certificate))
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
