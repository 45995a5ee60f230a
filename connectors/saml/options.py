"""The options of a SAML connection, under Auth0's names (spec/management-types.tsv, ConnectionOptionsSaml)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from connectors.strategy import HarmlessMap, Options, SecretText, Sync
from connectors.upstream import PassedOn

Text = Annotated[str, Meta(max_length=4096)] | UnsetType | None
Document = Annotated[str, Meta(max_length=1_048_576)] | UnsetType | None
Url = Annotated[str, Meta(max_length=2048, pattern=r"^https?://[^\s]+\Z")] | UnsetType | None
Texts = Annotated[list[Annotated[str, Meta(max_length=2048)]], Meta(max_length=1000)] | UnsetType | None
Certificate = Annotated[str, Meta(max_length=65_536)] | UnsetType | None
Certificates = Annotated[list[Annotated[str, Meta(max_length=65_536)]], Meta(max_length=10)] | UnsetType | None
Flag = bool | UnsetType | None
Names = (
    Annotated[str, Meta(max_length=1024)] | Annotated[list[Annotated[str, Meta(max_length=1024)]], Meta(max_length=50)]
)


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """``signing_key``, and ``decryptionKey`` where it is an object."""

    cert: Certificate = UNSET
    key: SecretText | UnsetType | None = UNSET


class Unsolicited(msgspec.Struct, frozen=True, kw_only=True):
    """``idpinitiated``: where people go who begin at their identity provider."""

    enabled: Flag = UNSET
    client_id: Annotated[str, Meta(max_length=64)] | UnsetType | None = UNSET
    client_protocol: Literal["oidc", "oauth2", "samlp", "wsfed"] | UnsetType | None = UNSET
    client_authorizequery: Text = UNSET


class Decryption(msgspec.Struct, frozen=True, kw_only=True):
    """``assertion_decryption_settings``."""

    algorithm_profile: Literal["v2026-1"] | UnsetType | None = UNSET
    algorithm_exceptions: Texts = UNSET


class SamlOptions(Options, frozen=True, kw_only=True):
    """What a connection takes. docs/connections/saml.md says what each does."""

    signInEndpoint: Url = UNSET  # noqa: N815 - Auth0's name
    signOutEndpoint: Url = UNSET  # noqa: N815
    signingCert: Certificate = UNSET  # noqa: N815
    cert: Certificate = UNSET
    certs: Certificates = UNSET
    metadataUrl: Url = UNSET  # noqa: N815
    metadataXml: Document = UNSET  # noqa: N815
    entityId: Text = UNSET  # noqa: N815
    signSAMLRequest: Flag = UNSET  # noqa: N815
    signatureAlgorithm: Literal["rsa-sha1", "rsa-sha256"] | UnsetType | None = UNSET  # noqa: N815
    digestAlgorithm: Literal["sha1", "sha256"] | UnsetType | None = UNSET  # noqa: N815
    protocolBinding: (  # noqa: N815
        Literal["urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST", "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"]
        | UnsetType
        | None
    ) = UNSET
    deflate: Flag = UNSET
    requestTemplate: Annotated[str, Meta(max_length=10_000)] | UnsetType | None = UNSET  # noqa: N815
    user_id_attribute: Text = UNSET
    fieldsMap: Annotated[dict[Annotated[str, Meta(max_length=256)], Names], Meta(max_length=200)] | UnsetType | None = (  # noqa: N815
        UNSET
    )
    idpinitiated: Unsolicited | UnsetType | None = UNSET
    decryptionKey: SecretText | Pair | UnsetType | None = UNSET  # noqa: N815
    assertion_decryption_settings: Decryption | UnsetType | None = UNSET
    signing_key: Pair | UnsetType | None = UNSET
    destinationUrl: Url = UNSET  # noqa: N815
    recipientUrl: Url = UNSET  # noqa: N815
    disableSignout: Flag = UNSET  # noqa: N815
    debug: Flag = UNSET
    set_user_root_attributes: Sync | UnsetType | None = UNSET
    non_persistent_attrs: Texts = UNSET
    upstream_params: PassedOn = UNSET
    tenant_domain: Text = UNSET
    domain_aliases: Texts = UNSET
    icon_url: Text = UNSET
    thumbprints: Texts = UNSET
    thumbprints_sha384: Texts = UNSET
    discovery_url: Text = UNSET
    oidc_metadata: HarmlessMap = UNSET
    global_token_revocation_jwt_iss: Text = UNSET
    global_token_revocation_jwt_sub: Text = UNSET
    pingFederateBaseUrl: Url = UNSET  # noqa: N815

    def sync(self) -> Sync:
        """See :class:`connectors.strategy.Options`."""
        return self.set_user_root_attributes or "on_each_login"

    def never_stored(self) -> Sequence[str]:
        """See :class:`connectors.strategy.Options`."""
        return self.non_persistent_attrs or ()

    def contradiction(self) -> str | None:
        """See :class:`connectors.strategy.Options`. Certificates, keys and documents are read as they will be."""
        from connectors.saml import checks

        return checks.problem(self)


def given(value: Any) -> Any:
    """What was configured, None where nothing was."""
    return None if value is UNSET else value
