"""The options of a WS-Federation connection, under Auth0's names (spec/management-types.tsv, ConnectionOptionsAdfs)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from connectors.saml.options import Certificate, Document, Text, Texts, Url
from connectors.strategy import Options, Sync
from connectors.upstream import PassedOn

Thumbprints = Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=20)] | UnsetType | None


class PassiveOptions(Options, frozen=True, kw_only=True):
    """What a connection takes. docs/connections/ws-federation.md says what each does."""

    adfs_server: Text = UNSET
    fedMetadataXml: Document = UNSET  # noqa: N815 - Auth0's name
    signInEndpoint: Url = UNSET  # noqa: N815
    signingCert: Certificate = UNSET  # noqa: N815
    thumbprints: Thumbprints = UNSET
    prev_thumbprints: Thumbprints = UNSET
    thumbprints_sha384: Thumbprints = UNSET
    entityId: Text = UNSET  # noqa: N815
    user_id_attribute: Text = UNSET
    should_trust_email_verified_connection: (
        Literal["never_set_emails_as_verified", "always_set_emails_as_verified"] | UnsetType | None
    ) = UNSET
    set_user_root_attributes: Sync | UnsetType | None = UNSET
    non_persistent_attrs: Texts = UNSET
    upstream_params: PassedOn = UNSET
    tenant_domain: Text = UNSET
    domain_aliases: Texts = UNSET
    icon_url: Text = UNSET

    def sync(self) -> Sync:
        """See :class:`connectors.strategy.Options`."""
        return self.set_user_root_attributes or "on_each_login"

    def never_stored(self) -> Sequence[str]:
        """See :class:`connectors.strategy.Options`."""
        return self.non_persistent_attrs or ()

    def contradiction(self) -> str | None:
        """See :class:`connectors.strategy.Options`. Documents and certificates are read as they will be."""
        from connectors.saml.passive import sources

        return sources.problem(self)
