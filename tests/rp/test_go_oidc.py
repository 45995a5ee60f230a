"""go-oidc with golang.org/x/oauth2: what most programs in Go sign people in with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.counterparts.conversation import Conversation, conversation
from tests.counterparts.product import product_environment
from tests.rp.suite import Prepared
from tests.tools.built import built

pytestmark = [pytest.mark.counterpart]
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


Start = Callable[..., Conversation]


@pytest.fixture
def start(prepared: Prepared, tmp_path: Path) -> Iterator[Start]:
    """Starts the program as a new client."""
    callback = prepared.suite.url("callback")
    with ExitStack() as running:

        def begin(**members: Any) -> Conversation:
            client = prepared.product.management().create_client(callbacks=[callback], **members)
            public = client["token_endpoint_auth_method"] == "none"
            env = product_environment(
                ISSUER=str(prepared.metadata["issuer"]),
                CLIENT_ID=client["client_id"],
                CLIENT_SECRET="" if public else client["client_secret"],
                CALLBACK=callback,
                SSL_CERT_FILE=str(prepared.product.verify),
            )
            return running.enter_context(conversation([built("go-oidc")], log_path=tmp_path / "go.log", env=env))

        yield begin


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_code_flow(prepared: Prepared, start: Start, method: str) -> None:
    party = start(app_type="regular_web", token_endpoint_auth_method=method)
    found = party.ask("finish", url=prepared.arrived(party.ask("begin")["url"]))
    assert found["sub"]
    assert (found["verified"], found["renewed"]) == (True, True)


def test_device_flow(prepared: Prepared, start: Start) -> None:
    """A public client, since x/oauth2 sends no secret when a device begins."""
    party = start(app_type="native", grant_types=[DEVICE])
    prepared.connect(party.ask("device")["url"])
    assert party.ask("redeem")["email"]
