"""Objects that several documents of the Management API have inside, typed as they are documented
(spec/management-types.tsv; decision 0091).
"""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit.schema import Body

Words = Annotated[str, Meta(max_length=2048)]
Count = Annotated[int, Meta(ge=0, le=2_147_483_647)]


class Quota(Body):
    """How many tokens an hour and a day."""

    enforce: bool | UnsetType | None = UNSET
    per_day: Count | UnsetType | None = UNSET
    per_hour: Count | UnsetType | None = UNSET


class TokenQuota(Body):
    """``token_quota``: of what a client asks for on its own behalf."""

    client_credentials: Quota


class CustomClaim(Body):
    """A claim that an expression makes."""

    name: Annotated[str, Meta(min_length=1, max_length=256)]
    expression: Annotated[str, Meta(max_length=4096)]


class ClaimsMapping(Body):
    """``access_token.claims_mapping``."""

    custom_claims: Annotated[list[CustomClaim], Meta(max_length=200)] | UnsetType | None = UNSET


class AccessToken(Body):
    """``access_token`` of an API, and of the tenant."""

    claims_mapping: ClaimsMapping | UnsetType | None = UNSET
