"""X over OAuth 1.0a (``protocol`` ``oauth1``), for applications of its older API: the same accounts, the same ids."""

from __future__ import annotations

from typing import Any, ClassVar

from connectors.oauth1.engine import OAuth1Connector
from connectors.oauth2.provider import Fetch, Provider, Setup

SIGNED = Provider(
    name="twitter",
    display_name="X",
    request_token_endpoint="https://api.x.com/oauth/request_token",  # noqa: S106 - an address
    authorization_endpoint="https://api.x.com/oauth/authenticate",
    token_endpoint="https://api.x.com/oauth/access_token",  # noqa: S106 - an address
    setup=Setup(console="", documentation="https://docs.x.com/fundamentals/authentication/oauth-1-0a"),
    id=("id_str", "user_id"),
    profile_from=("token", "userinfo"),
    fetch=(
        Fetch(
            url="https://api.x.com/1.1/account/verify_credentials.json",
            params={"include_email": "true", "skip_status": "true"},
        ),
    ),
    profile={
        "name": "name",
        "nickname": "screen_name",
        "preferred_username": "screen_name",
        "picture": "profile_image_url_https",
        "email": "email",
    },
    email_verified=True,
)
"""Addresses are told only where they were confirmed."""


class SignedConnector(OAuth1Connector):
    """Signs in with X by signed requests."""

    provider: ClassVar[Provider] = SIGNED


def choose(options: Any) -> type[Any] | None:
    """See :attr:`connectors.oauth2.provider.Provider.choose`."""
    return SignedConnector if options.protocol == "oauth1" else None
