"""What the Management API takes and shows of registrations."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from idp.applications.clients.schemas import GrantType
from idp.foundation.apikit import Body, View
from idp.foundation.kernel.secret import ReadableSecret
from idp.tenant.settings.schemas import Hosts

LONGEST_S = 31_536_000


class InitialTokenCreate(Body):
    """POST /initial-access-tokens. ``grant_types`` and ``redirect_hosts`` take the place of the tenant's."""

    name: Annotated[str, Meta(min_length=1, max_length=255)]
    uses: Annotated[int, Meta(ge=1, le=10_000, description="Clients that may register with it")] = 1
    lifetime_in_seconds: Annotated[int, Meta(ge=60, le=LONGEST_S)] = 86_400
    grant_types: Annotated[list[GrantType], Meta(min_length=1, max_length=20)] | UnsetType = UNSET
    redirect_hosts: Hosts | UnsetType = UNSET


class InitialTokenView(View):
    """An initial access token. The token itself is told by the answer that makes it, and by no other."""

    id: str
    name: str
    uses: int
    uses_left: int
    created_at: str
    expires_at: str
    grant_types: list[str] | UnsetType = UNSET
    redirect_hosts: list[str] | UnsetType = UNSET


class InitialTokenMade(InitialTokenView, kw_only=True):
    """A new one."""

    token: ReadableSecret
