"""The objects inside a tenant's settings, typed as they are documented (spec/management-types.tsv,
``TenantSettings...``; decision 0091).
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from idp.foundation.apikit import Body
from idp.foundation.apikit.documents import Count, TokenQuota, Words
from idp.foundation.kernel.secret import HarmlessDocument


class DeviceFlow(Body):
    """``device_flow``: how user codes look; whether there are any, and how long they are good for, are ours."""

    enabled: bool | UnsetType | None = UNSET
    lifetime_in_seconds: Annotated[int, Meta(ge=60, le=1_800)] | UnsetType | None = UNSET
    charset: Literal["base20", "digits"] | UnsetType | None = UNSET
    mask: Annotated[str, Meta(max_length=20)] | UnsetType | None = UNSET


class TokenQuotas(Body):
    """``default_token_quota``."""

    clients: TokenQuota | UnsetType | None = UNSET
    organizations: TokenQuota | UnsetType | None = UNSET


class CspReporting(Body):
    """Where browsers report what a policy stopped."""

    report_to_group: Words | UnsetType | None = UNSET
    report_uri: Words | UnsetType | None = UNSET


class CspPolicy(Body):
    """A policy of ``content_security_policy``."""

    mode: Literal["enforcing", "reporting"] | UnsetType | None = UNSET
    directives: dict[Words, Annotated[list[Words], Meta(max_length=200)]] | UnsetType | None = UNSET
    flags: list[Literal["upgrade-insecure-requests", "block-all-mixed-content"]] | UnsetType | None = UNSET
    reporting: CspReporting | UnsetType | None = UNSET


class ReportEndpoint(Body):
    """An address that reports go to."""

    url: Words | UnsetType | None = UNSET


class ReportTo(Body):
    """A group of addresses."""

    group: Words | UnsetType | None = UNSET
    max_age: Count | UnsetType | None = UNSET
    endpoints: Annotated[list[ReportEndpoint], Meta(max_length=50)] | UnsetType | None = UNSET


class CspInfrastructure(Body):
    """``reporting_infrastructure``."""

    report_to: ReportTo | UnsetType | None = UNSET
    reporting_endpoints: dict[Words, Words] | UnsetType | None = UNSET


class ContentSecurityPolicy(Body):
    """``security_headers.content_security_policy``."""

    enabled: bool | UnsetType | None = UNSET
    policies: Annotated[list[CspPolicy], Meta(max_length=20)] | UnsetType | None = UNSET
    reporting_infrastructure: CspInfrastructure | UnsetType | None = UNSET


class XssProtection(Body):
    """``security_headers.x_xss_protection``."""

    enabled: bool | UnsetType | None = UNSET
    mode: Literal["block"] | UnsetType | None = UNSET
    report_uri: Words | UnsetType | None = UNSET


class SecurityHeaders(Body):
    """``security_headers``."""

    content_security_policy: ContentSecurityPolicy | UnsetType | None = UNSET
    x_xss_protection: XssProtection | UnsetType | None = UNSET


class Colors(Body):
    """``universal_login.colors``; a background is a colour or a gradient."""

    primary: Words | UnsetType | None = UNSET
    page_background: Words | HarmlessDocument | UnsetType | None = UNSET


class UniversalLogin(Body):
    """``universal_login``."""

    colors: Colors | UnsetType | None = UNSET


class Mtls(Body):
    """``mtls``."""

    enable_endpoint_aliases: bool | UnsetType | None = UNSET


class KeySet(Body):
    """Public keys, as RFC 7517 5 writes a set."""

    keys: Annotated[list[HarmlessDocument], Meta(min_length=1, max_length=20)]


class CountryCodes(Body):
    """``country_codes``: of telephone numbers."""

    codes: Annotated[list[Annotated[str, Meta(max_length=8)]], Meta(max_length=300)] | UnsetType | None = field(
        default=UNSET, name="list"
    )
    mode: Literal["allow", "deny"] | UnsetType | None = UNSET
