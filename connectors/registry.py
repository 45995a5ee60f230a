"""Every strategy there is. A new connector is its file and its line here."""

from __future__ import annotations

from connectors.database import DATABASE
from connectors.not_built import NOT_BUILT
from connectors.saml.strategies import SAML
from connectors.strategy import Strategy

STRATEGIES: dict[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        DATABASE,
        *NOT_BUILT,
        *SAML,
    )
}
"""By name."""
INSTALLED: Strategy = DATABASE
"""The strategy of the connection that every new tenant has."""
