"""When refresh tokens end: the idle end slides, the absolute one never moves."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from idp.applications.clients.runtime import ClientConfig, ClientData, RefreshTokenConfig
from idp.foundation.tenancy.settings import Compatibility
from idp.protocol.tokens import issuer

NOW_S = 1_800_000_000
NOW = NOW_S * 1000


def client(method: str = "client_secret_post", **refresh: Any) -> ClientConfig:
    config = RefreshTokenConfig(**refresh) if refresh else None
    data = ClientData(token_endpoint_auth_method=method, refresh_token=config)
    return ClientConfig("id", "name", "secret", True, data, Compatibility())


@pytest.mark.parametrize(
    ("refresh", "family", "token"),
    [
        ({"expiration_type": "non-expiring"}, None, None),
        (
            {"expiration_type": "expiring", "token_lifetime": 100, "idle_token_lifetime": 10},
            NOW + 100_000,
            NOW + 10_000,
        ),
        (
            {"expiration_type": "expiring", "token_lifetime": 100, "infinite_idle_token_lifetime": True},
            NOW + 100_000,
            NOW + 100_000,
        ),
        (
            {"expiration_type": "expiring", "infinite_token_lifetime": True, "idle_token_lifetime": 10},
            None,
            NOW + 10_000,
        ),
        ({"expiration_type": "expiring", "token_lifetime": 5, "idle_token_lifetime": 10}, NOW + 5_000, NOW + 5_000),
    ],
)
def test_ends(refresh: dict[str, Any], family: int | None, token: int | None) -> None:
    with time_machine.travel(NOW_S, tick=False):
        made = client(**refresh)
        assert issuer.family_expiry(made) == family
        assert issuer.refresh_expiry(made, family) == token


def test_public_clients_rotate_and_end_unless_they_say_otherwise() -> None:
    public = client("none")
    assert (public.refresh.rotation_type, public.refresh.expiration_type) == ("rotating", "expiring")
    with time_machine.travel(NOW_S, tick=False):
        assert issuer.family_expiry(public) == NOW + 2_592_000_000
    assert client("none", rotation_type="non-rotating").refresh.rotation_type == "non-rotating"
    assert client().refresh.rotation_type == "non-rotating"
