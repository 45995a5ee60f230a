"""Every page of the product, each with the way to it. Accessibility, reflow, weight and pictures walk this one list."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.counterparts.management import PASSWORD
from tests.counterparts.virtual_authenticator import Virtual
from tests.e2e.gallery_own import OWN
from tests.e2e.pages import LoginPage, LogoutPage, ResetPasswordChangePage, ResetPasswordRequestPage, SignupPage
from tests.e2e.visitor import Visitor


def login(visitor: Visitor) -> None:
    visitor.authorize()


def login_error(visitor: Visitor) -> None:
    visitor.authorize()
    LoginPage(visitor.page).sign_in("someone@example.com", "not the password")


def login_challenge(visitor: Visitor) -> None:
    """The question that browsers without scripts are asked, here for everybody."""
    visitor.management.patch("attack-protection/captcha", {"active_provider_id": "simple_captcha"})
    visitor.management.patch("attack-protection/bot-detection", {"challenge_password_policy": "always"})
    try:
        visitor.authorize()
    finally:
        visitor.management.patch("attack-protection/bot-detection", {"challenge_password_policy": "never"})
        visitor.management.patch("attack-protection/captcha", {"active_provider_id": "auth_challenge"})


def login_identifier(visitor: Visitor) -> None:
    visitor.management.patch("prompts", {"identifier_first": True})
    try:
        visitor.authorize()
        visitor.page.wait_for_url("**/u/login/identifier*")
    finally:
        visitor.management.patch("prompts", {"identifier_first": False})


def login_password(visitor: Visitor) -> None:
    visitor.management.patch("prompts", {"identifier_first": True})
    try:
        visitor.authorize()
        visitor.page.locator("#username").fill("someone@example.com")
        LoginPage(visitor.page).submit.click()
        visitor.page.wait_for_url("**/u/login/password*")
    finally:
        visitor.management.patch("prompts", {"identifier_first": False})


def signup(visitor: Visitor) -> None:
    visitor.authorize(screen_hint="signup")


def signup_error(visitor: Visitor) -> None:
    visitor.authorize(screen_hint="signup")
    SignupPage(visitor.page).sign_up("someone-new@example.com", "short")


def consent(visitor: Visitor) -> None:
    scopes = [
        {"value": "read:orders", "description": "See your orders"},
        {"value": "write:orders", "description": "Place and change orders"},
    ]
    api = visitor.management.create_api(scopes=scopes, name="Orders")
    application = visitor.application(is_first_party=False, policy_uri="https://shop.example.com/privacy")
    scope = "openid profile email offline_access read:orders write:orders"
    visitor.authorize(application, audience=api["identifier"], scope=scope)
    visitor.sign_in()
    visitor.page.wait_for_url("**/u/consent*")


def reset_request(visitor: Visitor) -> None:
    visitor.authorize()
    LoginPage(visitor.page).follow("forgot-password-link")
    visitor.page.wait_for_url("**/u/reset-password/**")


def reset_sent(visitor: Visitor) -> None:
    reset_request(visitor)
    ResetPasswordRequestPage(visitor.page).ask_for("someone@example.com")
    visitor.page.locator("#resend-link").wait_for()


def reset_change(visitor: Visitor) -> None:
    user = visitor.user()
    ticket = visitor.management.post("tickets/password-change", {"user_id": user["user_id"]})
    separator = "&" if "?" in ticket["ticket"] else "?"
    visitor.page.goto(f"{ticket['ticket']}{separator}ui_locales={visitor.locale}")
    visitor.page.locator("#password").wait_for()


def reset_done(visitor: Visitor) -> None:
    reset_change(visitor)
    ResetPasswordChangePage(visitor.page).set_password("Another-Horse-8-Staple")
    visitor.page.locator("#password").wait_for(state="detached")


def verify_email(visitor: Visitor) -> None:
    user = visitor.management.create_user(connection=visitor.product.connection, email_verified=False)
    ticket = visitor.management.post("tickets/email-verification", {"user_id": user["user_id"]})
    visitor.page.goto(ticket["ticket"])


def verified_email(visitor: Visitor) -> None:
    verify_email(visitor)
    LoginPage(visitor.page).submit.click()
    LoginPage(visitor.page).submit.wait_for(state="detached")


def replaced_link(visitor: Visitor) -> None:
    user = visitor.management.create_user(connection=visitor.product.connection, email_verified=False)
    body = {"user_id": user["user_id"]}
    older, _ = (visitor.management.post("tickets/email-verification", body)["ticket"] for _ in range(2))
    visitor.page.goto(f"{older.rstrip('#')}&ui_locales={visitor.locale}")


def disowned(visitor: Visitor) -> None:
    user = visitor.management.create_user(connection=visitor.product.connection, email_verified=False)
    ticket = visitor.management.post("tickets/email-verification", {"user_id": user["user_id"]})["ticket"]
    visitor.page.goto(f"{ticket.rstrip('#')}&ui_locales={visitor.locale}")
    visitor.page.locator("#not-me").click()
    visitor.page.locator("#password").wait_for()


def logout_confirm(visitor: Visitor) -> None:
    visitor.signed_in()
    visitor.page.goto(f"{visitor.product.base_url}/oidc/logout?ui_locales={visitor.locale}")


def signed_out(visitor: Visitor) -> None:
    logout_confirm(visitor)
    LogoutPage(visitor.page).confirm()
    visitor.page.locator("#logout-confirm").wait_for(state="detached")


def error(visitor: Visitor) -> None:
    visitor.authorize(redirect_uri="https://elsewhere.example.com/")


def not_found(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.product.base_url}/no-such-page?ui_locales={visitor.locale}")


def expired(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.product.base_url}/u/login?state=long-gone&ui_locales={visitor.locale}")


def already_signed_in(visitor: Visitor) -> None:
    visitor.authorize()
    page = visitor.page.url
    visitor.sign_in()
    visitor.page.wait_for_url(f"{visitor.landing}/**")
    visitor.page.goto(page)


def cookies_missing(visitor: Visitor) -> None:
    visitor.authorize()
    visitor.page.context.clear_cookies()
    LoginPage(visitor.page).sign_in("someone@example.com", "whatever it is")
    visitor.page.locator("#back-link").wait_for()


def account(visitor: Visitor) -> None:
    visitor.signed_in()
    visitor.page.goto(f"{visitor.product.base_url}/account?ui_locales={visitor.locale}")


def welcome(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.product.base_url}/?ui_locales={visitor.locale}")


def sample_application(visitor: Visitor) -> None:
    home = f"{visitor.product.base_url}/dev/app/?ui_locales={visitor.locale}"
    visitor.page.goto(home)
    visitor.page.locator("#sample-login").click()
    visitor.page.wait_for_url("**/u/login*")
    visitor.sign_in()
    visitor.page.wait_for_load_state()
    if visitor.page.locator("#consent-accept").count():
        visitor.page.locator("#consent-accept").click()
    visitor.page.locator("#claims").wait_for()
    visitor.page.goto(home)


def mailbox(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.product.base_url}/dev/mailbox?ui_locales={visitor.locale}")


def welcome_sources(visitor: Visitor) -> None:
    welcome(visitor)
    if visitor.page.locator("#set-up-sources").count():
        visitor.page.click("#set-up-sources")
        visitor.page.wait_for_url("**/#sources-title")
        welcome(visitor)


def connection_tried(visitor: Visitor) -> None:
    welcome_sources(visitor)
    person = visitor.page.locator("section", has=visitor.page.locator("#sources-title")).locator("[data-copy]")
    email, password = (str(person.nth(at).get_attribute("data-copy")) for at in (0, 1))
    (connection,) = visitor.management.call("GET", "connections", name="example-social")
    visitor.page.goto(visitor.management.call("POST", f"connections/{connection['id']}/try")["url"])
    LoginPage(visitor.page).sign_in(email, password)
    visitor.page.wait_for_load_state()
    if visitor.page.locator("#consent-accept").count():
        visitor.page.click("#consent-accept")
    visitor.page.locator("#trial-profile").wait_for()


def coded(visitor: Visitor, strategy: str, who: str) -> None:
    """An application with a database and codes; a code was asked for."""
    name = f"codes-{secrets.token_hex(4)}"
    connection = visitor.management.call(
        "POST",
        "connections",
        {"name": name, "strategy": strategy, "options": {"default_region": "DE"}}
        if strategy == "sms"
        else {"name": name, "strategy": strategy},
    )
    application = visitor.application()
    enabled = [{"client_id": application.client["client_id"], "status": True}]
    visitor.management.call("PATCH", f"connections/{connection['id']}/clients", enabled)
    visitor.authorize(application)
    if who:
        visitor.page.click(f"#connection-{name}")
        visitor.page.fill("#username", who)
        visitor.page.click("#login-submit")


def offers(visitor: Visitor) -> None:
    coded(visitor, "email", "")


def sources(*strategies: str) -> Callable[[Visitor], None]:
    """The login of an application that people may enter with accounts of these providers, too."""

    def opened(visitor: Visitor) -> None:
        application = visitor.application()
        for strategy in strategies:
            connection = {
                "name": f"{strategy}-{secrets.token_hex(3)}",
                "strategy": strategy,
                "options": {"client_id": "of-the-gallery", "client_secret": "s"},
                "enabled_clients": [application.client["client_id"]],
            }
            visitor.management.post("connections", connection)
        visitor.authorize(application)

    return opened


def email_code(visitor: Visitor) -> None:
    coded(visitor, "email", f"maria.{secrets.token_hex(2)}@example.com")


def email_link(visitor: Visitor) -> None:
    email_code(visitor)
    visitor.page.click("#use-link")


def invited(visitor: Visitor) -> dict[str, Any]:
    """Somebody is invited to an application."""
    body = {
        "inviter": {"name": "Ada Lovelace"},
        "invitee": {"email": f"maria.{secrets.token_hex(2)}@example.com"},
        "client_id": visitor.application().client["client_id"],
        "send_invitation_email": False,
    }
    made: dict[str, Any] = visitor.management.post("invitations", body)
    return made


def invitation(visitor: Visitor) -> None:
    visitor.page.goto(f"{invited(visitor)['invitation_url']}&ui_locales={visitor.locale}")


def invitation_accepted(visitor: Visitor) -> None:
    invitation(visitor)
    visitor.page.fill("#password", PASSWORD)
    visitor.page.click("button[name=action][value=default]")
    visitor.page.locator("#login-link").wait_for()


def invitation_withdrawn(visitor: Visitor) -> None:
    made = invited(visitor)
    visitor.management.call("DELETE", f"invitations/{made['id']}")
    visitor.page.goto(f"{made['invitation_url']}&ui_locales={visitor.locale}")


def sms_code(visitor: Visitor) -> None:
    coded(visitor, "sms", "0171 2345678")


def passkey_offer(visitor: Visitor) -> None:
    """Whoever signed in with a password is offered a passkey."""
    Virtual(visitor.page)
    user = visitor.user()
    visitor.authorize()
    visitor.page.wait_for_selector("input[name=webauthn-platform-available][value=true]", state="attached")
    visitor.page.fill("#username", user["email"])
    visitor.page.fill("#password", PASSWORD)
    visitor.page.click("#login-submit")
    visitor.page.wait_for_selector("#create-passkey:visible")


def device_offer(visitor: Visitor) -> dict[str, Any]:
    """Where devices stand in for passwords, whoever signed in with one is offered theirs."""
    Virtual(visitor.page)
    user = visitor.user()
    visitor.authorize()
    visitor.page.fill("#username", user["email"])
    LoginPage(visitor.page).submit.click()
    visitor.page.wait_for_url("**/u/login/password*")
    visitor.page.wait_for_selector("input[name=webauthn-platform-available][value=true]", state="attached")
    visitor.page.fill("#password", PASSWORD)
    visitor.page.click("#login-submit")
    visitor.page.wait_for_selector("#use-key:visible")
    return user


def login_device_offer(visitor: Visitor) -> None:
    with by_device(visitor):
        device_offer(visitor)


def login_device(visitor: Visitor) -> None:
    """The second page in the browser that knows the device."""
    with by_device(visitor):
        user = device_offer(visitor)
        visitor.page.click("#use-key")
        visitor.page.wait_for_url(f"{visitor.landing}/**")
        visitor.authorize(prompt="login")
        visitor.page.fill("#username", user["email"])
        LoginPage(visitor.page).submit.click()
        visitor.page.wait_for_selector("#use-key:visible")


@contextmanager
def by_device(visitor: Visitor) -> Iterator[None]:
    """Identifier first and biometrics."""
    both = {"identifier_first": True, "webauthn_platform_first_factor": True}
    visitor.management.patch("prompts", both)
    try:
        yield
    finally:
        visitor.management.patch("prompts", dict.fromkeys(both, False))


GALLERY: dict[str, Callable[[Visitor], None]] = {
    "login": login,
    "login-error": login_error,
    "login-challenge": login_challenge,
    "login-identifier": login_identifier,
    "login-password": login_password,
    "login-device": login_device,
    "login-device-offer": login_device_offer,
    "login-offers": offers,
    "login-sources": sources("google-oauth2", "apple", "github"),
    "login-many-sources": sources(
        "google-oauth2", "apple", "windowslive", "facebook", "github", "linkedin", "slack", "discord"
    ),
    "login-email-code": email_code,
    "login-email-link": email_link,
    "login-sms-code": sms_code,
    "signup": signup,
    "signup-error": signup_error,
    "passkey-offer": passkey_offer,
    "consent": consent,
    "reset-password-request": reset_request,
    "reset-password-sent": reset_sent,
    "reset-password-change": reset_change,
    "reset-password-done": reset_done,
    "invitation": invitation,
    "invitation-accepted": invitation_accepted,
    "invitation-withdrawn": invitation_withdrawn,
    "email-verification": verify_email,
    "email-verified": verified_email,
    "email-link-replaced": replaced_link,
    "email-disowned": disowned,
    "logout": logout_confirm,
    "signed-out": signed_out,
    "error": error,
    "not-found": not_found,
    "expired": expired,
    "already-signed-in": already_signed_in,
    "cookies-missing": cookies_missing,
    "account": account,
    "welcome": welcome,
    "sample-application": sample_application,
    "mailbox": mailbox,
    "welcome-sources": welcome_sources,
    "connection-tried": connection_tried,
    **OWN,
}
