"""Somebody who walks to the pages of the gallery."""

import secrets
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from tests.counterparts.application import Application
from tests.counterparts.management import PASSWORD, Management
from tests.counterparts.product import Product
from tests.e2e.pages import LoginPage


@dataclass(frozen=True)
class Visitor:
    """Someone on the way to a page."""

    page: Page
    product: Product
    management: Management
    landing: str
    locale: str = "en"

    def application(self, **more: Any) -> Application:
        """A fresh application with a name as people give them, and with the database alone."""
        properties = {"name": "Orchard Books"} | more
        made = Application.register(self.product, self.management, self.landing, **properties)
        for connection in self.management.call("GET", "connections"):
            if connection["id"] != self.management.connection_id:
                off = [{"client_id": made.client["client_id"], "status": False}]
                self.management.call("PATCH", f"connections/{connection['id']}/clients", off)
        return made

    def user(self) -> dict[str, Any]:
        """A fresh user with a verified address."""
        email = f"maria.{secrets.token_hex(2)}@example.com"
        return self.management.create_user(connection=self.product.connection, email=email, name="Maria Keller")

    def authorize(self, application: Application | None = None, **more: str) -> None:
        """Open the login of an application."""
        application = application or self.application()
        self.page.goto(application.authorize_url(ui_locales=self.locale, **more))

    def sign_in(self, user: dict[str, Any] | None = None) -> dict[str, Any]:
        """Fill the login form that is shown."""
        user = user or self.user()
        LoginPage(self.page).sign_in(user["email"], PASSWORD)
        return user

    def signed_in(self) -> None:
        """Have a session."""
        self.authorize()
        self.sign_in()
        self.page.wait_for_url(f"{self.landing}/**")
