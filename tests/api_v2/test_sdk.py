"""The official Python SDK, unchanged, against a real server on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from auth0.management.client import Auth0
from auth0.management.core.api_error import ApiError
from werkzeug.serving import make_server

from tests.world.templates import CONNECTION
from tests.world.world import PASSWORD, World

pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence:DeprecationWarning")


@pytest.fixture
def sdk(world: World) -> Iterator[Auth0]:
    server = make_server("127.0.0.1", 0, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Auth0(base_url=f"http://127.0.0.1:{server.server_port}/api/v2", token=world.token())
    server.shutdown()
    thread.join()
    server.server_close()


def test_users(sdk: Auth0) -> None:
    user = sdk.users.create(connection=CONNECTION, email="sdk@example.com", password=PASSWORD, user_metadata={"a": 1})
    assert user.user_id is not None
    assert sdk.users.get(user.user_id).email == "sdk@example.com"
    assert sdk.users.update(user.user_id, user_metadata={"b": 2}).user_metadata == {"a": 1, "b": 2}
    assert [found.user_id for found in sdk.users.list_users_by_email(email="sdk@example.com")] == [user.user_id]
    for number in range(7):
        sdk.users.create(connection=CONNECTION, email=f"user{number}@example.com", password=PASSWORD)
    assert len({found.user_id for found in sdk.users.list(per_page=3)}) == 8
    assert [found.user_id for found in sdk.users.list(q="email:sdk@example.com")] == [user.user_id]
    sdk.users.delete(user.user_id)
    with pytest.raises(ApiError) as missing:
        sdk.users.get(user.user_id)
    assert missing.value.status_code == 404
    assert missing.value.body["errorCode"] == "inexistent_user"


def test_bulk_import_export_acceptance_7_jobs(sdk: Auth0, world: World) -> None:
    """Acceptance 7 of bulk-import-export.md: uploads of the official client work unchanged."""
    file = ("users.json", b'[{"email": "sdk@example.com", "user_id": "s"}, {"email": "x"}]', "application/json")
    made = sdk.jobs.users_imports.create(users=file, connection_id=world.connection_id, upsert=True, external_id="e")
    assert (made.status, made.type, made.external_id) == ("pending", "users_import", "e")
    world.work()
    job = sdk.jobs.get(made.id)
    assert job.summary is not None
    assert (job.status, job.summary.inserted, job.summary.failed) == ("completed", 1, 1)
    (error,) = sdk.jobs.errors.get(made.id)  # type: ignore[misc]
    assert error.errors[0].code == "FORMAT"
    asked = sdk.jobs.users_exports.create(format="csv", limit=5, fields=[{"name": "email"}])  # type: ignore[list-item]
    world.work()
    done = sdk.jobs.get(asked.id)
    assert done.location is not None
    assert ".csv.gz" in done.location
    assert sdk.jobs.verification_email.create(user_id="auth0|s").type == "verification_email"


def test_clients_and_grants(sdk: Auth0) -> None:
    client = sdk.clients.create(name="SDK", app_type="regular_web", callbacks=["https://a.example/"])
    assert client.client_id is not None
    assert sdk.clients.get(client.client_id).name == "SDK"
    assert sdk.clients.update(client.client_id, description="d").description == "d"
    assert sdk.clients.rotate_secret(client.client_id).client_secret != client.client_secret
    assert {found.name for found in sdk.clients.list()} == {"SDK", "Machine", "All Applications"}
    server = sdk.resource_servers.create(identifier="https://api.sdk.example/", name="A", scopes=[{"value": "read:a"}])
    assert server.id is not None
    grant = sdk.client_grants.create(client_id=client.client_id, audience="https://api.sdk.example/", scope=["read:a"])
    assert grant.id is not None
    assert {found.id for found in sdk.client_grants.list(client_id=client.client_id)} == {grant.id}
    sdk.client_grants.delete(grant.id)
    sdk.resource_servers.delete(server.id)
    sdk.clients.delete(client.client_id)


def test_connections_settings_keys_and_logs(sdk: Auth0, world: World) -> None:
    connection = sdk.connections.create(name="sdk-db", strategy="auth0")
    assert connection.id is not None
    sdk.connections.clients.update(connection.id, request=[{"client_id": world.machine, "status": True}])  # type: ignore[list-item]
    assert [found.client_id for found in sdk.connections.clients.get(connection.id)] == [world.machine]
    assert {found.name for found in sdk.connections.list()} == {CONNECTION, "sdk-db"}
    sdk.connections.delete(connection.id)
    assert sdk.tenants.settings.update(friendly_name="SDK").friendly_name == "SDK"
    assert sdk.prompts.update_settings(identifier_first=True).identifier_first is True
    assert any(key.current for key in sdk.keys.signing.list())
    assert {log.type for log in sdk.logs.list()} == {"sapi"}


def test_what_is_not_built_looks_like_a_missing_scope(sdk: Auth0) -> None:
    with pytest.raises(ApiError) as refused:
        sdk.organizations.get("org_1")
    assert (refused.value.status_code, refused.value.body["errorCode"]) == (403, "insufficient_scope")
    assert list(sdk.log_streams.list()) == []
    assert list(sdk.self_service_profiles.list()) == []
