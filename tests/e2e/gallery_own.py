"""Further pages of the gallery: what people decide about their own account, devices and what applications ask them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import requests

from tests.counterparts.application import Application
from tests.e2e.visitor import Visitor

CIBA: Final = "urn:openid:params:grant-type:ciba"
DEVICE: Final = "urn:ietf:params:oauth:grant-type:device_code"
PAYMENT: Final = {
    "type": "payment_initiation",
    "actions": ["initiate", "status"],
    "instructedAmount": {"currency": "EUR", "amount": "123.50"},
    "creditorName": "Orchard Books",
    "creditorAccount": {"iban": "DE02100100109307118603"},
}


def asked(visitor: Visitor, application: Application, path: str, **form: str) -> dict[str, Any]:
    """What an endpoint tells the application."""
    access = {name: application.client[name] for name in ("client_id", "client_secret")}
    answer = requests.post(
        f"{visitor.product.base_url}{path}", data=access | form, timeout=30, verify=visitor.product.verify
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def signed_in(visitor: Visitor, path: str = "") -> dict[str, Any]:
    """Somebody on a page of their account."""
    visitor.page.goto(f"{visitor.product.base_url}/account?ui_locales={visitor.locale}")
    visitor.page.locator("#username").wait_for()
    user = visitor.sign_in()
    visitor.page.locator("#change-email-fold").wait_for()
    if path:
        visitor.page.goto(f"{visitor.product.base_url}{path}")
    return user


def address_asked_for(visitor: Visitor) -> tuple[str, str]:
    """A change of address under way; answers both."""
    user = signed_in(visitor)
    new = user["email"].replace("example.com", "orchard.example")
    visitor.page.click("#change-email-fold summary")
    visitor.page.fill("#new_email", new)
    visitor.page.click("#change-email")
    visitor.page.locator("#address-change").wait_for()
    return user["email"], new


def link_to(visitor: Visitor, address: str, what: str) -> str:
    """The newest link of that kind in a mail to that address."""
    links = visitor.product.mail(lambda mail: address in mail["to"] and any(what in each for each in mail["links"]))
    link: str = next(each for each in links["links"] if what in each)
    return link.rstrip("#")


def account_address_change(visitor: Visitor) -> None:
    address_asked_for(visitor)


def address_change(visitor: Visitor) -> None:
    old, _ = address_asked_for(visitor)
    visitor.page.goto(link_to(visitor, old, "address-change"))
    visitor.page.locator("#not-me").wait_for()


def account_deletion(visitor: Visitor) -> None:
    visitor.management.patch("tenants/settings", {"account_deletion_days": 14})
    signed_in(visitor, "/account/deletion")
    visitor.page.locator("#delete-account").wait_for()


def account_leaving(visitor: Visitor) -> None:
    account_deletion(visitor)
    visitor.page.click("#delete-account")
    visitor.page.locator("#delete-account").wait_for(state="detached")


def keep_account(visitor: Visitor) -> None:
    visitor.management.patch("tenants/settings", {"account_deletion_days": 14})
    user = signed_in(visitor, "/account/deletion")
    visitor.page.click("#delete-account")
    visitor.page.locator("#delete-account").wait_for(state="detached")
    visitor.authorize()
    visitor.sign_in(user)
    visitor.page.wait_for_url("**/u/keep-account*")


def consent_details(visitor: Visitor) -> None:
    """Details of a payment (RFC 9396), in words."""
    types = [{"type": "payment_initiation", "description": "Pay an invoice", "labels": {"creditorName": "Paid to"}}]
    scopes = [{"value": "read:accounts", "description": "See your accounts"}]
    api = visitor.management.create_api(scopes=scopes, name="Payments", authorization_details=types)
    visitor.authorize(
        visitor.application(is_first_party=False, policy_uri="https://shop.example.com/privacy"),
        audience=api["identifier"],
        scope="openid read:accounts",
        authorization_details=json.dumps([PAYMENT]),
    )
    visitor.sign_in()
    visitor.page.wait_for_url("**/u/consent*")


def approval(visitor: Visitor) -> None:
    """An application asks somebody who is elsewhere."""
    application = visitor.application(grant_types=[CIBA])
    user = signed_in(visitor)
    hint = {"format": "iss_sub", "iss": visitor.product.issuer, "sub": user["user_id"]}
    more = {"scope": "openid email", "binding_message": "Order 4711-K"}
    asked(visitor, application, "/bc-authorize", login_hint=json.dumps(hint), **more)
    visitor.page.reload()
    visitor.page.click("#requests a.button")
    visitor.page.locator("#binding-message").wait_for()


def approved(visitor: Visitor) -> None:
    approval(visitor)
    visitor.page.click("#approval-confirm")
    visitor.page.wait_for_url("**/approve/done*")


def device_code(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.product.base_url}/activate?ui_locales={visitor.locale}")
    visitor.page.locator("#user_code").wait_for()


def device(visitor: Visitor) -> None:
    application = visitor.application(grant_types=[DEVICE])
    begun = asked(visitor, application, "/oauth/device/code", scope="openid profile email")
    visitor.page.goto(f"{begun['verification_uri_complete']}&ui_locales={visitor.locale}")
    visitor.page.locator("#device-confirm").wait_for()


OWN: Final[dict[str, Callable[[Visitor], None]]] = {
    "account-address-change": account_address_change,
    "address-change": address_change,
    "account-deletion": account_deletion,
    "account-leaving": account_leaving,
    "keep-account": keep_account,
    "consent-details": consent_details,
    "approval": approval,
    "approved": approved,
    "device-code": device_code,
    "device": device,
}
"""By name, as :data:`tests.e2e.gallery.GALLERY`."""
