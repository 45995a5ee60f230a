"""auth0-python's authentication client: sign-up, reset, passwords and one-time codes, as its users write it."""

from __future__ import annotations

import re
import secrets
from typing import Any

import pytest
from auth0.authentication import Database, GetToken, Passwordless, Users
from auth0.authentication.exceptions import Auth0Error

from tests.counterparts.management import PASSWORD
from tests.counterparts.product import Product

pytestmark = pytest.mark.counterpart
OTP = "http://auth0.com/oauth/grant-type/passwordless/otp"
REALM = "http://auth0.com/oauth/grant-type/password-realm"


@pytest.fixture
def client(product: Product) -> dict[str, Any]:
    """An application that takes passwords and codes itself."""
    grants = ["password", REALM, OTP, "refresh_token"]
    callbacks = ["https://app.example.com/callback"]
    made = product.management().create_client(app_type="regular_web", callbacks=callbacks, grant_types=grants)
    product.management().post(
        "connections",
        {"name": f"email-{secrets.token_hex(4)}", "strategy": "email", "enabled_clients": [made["client_id"]]},
    )
    return made


def about(product: Product, client: dict[str, Any], *, secret: bool = True) -> dict[str, Any]:
    """The arguments that every class takes."""
    known = {"domain": f"localhost:{product.port}", "client_id": client["client_id"], "protocol": "http"}
    return {**known, "client_secret": client["client_secret"]} if secret else known


def test_sign_up_password_and_reset(product: Product, client: dict[str, Any]) -> None:
    email = f"py-{secrets.token_hex(4)}@example.com"
    database = Database(**about(product, client, secret=False))
    made = database.signup(email=email, password=PASSWORD, connection=product.connection, given_name="Py")
    assert (made["email"], made["email_verified"], made["given_name"]) == (email, False, "Py")
    with pytest.raises(Auth0Error) as refused:
        database.signup(email=email, password="x", connection=product.connection)
    assert refused.value.error_code == "invalid_password"
    tokens = GetToken(**about(product, client))
    said = tokens.login(username=email, password=PASSWORD, realm=product.connection, scope="openid offline_access")
    assert Users(domain=f"localhost:{product.port}", protocol="http").userinfo(said["access_token"])["sub"]
    assert tokens.refresh_token(said["refresh_token"])["access_token"]
    with pytest.raises(Auth0Error) as refused:
        tokens.login(username=email, password="wrong", realm=product.connection)
    assert (refused.value.error_code, refused.value.message) == ("invalid_grant", "Wrong email or password.")
    assert "reset your password" in database.change_password(email=email, connection=product.connection)


def test_a_code_of_a_mail(product: Product, client: dict[str, Any]) -> None:
    email = f"py-{secrets.token_hex(4)}@example.com"
    started = Passwordless(**about(product, client)).email(email=email, send="code")
    assert started["email"] == email
    code = re.search(r"^\s*(\d{6})\s*$", product.mail_to(email)["text"], re.MULTILINE)
    assert code
    said = GetToken(**about(product, client)).passwordless_login(
        username=email, otp=code[1], realm="email", scope="openid email", audience=""
    )
    assert said["id_token"]
