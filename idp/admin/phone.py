"""Who sends the tenant's text messages (``/admin/branding/phone``): the provider, its account, and a message to try
it. There is one at most, so that its page takes the place of a list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from idp.admin.desk import creation, operations
from idp.admin.desk.doing import by, texted
from idp.admin.desk.frame import Moved, Shown, Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.lists import object_path
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Action, Cell, Document, Field, Resource, Section, Tab
from idp.signin.passwordless import api as trials
from idp.tenant.phone import api as phone

NAME, METHODS = "name", "configuration.delivery_methods"
BEGUN = {NAME: "twilio", METHODS: "text"}
"""What a new one begins with."""
ACCOUNT = (
    Field("configuration.sid", hint=True, careful=True, fresh=True),
    Field("credentials.auth_token", fresh=True),
    Field("configuration.default_from", hint=True),
    Field("configuration.mssid", hint=True),
    Field(METHODS, hint=True),
)
SETTINGS = (
    Section("sender", (Field(NAME, "radio"), Field("disabled", hint=True))),
    Section("account", ACCOUNT),
)
NEW = (Section("new", (Field(NAME, "radio"),)), Section("account", ACCOUNT))


def _page(visit: Visit, resource: Resource) -> Shown | Moved:
    """The one that there is, or the form that makes it."""
    found: Any = operations.call(visit.work, phone.list_providers)
    there = next(iter(found["providers"]), None)
    if there is not None:
        return Moved(visit.href(object_path(resource, str(there["id"])), done=visit.query.get("done")))
    if not operations.may(visit.work, phone.create_provider):
        return Shown(
            "admin/phone/nothing.html",
            visit.texts.t("phone.title"),
            {"resource": resource},
            current=f"{resource.group}/{resource.name}",
        )
    return creation.new_page(visit, resource, None if visit.kept else BEGUN)


def _suggest(_visit: Visit, _text: str, _most: int) -> Sequence[tuple[str, str]]:
    """The page itself is found by its name."""
    return ()


def _title(document: Document) -> str:
    return str(document.get(NAME) or "").capitalize()


def _state(document: Document) -> Cell:
    return Cell("off", good=False) if document.get("disabled") else Cell("on", good=True)


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    sends = there.document.get(NAME) == "twilio"
    return {"may_try": sends and operations.may(visit.work, trials.try_provider), "sends": sends}


RESOURCES = (
    Resource(
        group="branding",
        name="phone",
        read=phone.get_provider,
        all=phone.list_providers,
        create=phone.create_provider,
        update=phone.update_provider,
        remove=phone.delete_provider,
        page=_page,
        suggest=_suggest,
        title=_title,
        state=_state,
        creation=NEW,
        preset=lambda _members: {"credentials": {}},
        tabs=(
            Tab("settings", SETTINGS, "admin/phone/provider.html", _view),
            raw(),
            history(),
        ),
        actions=(
            Action("try", trials.try_provider, by(trials.try_provider, texted), tab="settings"),
            Action("delete", phone.delete_provider, by(phone.delete_provider), confirm=True, fresh=True, danger=True),
        ),
        whole=("configuration",),
        aliases=("Phone Provider", "Twilio", "SMS", "text messages"),
        api="branding.phone.providers",
    ),
)
