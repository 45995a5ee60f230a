"""What the Management API takes and shows of custom domains (spec/management-types.tsv, ``CustomDomain``)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Body, Query, View
from idp.foundation.kernel.secret import ReadableSecret

DomainName = Annotated[str, Meta(min_length=3, max_length=253, description="Domain name")]
IpHeader = Literal["true-client-ip", "cf-connecting-ip", "x-forwarded-for", "x-azure-clientip", ""]
TlsPolicy = Literal["recommended"]
MetadataKey = Annotated[str, Meta(min_length=1, max_length=255)]
MetadataValue = Annotated[str, Meta(max_length=255)]


class DomainCreate(Body, kw_only=True):
    """POST /custom-domains."""

    domain: DomainName
    type: Literal["auth0_managed_certs", "self_managed_certs"]
    verification_method: Literal["txt"] | UnsetType = UNSET
    tls_policy: TlsPolicy | UnsetType = UNSET
    custom_client_ip_header: IpHeader | UnsetType | None = UNSET
    domain_metadata: dict[MetadataKey, MetadataValue] | UnsetType = UNSET
    relying_party_identifier: Annotated[str, Meta(min_length=3, max_length=253)] | UnsetType = UNSET


class DomainUpdate(Body):
    """PATCH /custom-domains/{id}."""

    tls_policy: TlsPolicy | UnsetType = UNSET
    custom_client_ip_header: IpHeader | UnsetType | None = UNSET
    domain_metadata: dict[MetadataKey, MetadataValue | None] | UnsetType = UNSET
    relying_party_identifier: Annotated[str, Meta(max_length=253)] | UnsetType | None = UNSET


class DefaultUpdate(Body, kw_only=True):
    """PATCH /custom-domains/default."""

    domain: DomainName


class DomainList(Query):
    """GET /custom-domains."""

    q: Annotated[str, Meta(max_length=1000)] | UnsetType = UNSET
    sort: Annotated[str, Meta(pattern=r"^(domain|created_at):(1|-1)\Z")] | UnsetType = UNSET


class MethodView(View):
    """A record that proves the domain: ``record`` is the value, ``domain`` where it stands."""

    name: str
    record: str
    domain: str


class VerificationView(View):
    """``verification``."""

    methods: list[MethodView]
    status: str
    error_msg: str | UnsetType = UNSET
    last_verified_at: str | UnsetType = UNSET


class DomainView(View):
    """A custom domain."""

    custom_domain_id: str
    domain: str
    primary: bool
    is_default: bool
    status: str
    type: str
    verification: VerificationView
    created_at: str
    origin_domain_name: str | UnsetType = UNSET
    custom_client_ip_header: str | UnsetType | None = UNSET
    tls_policy: str | UnsetType = UNSET
    domain_metadata: dict[str, str] | UnsetType = UNSET
    relying_party_identifier: str | UnsetType = UNSET
    cname_api_key: ReadableSecret | UnsetType = UNSET


class DefaultView(View):
    """GET and PATCH /custom-domains/default: the domain, of which the tenant's own has a name alone."""

    domain: str
    custom_domain_id: str | UnsetType = UNSET
    primary: bool | UnsetType = UNSET
    is_default: bool | UnsetType = UNSET
    status: str | UnsetType = UNSET
    type: str | UnsetType = UNSET
    verification: VerificationView | UnsetType = UNSET
    created_at: str | UnsetType = UNSET
    origin_domain_name: str | UnsetType = UNSET
    custom_client_ip_header: str | UnsetType | None = UNSET
    tls_policy: str | UnsetType = UNSET
    domain_metadata: dict[str, str] | UnsetType = UNSET
    relying_party_identifier: str | UnsetType = UNSET


class TestView(View):
    """POST /custom-domains/{id}/test."""

    success: bool
    message: str | UnsetType = UNSET
