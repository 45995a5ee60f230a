"""The hosted pages as a person sees them, each named after its screen, by nothing but the stable hooks of the
contract.
"""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

SUBMIT = "button[type=submit][name=action][value=default]"


@dataclass(frozen=True)
class HostedPage:
    """What every hosted page has."""

    page: Page

    @property
    def submit(self) -> Locator:
        """The one primary button."""
        return self.page.locator(SUBMIT)

    @property
    def heading(self) -> Locator:
        """The task, as the page's only first-level heading."""
        return self.page.locator("h1")

    @property
    def alert(self) -> Locator:
        """What went wrong."""
        return self.page.locator("[role=alert]")

    def follow(self, link: str) -> None:
        """Click a link by its stable id."""
        self.page.locator(f"#{link}").click()


class LoginPage(HostedPage):
    """``/u/login``: username and password in one form."""

    def sign_in(self, username: str, password: str) -> None:
        """Fill both and continue."""
        self.page.locator("#username").fill(username)
        self.page.locator("#password").fill(password)
        self.submit.click()


class LoginIdPage(HostedPage):
    """``/u/login/identifier``: who is it?"""

    def continue_as(self, username: str) -> None:
        """Fill the identifier and continue."""
        self.page.wait_for_url("**/u/login/identifier*")
        self.page.locator("#username").fill(username)
        self.submit.click()


class LoginPasswordPage(HostedPage):
    """``/u/login/password``: the second step of identifier first."""

    def continue_with(self, password: str) -> None:
        """Fill the password and continue."""
        self.page.wait_for_url("**/u/login/password*")
        self.page.locator("#password").fill(password)
        self.submit.click()


class SignupPage(HostedPage):
    """``/u/signup``."""

    def sign_up(self, email: str, password: str) -> None:
        """Fill both and create the account."""
        self.page.wait_for_url("**/u/signup*")
        self.page.locator("#email").fill(email)
        self.page.locator("#password").fill(password)
        self.submit.click()


class ConsentPage(HostedPage):
    """``/u/consent``."""

    def accept(self) -> None:
        """Allow what the application asks for."""
        self.page.wait_for_url("**/u/consent*")
        self.page.locator("#consent-accept").click()

    def deny(self) -> None:
        """Refuse it."""
        self.page.wait_for_url("**/u/consent*")
        self.page.locator("#consent-deny").click()


class ResetPasswordRequestPage(HostedPage):
    """``/u/reset-password/request/...``: ask for the mail."""

    def ask_for(self, username: str) -> None:
        """Fill the identifier and send."""
        self.page.wait_for_url("**/u/reset-password/**")
        self.page.locator("#username").fill(username)
        self.submit.click()


class ResetPasswordChangePage(HostedPage):
    """The page behind the link in the mail."""

    def set_password(self, password: str) -> None:
        """Fill the new password and save."""
        self.page.locator("#password").fill(password)
        self.submit.click()


class LogoutPage(HostedPage):
    """Really sign out?"""

    def confirm(self) -> None:
        """Yes."""
        self.page.locator("#logout-confirm").click()

    def cancel(self) -> None:
        """No."""
        self.page.locator("#logout-cancel").click()


class SignedOutPage(HostedPage):
    """The end of a session."""

    def expect_shown(self) -> None:
        """The contract's English text is there."""
        expect(self.page.locator("body")).to_contain_text("You are logged out")


class ErrorPage(HostedPage):
    """Something that no form can mend."""

    def expect_error(self, code: str) -> None:
        """The OAuth error code as text, and a correlation id."""
        expect(self.page.locator("body")).to_contain_text(code)
        expect(self.page.locator("#correlation-id")).to_have_text(re.compile(r"\S{6,}"))
