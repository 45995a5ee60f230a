"""The one ordered list of features. What each brings along stands in its ``feature.py``; every process reads it."""

from __future__ import annotations

from idp.account.feature import FEATURE as ACCOUNT
from idp.admin.feature import FEATURE as ADMIN
from idp.applications.clients.feature import FEATURE as CLIENTS
from idp.applications.exchange_profiles.feature import FEATURE as EXCHANGE_PROFILES
from idp.applications.federation.feature import FEATURE as FEDERATION
from idp.applications.registration.feature import FEATURE as REGISTRATION
from idp.applications.resource_servers.feature import FEATURE as RESOURCE_SERVERS
from idp.directory.authorization.feature import FEATURE as AUTHORIZATION
from idp.directory.bulk.feature import FEATURE as BULK
from idp.directory.connections.feature import FEATURE as CONNECTIONS
from idp.directory.privacy.feature import FEATURE as PRIVACY
from idp.directory.provisioning.feature import FEATURE as PROVISIONING
from idp.directory.roles.feature import FEATURE as ROLES
from idp.directory.users.feature import FEATURE as USERS
from idp.foundation.feature import Feature
from idp.foundation.features import EPHEMERAL, QUEUE, WEB
from idp.management.feature import FEATURE as MANAGEMENT
from idp.operations.dev.feature import FEATURE as DEV
from idp.operations.health.feature import FEATURE as HEALTH
from idp.operations.installation.feature import FEATURE as INSTALLATION
from idp.protocol.authentication.feature import FEATURE as AUTHENTICATION
from idp.protocol.impersonation.feature import FEATURE as IMPERSONATION
from idp.protocol.oauth.feature import FEATURE as OAUTH
from idp.protocol.saml.feature import FEATURE as SAML
from idp.protocol.signals.feature import FEATURE as SIGNALS
from idp.protocol.tokens.feature import FEATURE as TOKENS
from idp.protocol.wsfed.feature import FEATURE as WSFED
from idp.signin.attack_protection.feature import FEATURE as ATTACK_PROTECTION
from idp.signin.factors.feature import FEATURE as FACTORS
from idp.signin.invitations.feature import FEATURE as INVITATIONS
from idp.signin.linking.feature import FEATURE as LINKING
from idp.signin.login.feature import FEATURE as LOGIN
from idp.signin.passkeys.feature import FEATURE as PASSKEYS
from idp.signin.passwordless.feature import FEATURE as PASSWORDLESS
from idp.signin.self_service.feature import FEATURE as SELF_SERVICE
from idp.signin.sessions.feature import FEATURE as SESSIONS
from idp.signin.tickets.feature import FEATURE as TICKETS
from idp.signin.user_grants.feature import FEATURE as USER_GRANTS
from idp.tenant.appearance.feature import FEATURE as APPEARANCE
from idp.tenant.audit.feature import FEATURE as AUDIT
from idp.tenant.domains.feature import FEATURE as DOMAINS
from idp.tenant.keys.feature import FEATURE as KEYS
from idp.tenant.mail.feature import FEATURE as MAIL
from idp.tenant.members.feature import FEATURE as MEMBERS
from idp.tenant.phone.feature import FEATURE as PHONE
from idp.tenant.settings.feature import FEATURE as TENANT_SETTINGS

FEATURES: tuple[Feature, ...] = (
    WEB,
    EPHEMERAL,
    QUEUE,
    TENANT_SETTINGS,
    KEYS,
    AUDIT,
    MAIL,
    MEMBERS,
    APPEARANCE,
    DOMAINS,
    PHONE,
    RESOURCE_SERVERS,
    CLIENTS,
    EXCHANGE_PROFILES,
    REGISTRATION,
    FEDERATION,
    CONNECTIONS,
    USERS,
    ROLES,
    AUTHORIZATION,
    PROVISIONING,
    PRIVACY,
    BULK,
    SESSIONS,
    TICKETS,
    ATTACK_PROTECTION,
    USER_GRANTS,
    FACTORS,
    PASSKEYS,
    PASSWORDLESS,
    INVITATIONS,
    LINKING,
    SELF_SERVICE,
    LOGIN,
    TOKENS,
    OAUTH,
    SIGNALS,
    AUTHENTICATION,
    IMPERSONATION,
    SAML,
    WSFED,
    MANAGEMENT,
    ACCOUNT,
    ADMIN,
    HEALTH,
    INSTALLATION,
    DEV,
)
"""From the bottom up: reactions run in this order."""
