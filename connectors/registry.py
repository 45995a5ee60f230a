"""Every strategy there is. A new connector is its file and its line here, a social provider its file alone;
those of other people install as packages.
"""

from __future__ import annotations

from connectors import plugins
from connectors.database import DATABASE
from connectors.email_codes import EMAIL
from connectors.known import Known
from connectors.ldap.connector import OF_THE_AGENT as LDAP_OF_THE_AGENT
from connectors.ldap.connector import STRATEGY as LDAP
from connectors.networks import NETWORK
from connectors.not_built import NOT_BUILT
from connectors.oauth1.generic import OAUTH1
from connectors.oauth2.generic import OAUTH2
from connectors.oidc.connector import AUTH0, OIDC, OKTA
from connectors.saml.passive.connector import ADFS
from connectors.saml.strategies import SAML
from connectors.sms_codes import SMS
from connectors.social import providers
from connectors.strategy import Strategy

STRATEGIES = Known(
    (
        LDAP,
        LDAP_OF_THE_AGENT,
        OIDC,
        OKTA,
        AUTH0,
        OAUTH1,
        OAUTH2,
        DATABASE,
        EMAIL,
        SMS,
        NETWORK,
        *NOT_BUILT,
        *SAML,
        ADFS,
    ),
    providers.names(),
    providers.strategy,
)
"""By name."""
for _strategy in plugins.found(STRATEGIES):
    STRATEGIES[_strategy.name] = _strategy
TEXT_MESSAGES: Strategy = SMS
"""The strategy that reads telephone numbers and sends text messages where no connection is meant."""
INSTALLED: Strategy = DATABASE
"""The strategy of the connection that every new tenant has."""
