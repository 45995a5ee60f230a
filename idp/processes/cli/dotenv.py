"""The ``.env`` of an application: the names under which SDKs look for their settings."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from idp.applications.clients import stored

if TYPE_CHECKING:
    from idp.applications.clients.models import Client
    from idp.foundation.tenancy.work import Work

_COOKIE_SECRET_BYTES = 32


def dotenv(work: Work, row: Client) -> str:
    """The lines. What an application signs its own cookies with (``SECRET``, ``AUTH0_SECRET``) is made up each time,
    and known to it alone.
    """
    config, data = work.config, row.data
    app_type, callbacks = data.get("app_type"), data.get("callbacks") or []
    issuer, domain = config.url, urlsplit(config.url).netloc
    public = data.get("token_endpoint_auth_method") == "none"
    secret = None if public else stored.secret(work, row.client_id, row.secret_sealed)
    lines = {
        "AUTH0_DOMAIN": domain,
        "AUTH0_CLIENT_ID": row.client_id,
        "AUTH0_CLIENT_SECRET": secret,
        "AUTH0_ISSUER_BASE_URL": issuer.rstrip("/"),
        "ISSUER_BASE_URL": issuer.rstrip("/"),
        "CLIENT_ID": row.client_id,
        "CLIENT_SECRET": secret,
        "OIDC_ISSUER": issuer,
        "OIDC_DISCOVERY_URL": f"{issuer}.well-known/openid-configuration",
        "OIDC_CLIENT_ID": row.client_id,
        "OIDC_CLIENT_SECRET": secret,
    }
    if app_type == "non_interactive":
        lines["AUTH0_AUDIENCE"] = config.management_audience
    if callbacks:
        base = _base(callbacks[0])
        lines |= {
            "AUTH0_CALLBACK_URL": callbacks[0],
            "OIDC_REDIRECT_URI": callbacks[0],
            "APP_BASE_URL": base,
            "BASE_URL": base,
            "PORT": str(urlsplit(base).port or "") or None,
        }
    if callbacks and secret is not None:
        cookie_secret = secrets.token_hex(_COOKIE_SECRET_BYTES)
        lines |= {"SECRET": cookie_secret, "AUTH0_SECRET": cookie_secret, "APP_SECRET_KEY": cookie_secret}
    if app_type == "spa":
        lines |= {"VITE_AUTH0_DOMAIN": issuer.rstrip("/"), "VITE_AUTH0_CLIENT_ID": row.client_id}
    return "\n".join(f"{name}={value}" for name, value in lines.items() if value is not None)


def _base(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
