"""Every strategy there is. A new connector is its file and its line here."""

from __future__ import annotations

from connectors.database import DATABASE
from connectors.email_codes import EMAIL
from connectors.entra_id import WAAD
from connectors.google_apps import GOOGLE_APPS
from connectors.ldap.connector import OF_THE_AGENT as LDAP_OF_THE_AGENT
from connectors.ldap.connector import STRATEGY as LDAP
from connectors.not_built import NOT_BUILT
from connectors.oauth2.generic import OAUTH2
from connectors.oidc.connector import OIDC, OKTA
from connectors.saml.strategies import SAML
from connectors.sms_codes import SMS
from connectors.strategy import Strategy

STRATEGIES: dict[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        LDAP,
        LDAP_OF_THE_AGENT,
        OIDC,
        OKTA,
        WAAD,
        GOOGLE_APPS,
        OAUTH2,
        DATABASE,
        EMAIL,
        SMS,
        *NOT_BUILT,
        *SAML,
    )
}
"""By name."""
INSTALLED: Strategy = DATABASE
"""The strategy of the connection that every new tenant has."""
