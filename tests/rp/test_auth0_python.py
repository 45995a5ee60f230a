"""auth0-python drives the Management API over TLS, exactly as its users write it."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from auth0.management import ManagementClient
from auth0.management.core.api_error import ApiError

from tests.counterparts.management import PASSWORD
from tests.counterparts.product import Product

pytestmark = pytest.mark.counterpart


NewClient = Callable[[], ManagementClient]


@pytest.fixture
def new_client(tls_product: Product, monkeypatch: pytest.MonkeyPatch) -> Iterator[NewClient]:
    """Makes the library's clients, trusting the local certificate authority by the variable ``idp dev
    --tls`` prints.
    """
    monkeypatch.setenv("SSL_CERT_FILE", str(tls_product.verify))
    access = tls_product.printed["management"]
    with ExitStack() as connections:

        def make() -> ManagementClient:
            return ManagementClient(
                domain=f"localhost:{tls_product.port}",
                client_id=access["client_id"],
                client_secret=access["client_secret"],
                httpx_client=connections.enter_context(httpx.Client()),  # the library never closes one of its own
            )

        yield make


@pytest.fixture
def auth0(new_client: NewClient) -> ManagementClient:
    """The library's client."""
    return new_client()


@pytest.fixture
def connection_id(tls_product: Product) -> str:
    """The default database connection."""
    return str(tls_product.printed["connection"]["id"])


def fresh(prefix: str) -> str:
    """A name nobody has."""
    return f"{prefix}-{secrets.token_hex(5)}"


def create_user(auth0: ManagementClient, tls_product: Product, **more: Any) -> Any:
    """A user of the default connection."""
    address = f"{fresh('user')}@example.com"
    return auth0.users.create(
        connection=tls_product.connection, email=address, password=PASSWORD, email_verified=True, **more
    )


def expect_gone(call: Any, *arguments: Any) -> None:
    """The operation answers 404."""
    with pytest.raises(ApiError) as refused:
        call(*arguments)
    assert refused.value.status_code == 404


def test_clients(auth0: ManagementClient) -> None:
    created = auth0.clients.create(
        name=fresh("App"), app_type="regular_web", callbacks=["https://app.example.com/callback"]
    )
    read = auth0.clients.get(created.client_id)
    assert read.name == created.name
    changed = auth0.clients.update(created.client_id, description="changed", client_metadata={"team": "a"})
    assert (changed.description, changed.client_metadata) == ("changed", {"team": "a"})
    rotated = auth0.clients.rotate_secret(created.client_id)
    assert rotated.client_secret != created.client_secret
    assert created.client_id in [client.client_id for client in auth0.clients.list()]
    auth0.clients.delete(created.client_id)
    expect_gone(auth0.clients.get, created.client_id)


def test_resource_servers(auth0: ManagementClient) -> None:
    identifier = f"https://{fresh('api')}.example.com/"
    created = auth0.resource_servers.create(
        identifier=identifier, name=fresh("API"), scopes=[{"value": "read:things", "description": "Read things"}]
    )
    assert auth0.resource_servers.get(created.id).identifier == identifier
    changed = auth0.resource_servers.update(created.id, token_lifetime=1234, allow_offline_access=True)
    assert (changed.token_lifetime, changed.allow_offline_access) == (1234, True)
    assert created.id in [api.id for api in auth0.resource_servers.list()]
    auth0.resource_servers.delete(created.id)
    expect_gone(auth0.resource_servers.get, created.id)


def test_client_grants(auth0: ManagementClient) -> None:
    api = auth0.resource_servers.create(
        identifier=f"https://{fresh('api')}.example.com/",
        name=fresh("API"),
        scopes=[{"value": "read:a"}, {"value": "read:b"}],
    )
    client = auth0.clients.create(name=fresh("Machine"), app_type="non_interactive", grant_types=["client_credentials"])
    grant = auth0.client_grants.create(client_id=client.client_id, audience=api.identifier, scope=["read:a"])
    assert auth0.client_grants.get(grant.id).scope == ["read:a"]
    auth0.client_grants.update(grant.id, scope=["read:a", "read:b"])
    listed = list(auth0.client_grants.list(client_id=client.client_id))
    assert [(item.audience, item.scope) for item in listed] == [(api.identifier, ["read:a", "read:b"])]
    auth0.client_grants.delete(grant.id)
    assert list(auth0.client_grants.list(client_id=client.client_id)) == []


def test_connections_and_their_clients(auth0: ManagementClient) -> None:
    created = auth0.connections.create(name=fresh("db"), strategy="auth0", options={"passwordPolicy": "good"})
    assert auth0.connections.get(created.id).strategy == "auth0"
    auth0.connections.update(created.id, display_name="Customers")
    assert auth0.connections.get(created.id).display_name == "Customers"
    assert created.id in [connection.id for connection in auth0.connections.list(strategy=["auth0"])]

    client = auth0.clients.create(name=fresh("App"), app_type="spa")
    auth0.connections.clients.update(created.id, request=[{"client_id": client.client_id, "status": True}])
    assert client.client_id in [item.client_id for item in auth0.connections.clients.get(created.id)]
    auth0.connections.clients.update(created.id, request=[{"client_id": client.client_id, "status": False}])
    assert client.client_id not in [item.client_id for item in auth0.connections.clients.get(created.id)]

    auth0.connections.delete(created.id)
    expect_gone(auth0.connections.get, created.id)


def test_users(auth0: ManagementClient, tls_product: Product) -> None:
    created = create_user(auth0, tls_product, user_metadata={"colour": "green"})
    read = auth0.users.get(created.user_id)
    assert read.email == created.email
    assert read.user_metadata == {"colour": "green"}
    assert read.identities[0].connection == tls_product.connection
    changed = auth0.users.update(created.user_id, user_metadata={"size": 3}, app_metadata={"plan": "pro"}, blocked=True)
    assert changed.user_metadata == {"colour": "green", "size": 3}
    assert (changed.app_metadata, changed.blocked) == ({"plan": "pro"}, True)
    assert [user.user_id for user in auth0.users.list_users_by_email(email=created.email)] == [created.user_id]
    assert created.user_id in [user.user_id for user in auth0.users.list(per_page=2)]
    assert isinstance(list(auth0.users.logs.list(created.user_id)), list)
    auth0.users.delete(created.user_id)
    expect_gone(auth0.users.get, created.user_id)


def test_roles_and_permissions(auth0: ManagementClient, tls_product: Product) -> None:
    api = auth0.resource_servers.create(
        identifier=f"https://{fresh('api')}.example.com/",
        name=fresh("API"),
        scopes=[{"value": "read:a", "description": "A"}, {"value": "read:b"}],
        enforce_policies=True,
        token_dialect="access_token_authz",
    )
    user = create_user(auth0, tls_product)
    role = auth0.roles.create(name=fresh("role"), description="A role")
    assert auth0.roles.get(role.id).name == role.name
    assert auth0.roles.update(role.id, description="Changed").description == "Changed"
    assert role.id in [each.id for each in auth0.roles.list(name_filter=role.name)]
    first, second = (
        {"resource_server_identifier": api.identifier, "permission_name": name} for name in ("read:a", "read:b")
    )
    auth0.roles.permissions.add(role.id, permissions=[first, second])
    auth0.roles.permissions.delete(role.id, permissions=[second])
    (permission,) = auth0.roles.permissions.list(role.id)
    assert (permission.permission_name, permission.description) == ("read:a", "A")
    auth0.roles.users.assign(role.id, users=[user.user_id])
    assert [each.user_id for each in auth0.roles.users.list(role.id)] == [user.user_id]
    assert [each.id for each in auth0.users.roles.list(user.user_id)] == [role.id]
    auth0.users.permissions.create(user.user_id, permissions=[second])
    found = {
        each.permission_name: (each.sources or [{}])[0]["source_type"]
        for each in auth0.users.permissions.list(user.user_id)
    }
    assert found == {"read:a": "ROLE", "read:b": "DIRECT"}
    (effective,) = auth0.users.effective_roles.list(user.user_id)
    assert (effective.id, effective.sources) == (role.id, ["direct"])
    effectively = auth0.users.effective_permissions.list(user.user_id, resource_server_identifier=api.identifier)
    assert [each.permission_name for each in effectively] == ["read:a", "read:b"]
    assert list(auth0.users.groups.get(user.user_id)) == list(auth0.groups.list()) == []
    auth0.users.permissions.delete(user.user_id, permissions=[second])
    auth0.users.roles.delete(user.user_id, roles=[role.id])
    auth0.users.roles.assign(user.user_id, roles=[role.id])
    auth0.roles.delete(role.id)
    assert list(auth0.users.roles.list(user.user_id)) == []
    expect_gone(auth0.roles.get, role.id)


def test_linked_identities(auth0: ManagementClient, tls_product: Product) -> None:
    first, second = (create_user(auth0, tls_product) for _ in range(2))
    provider, identifier = second.user_id.split("|", 1)
    auth0.users.identities.link(first.user_id, provider=provider, user_id=identifier)
    assert len(auth0.users.get(first.user_id).identities) == 2
    expect_gone(auth0.users.get, second.user_id)
    auth0.users.identities.delete(first.user_id, provider, identifier)
    assert len(auth0.users.get(first.user_id).identities) == 1


def test_grants(auth0: ManagementClient, tls_product: Product) -> None:
    user = create_user(auth0, tls_product)
    assert list(auth0.user_grants.list(user_id=user.user_id)) == []
    auth0.user_grants.delete_by_user_id(user_id=user.user_id)


def test_prompts(auth0: ManagementClient) -> None:
    before = auth0.prompts.get_settings()
    assert before.identifier_first is False
    assert auth0.prompts.update_settings(identifier_first=True).identifier_first is True
    assert auth0.prompts.update_settings(identifier_first=False).identifier_first is False


def test_tickets(auth0: ManagementClient, tls_product: Product) -> None:
    user = create_user(auth0, tls_product)
    verify = auth0.tickets.verify_email(user_id=user.user_id, result_url="https://app.example.com/done")
    change = auth0.tickets.change_password(user_id=user.user_id, ttl_sec=600)
    for ticket in (verify, change):
        assert ticket.ticket.startswith(tls_product.issuer)
    assert verify.ticket != change.ticket


def test_user_blocks(auth0: ManagementClient, tls_product: Product) -> None:
    user = create_user(auth0, tls_product)
    assert auth0.user_blocks.list(user.user_id).blocked_for == []
    assert auth0.user_blocks.list_by_identifier(identifier=user.email).blocked_for == []
    auth0.user_blocks.delete(user.user_id)
    auth0.user_blocks.delete_by_identifier(identifier=user.email)


def test_signing_keys(auth0: ManagementClient, new_client: NewClient) -> None:
    current = next(key for key in auth0.keys.signing.list() if key.current)
    assert auth0.keys.signing.get(current.kid).kid == current.kid
    auth0.keys.signing.rotate()
    by_kid = {key.kid: key for key in auth0.keys.signing.list()}
    assert by_kid[current.kid].previous is True
    later = new_client()  # the first one's token is signed with the key that goes
    later.keys.signing.revoke(current.kid)
    assert later.keys.signing.get(current.kid).revoked is True
    with pytest.raises(ApiError) as refused:
        auth0.keys.signing.list()
    assert refused.value.status_code == 401


def test_tenant_settings(auth0: ManagementClient) -> None:
    changed = auth0.tenants.settings.update(friendly_name="Acme", support_email="help@example.com")
    assert changed.friendly_name == "Acme"
    read = auth0.tenants.settings.get()
    assert (read.friendly_name, read.support_email) == ("Acme", "help@example.com")


def test_logs(auth0: ManagementClient, tls_product: Product) -> None:
    create_user(auth0, tls_product)
    entries = auth0.logs.list(per_page=10, sort="date:-1")
    newest = next(iter(entries))
    assert auth0.logs.get(newest.log_id).type == newest.type
