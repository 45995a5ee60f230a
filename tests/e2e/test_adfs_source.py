"""People of a real token service sign in over WS-Federation, in a real browser: SimpleSAMLphp with its module adfs."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from connectors.saml_format.signatures import thumbprint
from tests.counterparts.application import Application
from tests.counterparts.management import Management
from tests.counterparts.product import Product
from tests.counterparts.simplesamlphp import PASSWORD, PrivateSimpleSaml, is_installed

pytestmark = [pytest.mark.counterpart, pytest.mark.e2e]
REALM = "urn:gatehouse:tests"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateSimpleSaml]:
    """A running token service."""
    if not is_installed():
        pytest.skip("not run: needs SimpleSAMLphp (Debian packages simplesamlphp and php-cli)")
    running = PrivateSimpleSaml.start(tmp_path_factory.mktemp("tokens"))
    yield running
    running.stop()


@pytest.mark.parametrize("known_by", ["certificate", "fingerprint"])
def test_people_of_the_source_sign_in_and_out(
    page: Page,
    product: Product,
    management: Management,
    source: PrivateSimpleSaml,
    application: Application,
    known_by: str,
) -> None:
    source.issue_tokens(REALM, f"{product.base_url}/login/callback")
    key: dict[str, Any] = {"signingCert": source.certificate}
    if known_by == "fingerprint":
        key = {"thumbprints": [thumbprint(source.certificate)]}
    client_id = application.client["client_id"]
    body = {
        "name": f"adfs-{client_id[:8].lower()}",
        "strategy": "adfs",
        "options": {"signInEndpoint": source.passive_address, "entityId": REALM, **key},
        "enabled_clients": [client_id],
        "show_as_button": True,
    }
    made = management.post("connections", body)
    try:
        page.goto(application.authorize_url())
        page.click(f"#connection-{made['name']}")
        sign_in_there(page, source)
        page.wait_for_url(f"{application.redirect_uri}?**")
        claims = application.claims(application.redeem(page.url))
        assert claims["sub"] == f"adfs|{made['name']}|jane", source.log
        assert (claims["email"], claims["email_verified"]) == ("jane@source.example", False)
        assert (claims["name"], claims["given_name"], claims["family_name"]) == ("Jane Source", "Jane", "Source")
        bye = application.client["allowed_logout_urls"][0]
        page.goto(f"{product.base_url}/v2/logout?client_id={client_id}&returnTo={bye}&federated")
        page.wait_for_url(bye)
        page.goto(application.authorize_url(connection=made["name"]))
        sign_in_there(page, source)  # asked for the password again: both sessions were over
        page.wait_for_url(f"{application.redirect_uri}?**")
    finally:
        management.delete(f"connections/{made['id']}")


def sign_in_there(page: Page, source: PrivateSimpleSaml) -> None:
    page.wait_for_url(f"{source.base_url}/**")
    assert page.locator("#username").count(), page.content()[:3000] + source.log
    page.fill("#username", "jane")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
