"""Photographs what people see of each kind of connection: ``python -m tests.e2e.connection_pictures
docs/connections/pictures``.
"""

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from playwright.sync_api import Page, sync_playwright

from tests.counterparts.application import Application, landing_site
from tests.counterparts.browser import launch
from tests.counterparts.desk import enter
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
LIBRARY = {
    "enabledDatabaseCustomization": True,
    "customScripts": {
        "login": "function login(email, password, callback) {\n"
        "  callback(new UnauthorizedError('Your reader’s card ended in June. Renew it at the desk.'));\n}"
    },
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
    "custom-database": ("auth0", "Acme Library", LIBRARY),
    "passwordless": ("email", "Email", {}),
}
"""Page of the documentation: strategy, name on the button, options."""
STRAIGHT = frozenset({"ad", "email", "auth0"})
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
    if strategy in {"ad", "auth0"}:
        page.fill("#username", "jane" if strategy == "ad" else "jane@example.com")
        page.fill("#password", "Correct Horse 9")
        page.press("#password", "Enter")
        page.wait_for_load_state()
    elif strategy == "email":
        page.fill("#username", "maria@example.com")
        page.press("#username", "Enter")
        page.wait_for_load_state()
    return str(made["id"])


FORM = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Harbour Shop</title>
<link rel="icon" href="data:,">
<style>body{{font:16px/1.5 system-ui;margin:24px;color:#123}}h1{{font-size:24px}}label{{display:block;margin-top:8px}}
input{{font:inherit;padding:6px;width:260px}}button{{font:inherit;margin-top:16px;padding:8px 16px;background:#0b5c4a;
color:#fff;border:0}}pre{{background:#eef;padding:12px;white-space:pre-wrap;font-size:13px}}</style>
<h1>Harbour Shop</h1><form><label>Email <input name="email" value="{email}"></label>
<label>Password <input type="password" name="password" value="Correct Horse 9 shop"></label>
<button>Create account</button></form><pre>POST /dbconnections/signup</pre>
<script>document.querySelector("form").onsubmit = async (sent) => {{
  sent.preventDefault();
  const body = JSON.stringify({{client_id: "{client_id}", connection: "{connection}",
    ...Object.fromEntries(new FormData(sent.target))}});
  const answer = await fetch("{base}/dbconnections/signup",
    {{method: "POST", headers: {{"Content-Type": "application/json"}}, body}});
  const said = JSON.stringify(await answer.json(), null, 1);
  document.querySelector("pre").textContent += "\\n" + answer.status + " " + said;
}}</script>"""
"""An application's own form."""


def _embedded(page: Page, product: Product, management: Management, landing: str) -> None:
    """A form of the application's own, and what it is answered."""
    shop, shown = Flask("shop"), {"form": ""}
    shop.add_url_rule("/", "form", lambda: shown["form"])
    with local_site(shop) as site:
        application = Application.register(product, management, landing, name="Harbour Shop", web_origins=[site])
        shown["form"] = FORM.format(
            email="maria@example.com",
            client_id=application.client["client_id"],
            connection=product.connection,
            base=product.base_url,
        )
        page.goto(site)
        page.click("button")
        page.get_by_text("_id").wait_for()


def _provisioned(page: Page, product: Product, management: Management, landing: str) -> None:
    """Somebody whom a company's directory made, as the dashboard shows them."""
    body = {"name": "shown-scim", "strategy": "oidc", "display_name": "Acme", "options": OIDC}
    made = management.call("POST", "connections", body)
    path = f"connections/{made['id']}/scim-configuration"
    management.call("POST", path, {"user_id_attribute": "externalId"})
    token = management.call("POST", f"{path}/tokens", {"scopes": ["post:users"]})["token"]
    person = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "externalId": "00u1a2b3c4",
        "userName": "jane.smith@acme.example",
        "name": {"givenName": "Jane", "familyName": "Smith"},
        "emails": [{"value": "jane.smith@acme.example", "primary": True}],
        "active": False,
    }
    address = f"{product.base_url}/scim/v2/connections/{made['id']}/Users"
    answer = requests.post(address, json=person, headers={"Authorization": f"Bearer {token}"}, timeout=20)
    answer.raise_for_status()
    _to_the_dashboard(page, product, "users/oidc%7Cshown-scim%7C00u1a2b3c4")


def _asked(page: Page, product: Product, management: Management, landing: str) -> None:
    """The form for a new connection, as far as it fits on a screen."""
    _to_the_dashboard(page, product, "authentication/connections/new?strategy=google-oauth2")


def _to_the_dashboard(page: Page, product: Product, path: str) -> None:
    page.set_viewport_size({"width": 1_000, "height": 640})
    enter(page, product)
    page.goto(f"{product.base_url}/admin/{path}")
    page.wait_for_load_state()


OTHERS: Mapping[str, Callable[[Page, Product, Management, str], None]] = {
    "embedded": _embedded,
    "scim": _provisioned,
    "new": _asked,
}
"""Pages whose kind has none of ours to look at, and what is shown instead."""


ONE_SCREEN = frozenset({"scim", "new"})
"""Pages of the dashboard, of which a picture shows what fits."""


def main(folder: Path, *only: str) -> None:
    """Start the product, look at each (or ``only`` some), stop the product."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright, local_site(landing_site()) as landing:
        product = start_product(Path(home))
        browser = launch(playwright)
        try:
            for kind in only or [*KINDS, *OTHERS]:
                size = {"width": 480, "height": 420}
                context = browser.new_context(locale="en", viewport=size, reduced_motion="reduce")  # type: ignore[arg-type]
                page, management = context.new_page(), product.management()
                if kind in OTHERS:
                    OTHERS[kind](page, product, management, landing)
                else:
                    shown = _seen(page, product, management, landing, kind)
                page.screenshot(path=folder / f"{kind}.png", full_page=kind not in ONE_SCREEN, caret="hide")
                context.close()
                if kind not in OTHERS:
                    management.delete(f"connections/{shown}")
                print(kind)
        finally:
            browser.close()
            product.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
