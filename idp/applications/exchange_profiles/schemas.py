"""What the Management API takes and shows of token exchange profiles (spec/management-api.md, "token-exchange")."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.applications.clients.documents import TrustedIssuer
from idp.foundation.apikit import Body, View
from idp.foundation.kernel.formats import whole

Name = Annotated[str, whole("[^<>]+", min_length=3, max_length=50, description="Friendly name of the profile")]
TokenType = Annotated[
    str,
    whole(
        r"(https?|urn):[!-~]+",
        min_length=8,
        max_length=100,
        description="Subject token type, a URI of your own: https://..., http://... or urn:...",
    ),
]
ActionId = Annotated[str, Meta(min_length=1, max_length=36)]


ActorTokenTypes = Annotated[
    list[Annotated[str, whole(r"(https?|urn):[!-~]+", min_length=8, max_length=100)]],
    Meta(
        max_length=10,
        description="Types of actor tokens: those of profiles, or urn:ietf:params:oauth:token-type:access_token",
    ),
]


class ProfileCreate(Body, kw_only=True):
    """POST /token-exchange-profiles. ``validation`` is ours: how a subject token is checked without an action; so is
    ``actor_token_types``: with what somebody else proves that they act for the person.
    """

    name: Name
    subject_token_type: TokenType
    type: Literal["custom_authentication"] = "custom_authentication"
    action_id: ActionId | UnsetType | None = UNSET
    validation: TrustedIssuer | UnsetType | None = UNSET
    actor_token_types: ActorTokenTypes | UnsetType | None = UNSET


class ProfileUpdate(Body):
    """PATCH /token-exchange-profiles/{id}."""

    name: Name | UnsetType = UNSET
    subject_token_type: TokenType | UnsetType = UNSET
    validation: TrustedIssuer | UnsetType | None = UNSET
    actor_token_types: ActorTokenTypes | UnsetType | None = UNSET


class ProfileView(View):
    """A profile."""

    id: str
    name: str
    subject_token_type: str
    type: str
    created_at: str
    updated_at: str
    action_id: str | UnsetType = UNSET
    validation: TrustedIssuer | UnsetType = UNSET
    actor_token_types: list[str] | UnsetType = UNSET
