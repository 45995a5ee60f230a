"""Every operation on users that is built, as auth0-python and the Node client ``auth0`` call it, over TLS with the
local certificate authority (spec/sdk-acceptance.md).
"""

import json
import secrets
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests
from auth0.management import ManagementClient
from auth0.management.core.api_error import ApiError

from tests.counterparts.fixtures import not_run
from tests.counterparts.management import PASSWORD
from tests.counterparts.node import NODE_FOLDER, has_package
from tests.counterparts.product import Product, product_environment

pytestmark = pytest.mark.counterpart


@pytest.fixture
def auth0(tls_product: Product, monkeypatch: pytest.MonkeyPatch) -> Iterator[ManagementClient]:
    monkeypatch.setenv("SSL_CERT_FILE", str(tls_product.verify))
    access = tls_product.printed["management"]
    with httpx.Client() as connections:
        yield ManagementClient(
            domain=f"localhost:{tls_product.port}",
            client_id=access["client_id"],
            client_secret=access["client_secret"],
            httpx_client=connections,
        )


def refreshed(tls_product: Product) -> str:
    """Somebody who holds a refresh token; answers their id."""
    management = tls_product.management()
    user = management.create_user(connection=tls_product.connection, email_verified=True)
    client = management.create_client(
        app_type="regular_web", grant_types=["password", "refresh_token"], callbacks=["https://app.example.com/cb"]
    )
    api = management.create_api(scopes=["read:things"], allow_offline_access=True)
    form = {
        "grant_type": "http://auth0.com/oauth/grant-type/password-realm",
        "realm": tls_product.connection,
        "username": user["email"],
        "password": PASSWORD,
        "audience": api["identifier"],
        "scope": "openid offline_access read:things",
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
    }
    grant_types = [*client["grant_types"], form["grant_type"]]
    management.patch(f"clients/{client['client_id']}", {"grant_types": grant_types})
    url = f"{tls_product.base_url}/oauth/token"
    answer = requests.post(url, data=form, verify=str(tls_product.verify), timeout=30)
    assert "refresh_token" in answer.json(), answer.text
    return str(user["user_id"])


def refusal(call: Any, *arguments: Any, **members: Any) -> tuple[int | None, Any]:
    with pytest.raises(ApiError) as refused:
        call(*arguments, **members)
    return refused.value.status_code, refused.value.body.get("errorCode")


def test_auth0_python(auth0: ManagementClient, tls_product: Product) -> None:
    def make(**more: Any) -> Any:
        address = f"python-{secrets.token_hex(5)}@example.com"
        members = {"connection": tls_product.connection, "email": address, "password": PASSWORD, "email_verified": True}
        return auth0.users.create(**{**members, **more})

    user, other = make(user_metadata={"a": 1}, given_name="Py", family_name="Thon"), make()
    assert auth0.users.get(user.user_id).given_name == "Py"
    assert auth0.users.update(user.user_id, user_metadata={"b": 2}).user_metadata == {"a": 1, "b": 2}
    assert auth0.users.update(user.user_id, app_metadata={"plan": "pro"}).app_metadata == {"plan": "pro"}
    assert [each.user_id for each in auth0.users.list_users_by_email(email=user.email)] == [user.user_id]
    found = auth0.users.list(q=f'email:"{user.email}"', search_engine="v3", sort="created_at:-1")
    assert [each.user_id for each in found] == [user.user_id]
    everybody = [each.user_id for each in auth0.users.list(per_page=2)]
    assert len(set(everybody)) == len(everybody) >= 2
    assert refusal(auth0.users.list, q="name:*ab") == (400, "invalid_query_string")
    assert refusal(auth0.users.list, q="x", search_engine="v2") == (400, "invalid_query_string")

    provider, identifier = other.user_id.split("|", 1)
    assert len(auth0.users.identities.link(user.user_id, provider=provider, user_id=identifier)) == 2
    assert refusal(auth0.users.identities.link, user.user_id, provider=provider, user_id=identifier)[0] == 409
    assert len(auth0.users.identities.delete(user.user_id, provider, identifier)) == 1

    holder = refreshed(tls_product)
    assert len(list(auth0.users.refresh_token.list(holder))) == 1
    (device,) = auth0.device_credentials.list(user_id=holder)
    auth0.device_credentials.delete(device.id)
    assert list(auth0.users.refresh_token.list(holder)) == []
    auth0.users.refresh_token.delete(holder)
    assert list(auth0.users.sessions.list(holder)) == []
    auth0.users.sessions.delete(holder)
    auth0.users.revoke_access(holder)
    assert isinstance(list(auth0.users.logs.list(holder, sort="date:-1", per_page=5)), list)
    assert list(auth0.user_grants.list(user_id=holder)) == []
    auth0.user_grants.delete_by_user_id(user_id=holder)

    verify = auth0.tickets.verify_email(user_id=user.user_id, result_url="https://app.example.com/done")
    change = auth0.tickets.change_password(user_id=user.user_id, ttl_sec=600, mark_email_as_verified=True)
    assert verify.ticket.startswith(tls_product.issuer)
    assert change.ticket.startswith(tls_product.issuer)
    assert auth0.user_blocks.list(user.user_id).blocked_for == []
    assert auth0.user_blocks.list_by_identifier(identifier=user.email).blocked_for == []
    auth0.user_blocks.delete(user.user_id)
    auth0.user_blocks.delete_by_identifier(identifier=user.email)

    assert refusal(auth0.users.update, user.user_id, given_name="") == (400, "invalid_body")
    auth0.users.delete(user.user_id)
    auth0.users.delete(user.user_id)
    assert refusal(auth0.users.get, user.user_id) == (404, "inexistent_user")


def test_node_auth0(node: str, tls_product: Product) -> None:
    if not has_package("auth0"):
        not_run("the npm packages of tests/node (npm ci)")
    access = tls_product.printed["management"]
    env = product_environment(
        NODE_EXTRA_CA_CERTS=str(tls_product.verify),
        DOMAIN=f"localhost:{tls_product.port}",
        CLIENT_ID=access["client_id"],
        CLIENT_SECRET=access["client_secret"],
        CONNECTION=tls_product.connection,
        PASSWORD=PASSWORD,
        REFRESHED_USER=refreshed(tls_product),
    )
    argv = [node, NODE_FOLDER / "users.mjs"]
    done = subprocess.run(argv, env=env, cwd=NODE_FOLDER, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout) == {
        "read": True,
        "metadata": [{"colour": "green", "size": 3}, {"plan": "pro"}],
        "byEmail": [True],
        "search": 1,
        "eachOnce": True,
        "logs": True,
        "linked": 2,
        "twice": [409, None],
        "unlinked": 1,
        "refreshTokens": 1,
        "devices": 1,
        "refreshTokensAfter": 0,
        "sessions": 0,
        "grants": 0,
        "tickets": True,
        "blocks": [],
        "blocksByIdentifier": [],
        "conflict": [409, "auth0_idp_error"],
        "bad": [400, "invalid_body"],
        "gone": [404, "inexistent_user"],
    }
