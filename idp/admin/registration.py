"""Initial access tokens (``/admin/applications/registration``): what applications register themselves with."""

from __future__ import annotations

from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.listing import holds
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Action, Cell, Column, Field, Listing, Resource, Section, Tab
from idp.applications.registration import api as tokens
from idp.applications.registration.models import InitialAccessToken

LISTING = Listing(
    InitialAccessToken,
    InitialAccessToken.id,
    (
        Column("name", lambda row: Cell(row.name)),
        Column("uses_left", lambda row: Cell(f"{row.uses_left} / {row.uses}")),
        Column("created_at", lambda row: Cell(kind="time", at=row.created_at), sort=InitialAccessToken.created_at),
        Column("expires_at", lambda row: Cell(kind="time", at=row.expires_at)),
    ),
    order="-created_at",
    search=lambda text: holds(InitialAccessToken.name, text),
)


def _delete(visit: Visit, there: Object) -> None:
    operations.call(visit.work, tokens.delete_token, there.parameters)


RESOURCES = (
    Resource(
        group="applications",
        name="registration",
        read=tokens.get_token,
        all=tokens.list_tokens,
        create=tokens.create_token,
        remove=tokens.delete_token,
        listing=LISTING,
        title=lambda document: str(document.get("name") or ""),
        creation=(
            Section(
                "new",
                (
                    Field("name", hint=True),
                    Field("uses", hint=True),
                    Field("lifetime_in_seconds", hint=True),
                    Field("redirect_hosts", hint=True),
                ),
            ),
        ),
        tabs=(Tab("details", template="admin/registration/details.html"), raw(), history()),
        actions=(Action("delete", tokens.delete_token, _delete, True, True, True, True),),
        told=("token",),
        aliases=("dynamic client registration", "initial access token", "DCR"),
        api="",
    ),
)
