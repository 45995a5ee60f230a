"""Deliveries (``/admin/branding/deliveries``): what became of mails and text messages, and another try for a mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from idp.admin import navigation
from idp.admin.desk import operations
from idp.admin.desk.doing import by
from idp.admin.desk.frame import Visit
from idp.admin.desk.lists import object_path
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Action, Cell, Column, Document, Filter, Listing, Resource, Tab
from idp.tenant.mail import deliveries
from idp.tenant.mail import deliveries_api as api
from idp.tenant.mail.models import Delivery

PATH = "/admin/branding/deliveries"
TRIALS = ("trial", "none")
GOOD: Mapping[str, bool] = {deliveries.SENT: True, deliveries.FAILED: False, deliveries.RETRYING: False}


def of_user(visit: Visit, user_id: str) -> str:
    """Where what somebody was sent is listed; nothing for whoever may not see it."""
    return visit.href(PATH, q=user_id) if operations.may(visit.work, api.list_deliveries) else ""


def _search(text: str) -> Any:
    """Exactly that person, or exactly that address or number: each is found by an index."""
    return Delivery.user_id == text if "|" in text else Delivery.recipient == text.lower()


def _is(value: str) -> Any:
    trial = Delivery.task_id == deliveries.NO_TASK
    return trial if value == TRIALS[0] else ~trial


def _suggest(_visit: Visit, _text: str, _most: int) -> Sequence[tuple[str, str]]:
    """The palette leads to people, not to everything that they were sent."""
    return ()


def _state(state: str) -> Cell:
    return Cell(state, "state", good=GOOD.get(state))


def _details(visit: Visit, there: Object) -> Mapping[str, Any]:
    person = str(there.document.get("user_id") or "")
    people = navigation.named("users")
    sees = person and people is not None and operations.may(visit.work, people.read)
    href = visit.href(object_path(people, person)) if people is not None and sees else ""
    return {"document": there.document, "person": href, "problem": ""}


def _can_go_again(document: Document) -> bool:
    return deliveries.may_be_retried(str(document["channel"]), str(document["state"]), bool(document["trial"]))


RESOURCES = (
    Resource(
        group="branding",
        name="deliveries",
        read=api.get_delivery,
        all=api.list_deliveries,
        title=lambda document: str(document["recipient"]),
        state=lambda document: _state(str(document["state"])),
        listing=Listing(
            Delivery,
            Delivery.id,
            (
                Column("recipient", lambda row: Cell(row.recipient)),
                Column("template", lambda row: Cell(row.template, "tag")),
                Column("state", lambda row: _state(row.state)),
                Column("trial", lambda row: Cell("trial" if deliveries.is_trial(row) else "", "tag")),
                Column("reason", lambda row: Cell(row.reason or "")),
                Column("channel", lambda row: Cell(row.channel, "tag")),
                Column("attempts", lambda row: Cell(str(row.attempts), "number"), optional=True),
                Column("user_id", lambda row: Cell(row.user_id or "", "code"), optional=True),
                Column("created_at", lambda row: Cell(kind="time", at=row.created_at), sort=Delivery.id),
            ),
            order="-created_at",
            to_the_minute=True,
            filters=(
                Filter("state", deliveries.STATES, lambda value: Delivery.state == value),
                Filter("trial", TRIALS, _is),
            ),
            search=_search,
            title="recipient",
        ),
        suggest=_suggest,
        tabs=(Tab("details", template="admin/deliveries/details.html", view=_details), raw()),
        actions=(Action("retry", api.retry_delivery, by(api.retry_delivery), first=True, when=_can_go_again),),
        aliases=("delivery log", "email log", "sent mails", "sms log", "bounces"),
        api="",
    ),
)
