"""mod_auth_openidc under Apache, as Debian ships it."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.counterparts.apache import PrivateApache, is_installed
from tests.counterparts.management import Management
from tests.counterparts.product import Product
from tests.counterparts.program import free_port

pytestmark = [pytest.mark.counterpart, pytest.mark.e2e]


@pytest.fixture
def apache(product: Product, management: Management) -> Iterator[PrivateApache]:
    """A server that protects ``/secure`` with the product."""
    if not is_installed():
        pytest.skip("not run: needs Apache with mod_auth_openidc (Debian package libapache2-mod-auth-openidc)")
    port = free_port()
    here = f"http://localhost:{port}"
    client = management.create_client(
        app_type="regular_web", callbacks=[f"{here}/secure/callback"], allowed_logout_urls=[f"{here}/"]
    )
    folder = Path(tempfile.mkdtemp(prefix="idp-apache-"))
    folder.chmod(0o777)  # its worker processes run as another user
    directives = {
        "OIDCProviderMetadataURL": f"{product.base_url}/.well-known/openid-configuration",
        "OIDCClientID": client["client_id"],
        "OIDCClientSecret": client["client_secret"],
        "OIDCRedirectURI": f"{here}/secure/callback",
        "OIDCCryptoPassphrase": "a relying party in a test",
        "OIDCScope": "openid email profile",
        "OIDCPKCEMethod": "S256",
        "OIDCRemoteUserClaim": "sub",
        "OIDCProviderTokenEndpointAuth": "client_secret_post",
        "OIDCCookieSameSite": "On",
    }
    server = PrivateApache.start(folder, directives, port=port)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_logs_in_and_out(
    page: Page,
    apache: PrivateApache,
    user: dict[str, Any],
    sign_in: Callable[[dict[str, Any]], None],
    session_ended: Callable[[str], None],
) -> None:
    page.goto(f"{apache.base_url}/secure/index.html")
    sign_in(user)
    page.wait_for_url(f"{apache.base_url}/secure/index.html")
    answer = page.reload()
    assert answer is not None, apache.log
    assert answer.header_value("x-remote-user") == user["user_id"]
    assert answer.header_value("x-email") == user["email"]

    page.goto(f"{apache.base_url}/secure/callback?logout={apache.base_url}/")
    page.wait_for_url(f"{apache.base_url}/")
    assert "open to all" in page.content()
    session_ended(f"{apache.base_url}/secure/index.html")
