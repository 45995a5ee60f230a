"""The strategies that speak SAML 2.0."""

from __future__ import annotations

from connectors.saml.connector import SamlConnector
from connectors.saml.options import SamlOptions
from connectors.strategy import Strategy

SAML: tuple[Strategy, ...] = tuple(
    Strategy(
        name=name,
        page="saml.md",
        kind="enterprise",
        amr="fed",
        options=SamlOptions,
        open=SamlConnector,
        display_name="",
        ids_by_connection=True,
        key_algorithms=("RS256",),
    )
    for name in ("samlp", "pingfederate")
)
"""By the names under which Auth0 has them."""
