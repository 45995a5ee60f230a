"""What is there before the official clients begin: people who signed in, agreed and were locked out, over TLS."""

from __future__ import annotations

import json
import secrets
import time
from typing import Any

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from requests.adapters import HTTPAdapter

from tests.counterparts.application import Application
from tests.counterparts.http_login import HttpBrowser
from tests.counterparts.management import PASSWORD, Management
from tests.counterparts.product import Product

FAILED_IMPORT = [{"email": "no address"}]
REALM = "http://auth0.com/oauth/grant-type/password-realm"
_ATTEMPTS = 11


class From(HTTPAdapter):
    """Requests that leave from one address of the loopback network."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        """See requests."""
        super().init_poolmanager(*arguments, **more, source_address=(self._address, 0))


TEMPLATES = ("stolen_credentials", "enrollment_email", "mfa_oob_code", "reset_email_by_code", "user_invitation")
"""A mail of each client's own."""


def set_up(product: Product, number: int) -> dict[str, Any]:
    """Names and what they stand for; ``number`` tells the clients apart."""
    management = product.management()
    fresh = secrets.token_hex(5)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    shapes = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    other = management.create_user(connection=product.connection)
    doomed = management.create_user(connection=product.connection)
    return {
        **names(product),
        "name": f"official-{fresh}",
        "template": TEMPLATES[number - 1],
        "email": f"official-{fresh}@example.com",
        "audience": f"https://official-{fresh}.example.com/",
        "other": other["user_id"].split("|", 1)[1],
        "doomed": doomed["email"],
        "pem": key.public_bytes(*shapes).decode(),
        "device_key": "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL",
        "import": json.dumps([{"email": f"imported-{fresh}@example.com"}]),
        "failed_job": failed_job(product, management),
        **signed_in(product, management),
        **agreed(product, management),
        **locked_out(product, management, f"127.0.7.{number}"),
    }


def names(product: Product) -> dict[str, Any]:
    """What every tenant has."""
    return {
        "connection": product.connection,
        "connection_id": product.printed["connection"]["id"],
        "machine": product.printed["management"]["client_id"],
        "password": PASSWORD,
    }


def signed_in(product: Product, management: Management) -> dict[str, Any]:
    """Somebody with three sessions and refresh tokens, and a token for their own devices."""
    holder = management.create_user(connection=product.connection)
    api = management.create_api(scopes=["read:things"])
    application = application_of(product, management)
    for _ in range(3):
        browser = new_browser(product)
        landed = browser.sign_in(
            application, holder, scope="openid offline_access read:things", audience=api["identifier"]
        )
        application.redeem(landed)
        browser.close()
    browser = new_browser(product)
    other = application_of(product, management)
    user = management.create_user(connection=product.connection)
    landed = browser.sign_in(
        other,
        user,
        scope="openid create:current_user_device_credentials",
        audience=product.printed["management"]["audience"],
    )
    browser.close()
    return {
        "holder": holder["user_id"],
        "app": application.client["client_id"],
        "user_token": other.redeem(landed)["access_token"],
    }


def agreed(product: Product, management: Management) -> dict[str, Any]:
    """Somebody who agreed to what a third party asked for."""
    user = management.create_user(connection=product.connection)
    api = management.create_api(scopes=["read:things"])
    application = application_of(product, management, is_first_party=False)
    browser = new_browser(product)
    url = application.authorize_url(scope="openid profile read:things", audience=api["identifier"])
    shown = browser.follow(url, application.redirect_uri)
    shown = browser.submit(shown, application.redirect_uri, username=user["email"], password=PASSWORD, action="default")
    landed = browser.submit(shown, application.redirect_uri, action="accept")
    assert landed.is_redirect, landed.text[:2000]
    browser.close()
    return {"agreed": user["user_id"]}


def locked_out(product: Product, management: Management, address: str) -> dict[str, Any]:
    """Two people and a network that failed too often."""
    people = [management.create_user(connection=product.connection) for _ in range(2)]
    application = application_of(product, management)
    grants = [*application.client["grant_types"], REALM]
    management.patch(f"clients/{application.client['client_id']}", {"grant_types": grants})
    form = {"grant_type": REALM, "realm": product.connection, "password": "wrong", "scope": "openid"}
    form |= {name: application.client[name] for name in ("client_id", "client_secret")}
    with requests.Session() as http:
        http.mount("https://", From(address))

        def fail(user: dict[str, Any], times: int) -> None:
            for _ in range(times):
                url = f"{product.base_url}/oauth/token"
                http.post(url, data={**form, "username": user["email"]}, verify=product.verify, timeout=30)

        path = "attack-protection/suspicious-ip-throttling"
        management.patch(path, {"stage": {"pre-login": {"max_attempts": 1_000}}})
        for user in people:
            fail(user, _ATTEMPTS)
        management.patch(path, {"stage": {"pre-login": {"max_attempts": 1}}})
        fail(management.create_user(connection=product.connection), 3)
    return {"locked_id": people[0]["user_id"], "locked_2": people[1]["email"], "locked_ip": address}


def crowd() -> str:
    """People enough that an import takes a moment."""
    fresh = secrets.token_hex(5)
    return json.dumps([{"email": f"crowd-{fresh}-{number}@example.com"} for number in range(7_000)])


def begin_import(product: Product, management: Management, content: str) -> str:
    """An import is asked for; answers the job."""
    answer = requests.post(
        f"{product.base_url}/api/v2/jobs/users-imports",
        data={"connection_id": product.printed["connection"]["id"]},
        files={"users": ("users.json", content, "application/json")},
        headers={"Authorization": f"Bearer {management.token()}"},
        verify=product.verify,
        timeout=30,
    )
    return str(answer.json()["id"])


def failed_job(product: Product, management: Management) -> str:
    """An import that is done, and one of whose people was refused."""
    job = begin_import(product, management, json.dumps(FAILED_IMPORT))
    wait_for(management, job)
    return job


def wait_for(management: Management, job: str) -> None:
    """The worker is done with it."""
    deadline = time.monotonic() + 60
    while management.get(f"jobs/{job}")["status"] != "completed":
        assert time.monotonic() < deadline, "the worker does not import"
        time.sleep(0.2)


def application_of(product: Product, management: Management, **more: Any) -> Application:
    """A web application of this test."""
    return Application.register(product, management, "https://app.example.com", **more)


def new_browser(product: Product) -> HttpBrowser:
    """A browser that trusts the local certificate authority."""
    browser = HttpBrowser()
    browser.http.trust_env = False  # its authorities would count instead
    browser.http.verify = product.verify
    return browser
