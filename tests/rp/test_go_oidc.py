"""go-oidc with golang.org/x/oauth2: what most programs in Go sign people in with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.counterparts.conversation import Conversation, conversation
from tests.counterparts.product import product_environment
from tests.rp.suite import Prepared
from tests.tools.built import built

pytestmark = [pytest.mark.counterpart]
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture(scope="module")
def party(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Conversation]:
    callback = prepared.suite.url("callback")
    client = prepared.product.management().create_client(
        app_type="regular_web", callbacks=[callback], grant_types=["authorization_code", "refresh_token", DEVICE]
    )
    env = product_environment(
        ISSUER=str(prepared.metadata["issuer"]),
        CLIENT_ID=client["client_id"],
        CLIENT_SECRET=client["client_secret"],
        CALLBACK=callback,
        SSL_CERT_FILE=str(prepared.product.verify),
    )
    log = tmp_path_factory.mktemp("go-oidc") / "go.log"
    with conversation([built("go-oidc")], log_path=log, env=env) as talk:
        yield talk


def test_code_flow(prepared: Prepared, party: Conversation) -> None:
    found = party.ask("finish", url=prepared.arrived(party.ask("begin")["url"]))
    assert found["sub"]
    assert (found["verified"], found["renewed"]) == (True, True)


def test_device_flow(prepared: Prepared, party: Conversation) -> None:
    begun = party.ask("device")
    prepared.connect(begun["url"])
    assert party.ask("redeem")["email"]
