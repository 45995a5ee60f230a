"""Microsoft Entra ID over WS-Federation (``waad_protocol``): the token service of one directory, whose metadata name
it. Its keys sign for every directory there is, so the issuer decides (security.md SA5).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
from msgspec import UNSET

from connectors.contract import ConnectorContext
from connectors.saml.passive.connector import PassiveConnector
from connectors.saml.passive.options import PassiveOptions

PASSIVE = "ws-federation"
METADATA = "https://login.microsoftonline.com/{directory}/federationmetadata/2007-06/federationmetadata.xml"
OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
_SAME = (
    "domain_aliases",
    "icon_url",
    "non_persistent_attrs",
    "set_user_root_attributes",
    "tenant_domain",
    "thumbprints",
    "thumbprints_sha384",
    "upstream_params",
)


class EntraPassive(PassiveConnector):
    """The connector of WS-Federation, its options made of those of the directory."""

    def __init__(self, context: ConnectorContext) -> None:
        super().__init__(replace(context, options=passive(context.options)))


def passive(options: Any) -> PassiveOptions:
    """What the directory's options mean to WS-Federation. The realm is ``app_id`` (the application's ID URI), else its
    client id as Microsoft writes it for a realm.
    """
    directory = options.tenantId or options.tenant_domain or ""
    verified = getattr(options, "should_trust_email_verified_connection", UNSET)
    return PassiveOptions(
        **{name: msgspec.to_builtins(getattr(options, name)) for name in _SAME if getattr(options, name) is not UNSET},
        adfs_server=METADATA.replace("{directory}", directory),
        entityId=options.app_id or f"spn:{options.client_id or ''}",
        user_id_attribute=OBJECT_ID if options.userid_attribute == "oid" else UNSET,
        should_trust_email_verified_connection=verified if verified in _WORDS else UNSET,
    )


_WORDS = frozenset({"never_set_emails_as_verified", "always_set_emails_as_verified"})


def choose(options: Any) -> type[Any] | None:
    """See :attr:`connectors.oauth2.provider.Provider.choose`."""
    return EntraPassive if options.waad_protocol == PASSIVE or options.use_wsfed is True else None
