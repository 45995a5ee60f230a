"""``/deliveries`` (ours): what became of mails and text messages."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Api, Page, PageRequest, Paging, Query, View
from idp.foundation.db import paging
from idp.foundation.kernel import clock
from idp.foundation.kernel.formats import Reference
from idp.foundation.tenancy.work import Work
from idp.tenant.mail import deliveries
from idp.tenant.mail.models import Delivery

api = Api("deliveries")
LOOK = frozenset({"read:logs", "read:logs_users"})
MOST_COUNTED = 10_000
Channel = Literal["email", "sms", "voice"]
State = Literal["queued", "retrying", "sent", "failed"]


class DeliveryList(Query):
    """GET /deliveries."""

    state: State | UnsetType = UNSET
    recipient: Annotated[str, Meta(max_length=300)] | UnsetType = UNSET
    user_id: Annotated[str, Meta(max_length=300)] | UnsetType = UNSET
    trial: bool | UnsetType = UNSET


class DeliveryView(View):
    """What became of a message. ``reason`` is why the last attempt did not work, in the words of whoever sends. A
    ``trial`` is one that an administrator had sent to see what arrives.
    """

    id: str
    channel: Channel
    template: str
    recipient: str
    user_id: str | None
    state: State
    trial: bool
    attempts: int
    reason: str | None
    created_at: str
    changed_at: str


@api.get(
    "/deliveries", scopes=LOOK, paging=Paging.by_offset("deliveries"), summary="Get deliveries of mails and messages"
)
def list_deliveries(work: Work, query: DeliveryList, page: PageRequest) -> Page[DeliveryView]:
    """The newest first."""
    recipient = query.recipient if query.recipient is UNSET else query.recipient.strip().lower()
    statement = paging.narrowed(
        paging.of_tenant(work.rows, Delivery),
        (Delivery.state, query.state),
        (Delivery.recipient, recipient),
        (Delivery.user_id, query.user_id),
    )
    if query.trial is not UNSET:
        none = Delivery.task_id == deliveries.NO_TASK
        statement = statement.where(none if query.trial else ~none)
    rows = paging.fetch(work.rows, statement, page, [Delivery.id], descending=True, count_at_most=MOST_COUNTED)
    return Page.of(rows, map(view, rows.items))


@api.get("/deliveries/{id}", scopes=LOOK, summary="Get a delivery")
def get_delivery(work: Work, id: Reference) -> DeliveryView:
    """One of them."""
    return view(deliveries.get(work, id))


@api.post(
    "/deliveries/{id}/retry",
    scopes={"update:users"},
    status=HTTPStatus.ACCEPTED,
    summary="Send a mail again that could not be sent",
)
def retry_delivery(work: Work, id: Reference) -> DeliveryView:
    """It is the next to be sent. Text messages are not: what they say is dead by then."""
    return view(deliveries.again(work, id))


def view(row: Delivery) -> DeliveryView:
    """A row as the API shows it."""
    return DeliveryView(
        id=row.id,
        channel=row.channel,  # type: ignore[arg-type] # one of those by whoever made it
        template=row.template,
        recipient=row.recipient,
        user_id=row.user_id,
        state=row.state,  # type: ignore[arg-type]
        trial=deliveries.is_trial(row),
        attempts=row.attempts,
        reason=row.reason,
        created_at=clock.iso(row.created_at),
        changed_at=clock.iso(row.changed_at),
    )
