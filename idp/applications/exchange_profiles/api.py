"""``/token-exchange-profiles``."""

from __future__ import annotations

from http import HTTPStatus

from idp.applications.exchange_profiles import service
from idp.applications.exchange_profiles.runtime import KIND
from idp.applications.exchange_profiles.schemas import ProfileCreate, ProfileUpdate, ProfileView
from idp.foundation.apikit import Api, Page, PageRequest, Paging, as_view, changes
from idp.foundation.db import paging
from idp.foundation.kernel import clock
from idp.foundation.kernel.formats import Reference
from idp.foundation.tenancy.models import TenantDocument
from idp.foundation.tenancy.work import Work

api = Api("token-exchange-profiles")


@api.get(
    "/token-exchange-profiles",
    scopes={"read:token_exchange_profiles"},
    paging=Paging.by_checkpoint("token_exchange_profiles"),
    summary="List token exchange profiles",
)
def list_profiles(work: Work, page: PageRequest) -> Page[ProfileView]:
    """Every profile, the oldest first."""
    statement = paging.of_tenant(work.rows, TenantDocument).where(TenantDocument.kind == KIND)
    rows = paging.fetch(work.rows, statement, page, [TenantDocument.created_at, TenantDocument.name])
    return Page.of(rows, map(_view, rows.items))


@api.post(
    "/token-exchange-profiles",
    scopes={"create:token_exchange_profiles"},
    summary="Create a token exchange profile",
)
def create_profile(work: Work, body: ProfileCreate) -> ProfileView:
    """What may be exchanged from now on, by applications that may exchange tokens of that type."""
    return _view(service.create(work, changes(body)))


@api.get(
    "/token-exchange-profiles/{id}", scopes={"read:token_exchange_profiles"}, summary="Get a token exchange profile"
)
def get_profile(work: Work, id: Reference) -> ProfileView:
    """One profile."""
    return _view(service.get(work, id))


@api.patch(
    "/token-exchange-profiles/{id}",
    scopes={"update:token_exchange_profiles"},
    status=HTTPStatus.NO_CONTENT,
    summary="Update a token exchange profile",
)
def update_profile(work: Work, id: Reference, body: ProfileUpdate) -> None:
    """Change it."""
    service.update(work, id, changes(body))


@api.delete(
    "/token-exchange-profiles/{id}",
    scopes={"delete:token_exchange_profiles"},
    summary="Delete a token exchange profile",
)
def delete_profile(work: Work, id: Reference) -> None:
    """Nothing is exchanged for its type any more."""
    service.delete(work, id)


def _view(row: TenantDocument) -> ProfileView:
    members = {name: value for name, value in row.document.items() if value is not None}
    times = {"created_at": clock.iso(row.created_at), "updated_at": clock.iso(row.updated_at)}
    return as_view(ProfileView, {"id": row.name, "type": "custom_authentication", **members, **times})
