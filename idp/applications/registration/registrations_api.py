"""``/registrations``, ours: clients that made themselves known, how, and whether they stay."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Literal

from msgspec import UNSET, UnsetType

from idp.applications.registration import kept, service
from idp.applications.registration.kept import Known
from idp.applications.registration.models import Registration
from idp.foundation.apikit import Api, Page, PageRequest, Paging, View, as_view
from idp.foundation.db import paging
from idp.foundation.kernel import clock
from idp.foundation.kernel.formats import ClientId
from idp.foundation.tenancy.work import Work

api = Api("registrations")


class LetIn(View):
    """The initial access token that a client registered with; without a name once it is gone."""

    id: str
    name: str | UnsetType = UNSET


class Trust(View):
    """A trust chain: its entities from the client to the anchor, and until when it lasts."""

    trust_anchor: str
    path: list[str]
    ends_at: str


class RegistrationView(View):
    """A client that made itself known. ``kind``: by a registration (RFC 7591), by the document at ``document_url``,
    or as the entity ``entity_id`` of a federation, let in by the chain of ``trust``.

    ``removed_after`` is there while nobody uses it or wants it kept. ``metadata`` is what it says of itself,
    ``software_statement`` what an issuer that the tenant trusts said of it.
    """

    client_id: str
    name: str
    kind: Literal["dcr", "cimd", "oidf"]
    is_first_party: bool
    created_at: str
    metadata: dict[str, Any]
    created_by: str | UnsetType = UNSET
    initial_access_token: LetIn | UnsetType = UNSET
    used_at: str | UnsetType = UNSET
    removed_after: str | UnsetType = UNSET
    document_url: str | UnsetType = UNSET
    entity_id: str | UnsetType = UNSET
    trust: Trust | UnsetType = UNSET
    fetched_at: str | UnsetType = UNSET
    fresh_until: str | UnsetType = UNSET
    software_statement: dict[str, Any] | UnsetType = UNSET


@api.get(
    "/registrations",
    scopes={"read:clients"},
    paging=Paging.by_offset("registrations"),
    summary="Get clients that registered themselves",
)
def list_registrations(work: Work, page: PageRequest) -> Page[RegistrationView]:
    """Newest first."""
    statement = paging.of_tenant(work.rows, Registration).where(*kept.mine(work))
    keys = [Registration.created_at, Registration.client_id]
    rows = paging.fetch(work.rows, statement, page, keys, descending=True)
    return Page.of(rows, map(_view, kept.known_of(work, rows.items)))


@api.get("/registrations/{client_id}", scopes={"read:clients"}, summary="Get how a client registered itself")
def get_registration(work: Work, client_id: ClientId) -> RegistrationView:
    """One of them."""
    return _view(kept.get(work, client_id))


@api.post(
    "/registrations/{client_id}/keep",
    scopes={"update:clients"},
    status=HTTPStatus.OK,
    summary="Keep a client that registered itself",
)
def keep_registration(work: Work, client_id: ClientId) -> RegistrationView:
    """It is not removed although nobody has used it yet."""
    return _view(kept.keep(work, client_id))


def _view(found: Known) -> RegistrationView:
    row, client, token = found.row, found.client, found.token
    moments = {
        "used_at": row.used_at,
        "removed_after": found.goes_at,
        "fetched_at": row.fetched_at,
        "fresh_until": row.fresh_until,
    }
    let_in = {"id": row.initial_token_id, **({"name": token.name} if token is not None else {})}
    beside = {
        "created_by": client.data.get("external_metadata_created_by"),
        "initial_access_token": let_in if row.initial_token_id else None,
        "document_url": client.external_client_id if row.kind == service.CIMD else None,
        "entity_id": client.external_client_id if row.kind == service.FEDERATION else None,
        "trust": _trust(row),
        "software_statement": found.statement,
        **{name: clock.iso(at) for name, at in moments.items() if at is not None},
    }
    return as_view(
        RegistrationView,
        {
            "client_id": row.client_id,
            "name": client.name,
            "kind": row.kind,
            "is_first_party": client.is_first_party,
            "created_at": clock.iso(row.created_at),
            "metadata": dict(found.said),
            **{name: value for name, value in beside.items() if value is not None},
        },
    )


def _trust(row: Registration) -> Trust | None:
    said = row.document.get(service.TRUST)
    if said is None:
        return None
    return Trust(trust_anchor=said["anchor"], path=said["path"], ends_at=clock.iso(said["ends_at"]))
