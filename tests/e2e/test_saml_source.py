"""People of a real SAML identity provider sign in, in a real browser: SimpleSAMLphp, signed and encrypted, both ways of
asking, and begun at its own pages.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import Page

from tests.counterparts.application import Application
from tests.counterparts.management import Management
from tests.counterparts.product import Product
from tests.counterparts.simplesamlphp import PASSWORD, PrivateSimpleSaml, described, is_installed

pytestmark = [pytest.mark.counterpart, pytest.mark.e2e]
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateSimpleSaml]:
    """A running identity provider."""
    if not is_installed():
        pytest.skip("not run: needs SimpleSAMLphp (Debian packages simplesamlphp and php-cli)")
    running = PrivateSimpleSaml.start(tmp_path_factory.mktemp("simplesamlphp"))
    yield running
    running.stop()


class Connected:
    """A connection to that source, and what it knows of us."""

    def __init__(self, product: Product, management: Management, source: PrivateSimpleSaml, client_id: str) -> None:
        self.name = f"saml-{client_id[:8].lower()}"
        self.product, self.management, self.source, self.client_id = product, management, source, client_id
        self.id = ""

    def connect(self, *, hosted: dict[str, Any] | None = None, remote: dict[str, Any] | None = None, **options: Any):
        """Make the connection, and have the source know us by our own metadata."""
        self.source.provide(**(hosted or {}))
        body = {
            "name": self.name,
            "strategy": "samlp",
            "options": {"signingCert": self.source.certificate, **options},
            "enabled_clients": [self.client_id],
            "show_as_button": True,
            "display_name": "Source University",
        }
        body["options"].setdefault("signInEndpoint", f"{self.source.base_url}/saml2/idp/SSOService.php")
        self.id = self.management.post("connections", body)["id"]
        us = described(self.metadata())
        entity_id = us.pop("entity_id")
        self.source.trust(entity_id, **us, **(remote or {}))

    def metadata(self) -> bytes:
        """Ours for the source."""
        answer = requests.get(f"{self.product.base_url}/samlp/metadata?connection={self.name}", timeout=20)
        answer.raise_for_status()
        return answer.content


@pytest.fixture
def connected(
    product: Product, management: Management, source: PrivateSimpleSaml, application: Application
) -> Iterator[Connected]:
    """A connection of this test."""
    made = Connected(product, management, source, application.client["client_id"])
    yield made
    if made.id:
        management.delete(f"connections/{made.id}")


def sign_in_there(page: Page, source: PrivateSimpleSaml) -> None:
    page.wait_for_url(f"{source.base_url}/**")
    assert page.locator("#username").count(), page.content()[:3000] + source.log
    page.fill("#username", "jane")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")


def arrived(page: Page, application: Application) -> dict[str, Any]:
    page.wait_for_url(f"{application.redirect_uri}?**")
    return application.claims(application.redeem(page.url))


@pytest.mark.parametrize(
    ("hosted", "remote", "options"),
    [
        ({}, {}, {}),
        ({}, {"assertion.encryption": True}, {}),
        (
            {"saml20.sign.response": True, "saml20.sign.assertion": False},
            {"validate.authnrequest": True},
            {"signSAMLRequest": True},
        ),
        ({}, {"validate.authnrequest": True}, {"signSAMLRequest": True, "protocolBinding": POST}),
    ],
    ids=["signed assertion", "encrypted", "signed response, signed request", "posted request"],
)
def test_people_of_the_source_sign_in(
    page: Page,
    connected: Connected,
    source: PrivateSimpleSaml,
    application: Application,
    hosted: dict[str, Any],
    remote: dict[str, Any],
    options: dict[str, Any],
) -> None:
    connected.connect(hosted=hosted, remote=remote, **options)
    page.goto(application.authorize_url())
    page.click(f"#connection-{connected.name}")
    sign_in_there(page, source)
    claims = arrived(page, application)
    assert claims["sub"] == f"samlp|{connected.name}|jane", source.log
    assert (claims["email"], claims["email_verified"]) == ("jane@source.example", False)
    assert (claims["name"], claims["given_name"], claims["family_name"]) == ("Jane Source", "Jane", "Source")


def test_somebody_begins_at_the_source(
    page: Page, connected: Connected, source: PrivateSimpleSaml, application: Application
) -> None:
    query = f"redirect_uri={quote(application.redirect_uri, safe='')}&scope=openid email&response_type=code"
    application.state = "none"
    connected.connect(
        idpinitiated={
            "enabled": True,
            "client_id": application.client["client_id"],
            "client_protocol": "oidc",
            "client_authorizequery": query + "&state=none",
        }
    )
    entity_id = described(connected.metadata())["entity_id"]
    page.goto(f"{source.base_url}/saml2/idp/SSOService.php?spentityid={quote(entity_id, safe='')}")
    sign_in_there(page, source)
    page.wait_for_url(f"{application.redirect_uri}?**")
    assert "code=" in page.url


def test_signing_out_here_and_there(
    page: Page, connected: Connected, source: PrivateSimpleSaml, application: Application
) -> None:
    out = f"{source.base_url}/saml2/idp/SingleLogoutService.php"
    signs = {"sign.logout": True, "validate.logout": True}
    connected.connect(hosted=signs, remote=signs, signOutEndpoint=out)
    url = application.authorize_url(connection=connected.name)
    page.goto(url)
    sign_in_there(page, source)
    arrived(page, application)
    bye = application.client["allowed_logout_urls"][0]
    client_id = application.client["client_id"]
    page.goto(f"{connected.product.base_url}/v2/logout?client_id={client_id}&returnTo={bye}&federated")
    page.wait_for_url(bye)
    page.goto(url)
    sign_in_there(page, source)  # asked for the password again: both sessions were over
    arrived(page, application)

    page.goto(f"{out}?ReturnTo={quote(bye, safe='')}")
    page.wait_for_url(f"{bye}**")
    page.goto(application.authorize_url(prompt="none"))
    page.wait_for_url(f"{application.redirect_uri}?**")
    assert "error=login_required" in page.url, source.log
