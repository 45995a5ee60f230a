"""Applications that speak SAML and nothing else, in a real browser: Apache with mod_auth_mellon, and SimpleSAMLphp."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page

from tests.counterparts import mellon as mellon_module
from tests.counterparts import simplesamlphp
from tests.counterparts.management import Management
from tests.counterparts.mellon import PrivateMellon
from tests.counterparts.product import Product
from tests.counterparts.simplesamlphp import PrivateSimpleSaml

pytestmark = [pytest.mark.counterpart, pytest.mark.e2e]
CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"


def metadata_of(product: Product, client_id: str) -> bytes:
    answer = requests.get(f"{product.base_url}/samlp/metadata/{client_id}", timeout=20)
    answer.raise_for_status()
    return answer.content


def register(management: Management, callback: str, **addon: Any) -> str:
    client = management.create_client(app_type="regular_web", callbacks=[callback], addons={"samlp": addon})
    return str(client["client_id"])


@pytest.fixture
def mellon() -> Iterator[PrivateMellon]:
    """A server that protects ``/secure``."""
    if not mellon_module.is_installed():
        pytest.skip("not run: needs Apache with mod_auth_mellon (Debian package libapache2-mod-auth-mellon)")
    folder = Path(tempfile.mkdtemp(prefix="idp-mellon-"))
    folder.chmod(0o777)  # its worker processes run as another user
    server = PrivateMellon.prepare(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def simplesaml(tmp_path: Path) -> Iterator[PrivateSimpleSaml]:
    """A service provider."""
    if not simplesamlphp.is_installed():
        pytest.skip("not run: needs SimpleSAMLphp (Debian packages simplesamlphp and php-cli)")
    running = PrivateSimpleSaml.start(tmp_path)
    yield running
    running.stop()


@pytest.mark.parametrize("signed_response", [False, True], ids=["signed assertion", "signed response"])
def test_mellon_signs_in_and_out(
    page: Page,
    mellon: PrivateMellon,
    product: Product,
    management: Management,
    user: dict[str, Any],
    sign_in: Callable[[dict[str, Any]], None],
    session_ended: Callable[[str], None],
    signed_response: bool,
) -> None:
    client_id = register(
        management,
        mellon.consumer,
        signResponse=signed_response,
        signingCert=mellon.certificate,
        logout={"callback": f"{mellon.base_url}/mellon/logout"},
    )
    mellon.start(metadata_of(product, client_id))
    page.goto(f"{mellon.base_url}/secure/index.html")
    sign_in(user)
    page.wait_for_url(f"{mellon.base_url}/secure/index.html")
    answer = page.reload()
    assert answer is not None, mellon.log
    assert answer.header_value("x-remote-user") == user["user_id"], mellon.log

    page.goto(f"{mellon.base_url}/mellon/logout?ReturnTo={mellon.base_url}/")
    page.wait_for_url(f"{mellon.base_url}/")
    assert "open to all" in page.content(), mellon.log
    session_ended(f"{mellon.base_url}/secure/index.html")


def test_simplesamlphp_signs_in_and_out(
    page: Page,
    simplesaml: PrivateSimpleSaml,
    product: Product,
    management: Management,
    user: dict[str, Any],
    sign_in: Callable[[dict[str, Any]], None],
    session_ended: Callable[[str], None],
) -> None:
    here = simplesaml.base_url
    consumer = f"{here}/module.php/saml/sp/saml2-acs.php/default-sp"
    out = f"{here}/module.php/saml/sp/saml2-logout.php/default-sp"
    client_id = register(management, consumer, signingCert=simplesaml.certificate, logout={"callback": out})
    document = metadata_of(product, client_id)
    from lxml import etree

    root = etree.fromstring(document)
    certificate = root.findtext(".//{*}KeyDescriptor//{*}X509Certificate")
    provider = str(root.get("entityID"))
    address = f"{product.base_url}/samlp/{client_id}"
    simplesaml.rely_on(
        provider,
        SingleSignOnService=address,
        SingleLogoutService=f"{address}/logout",
        certData=certificate,
        **{"sign.authnrequest": True, "sign.logout": True, "saml20.sign.assertion": True},
    )
    algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    simplesaml.consume(f"{here}/sp", provider, **{"signature.algorithm": algorithm, "sign.logout": True})
    page.goto(simplesaml.test_url)
    sign_in(user)
    page.wait_for_url(f"{here}/**")
    assert user["email"] in page.content(), page.content()[:4000] + simplesaml.log
    assert f"{CLAIMS}/emailaddress" in page.content()
    page.click("a[href*=logout]")
    page.wait_for_url(f"{here}/**")
    assert "logged out" in page.content(), page.content()[:4000] + simplesaml.log
    session_ended(simplesaml.test_url)
