"""Photographs what people see of each kind of connection: ``python -m tests.e2e.connection_pictures
docs/connections/pictures``.
"""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.counterparts.application import Application, landing_site
from tests.counterparts.browser import launch
from tests.counterparts.local_site import local_site
from tests.counterparts.management import Management
from tests.counterparts.product import Product, start_product
from tests.world.passive import metadata
from tests.world.saml import pair

SIGN_IN = "https://idp.acme.example"
OIDC = {
    "client_id": "gatehouse",
    "client_secret": "secret",
    "issuer": SIGN_IN,
    "authorization_endpoint": f"{SIGN_IN}/authorize",
    "token_endpoint": f"{SIGN_IN}/token",
    "jwks_uri": f"{SIGN_IN}/keys",
}
DIRECTORY = {
    "urls": ["ldaps://127.0.0.1:9"],
    "base_dn": "dc=acme,dc=example",
    "bind_dn": "cn=gatehouse,dc=acme,dc=example",
    "bind_password": "secret",
}
OLD = {
    "client_id": "key",
    "client_secret": "secret",
    "requestTokenURL": f"{SIGN_IN}/request",
    "userAuthorizationURL": f"{SIGN_IN}/authorize",
    "accessTokenURL": f"{SIGN_IN}/access",
}
KINDS: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "openid-connect": ("oidc", "Acme", OIDC),
    "saml": ("samlp", "Acme University", {"signInEndpoint": f"{SIGN_IN}/sso", "signingCert": pair().certificate}),
    "ws-federation": ("adfs", "Acme Corp", {"fedMetadataXml": metadata()}),
    "oauth1": ("oauth1", "The old club", OLD),
    "ip": ("ip", "The reading room", {"ips": ["127.0.0.0/8", "::1"]}),
    "ldap": ("ad", "Acme Directory", DIRECTORY),
    "passwordless": ("email", "Email", {}),
}
"""Page of the documentation: strategy, name on the button, options."""
STRAIGHT = frozenset({"ad", "email"})
"""Those that have a page of ours, which is shown."""


def _seen(page: Page, product: Product, management: Management, landing: str, kind: str) -> str:
    strategy, name, options = KINDS[kind]
    application = Application.register(product, management, landing, name="Harbour Shop")
    client_id = application.client["client_id"]
    body = {
        "name": f"shown-{kind}",
        "strategy": strategy,
        "display_name": name,
        "options": options,
        "enabled_clients": [client_id],
        "show_as_button": True,
    }
    made = management.call("POST", "connections", body)
    straight = {"connection": f"shown-{kind}"} if strategy in STRAIGHT else {}
    page.goto(application.authorize_url(**straight))
    if strategy == "ad":
        page.fill("#username", "jane")
        page.fill("#password", "Correct Horse 9")
        page.press("#password", "Enter")
        page.wait_for_load_state()
    elif strategy == "email":
        page.fill("#username", "maria@example.com")
        page.press("#username", "Enter")
        page.wait_for_load_state()
    return str(made["id"])


def main(folder: Path) -> None:
    """Start the product, look at each, stop the product."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright, local_site(landing_site()) as landing:
        product = start_product(Path(home))
        browser = launch(playwright)
        try:
            for kind in KINDS:
                size = {"width": 480, "height": 420}
                context = browser.new_context(locale="en", viewport=size, reduced_motion="reduce")  # type: ignore[arg-type]
                page, management = context.new_page(), product.management()
                shown = _seen(page, product, management, landing, kind)
                page.screenshot(path=folder / f"{kind}.png", full_page=True, caret="hide")
                context.close()
                management.delete(f"connections/{shown}")
                print(kind)
        finally:
            browser.close()
            product.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
