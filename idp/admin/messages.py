"""What text messages say (``/admin/branding/messages``): every kind with its state, its words with a preview, a
message to try them, and the way back to ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from idp.admin.desk import operations
from idp.admin.desk.doing import by, texted
from idp.admin.desk.frame import Shown, Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.kinds_page import OFF, ON, OURS, Line, shown
from idp.admin.desk.lists import object_path
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Action, Cell, Document, Field, Resource, Section, Tab
from idp.foundation.tenancy import documents
from idp.signin.passwordless import api as trials
from idp.tenant.phone import api as phone
from idp.tenant.phone import runtime

TEXT, VOICE, KIND = "content.body.text", "content.body.voice", "type"
WORDS = (Field(TEXT, "source", hint=True), Field(VOICE, "source", hint=True), Field("content.from", hint=True))
SETTINGS = (Section("words", (Field("disabled", hint=True), *WORDS)),)


def _page(visit: Visit, resource: Resource) -> Shown:
    """Every kind: there are as many as there are."""
    kept = {row.document["type"]: row for row in documents.every(visit.work, runtime.TEMPLATE)}
    lines = []
    for kind, words in runtime.WORDS.items():
        row, title = kept.get(kind), visit.texts.t(f"messages.kind.{kind}")
        if row is None:
            begun = {KIND: kind, TEXT: words, VOICE: words}
            href = visit.href(f"{resource.path}/new", **begun) if operations.may(visit.work, resource.create) else ""
            lines.append(Line(title, kind, href, Cell(OURS)))
        else:
            href = visit.href(object_path(resource, row.name))
            lines.append(Line(title, kind, href, _state_of(row.document), row.updated_at))
    return shown(visit, resource, lines)


def _suggest(visit: Visit, text: str, most: int) -> Sequence[tuple[str, str]]:
    """Those that somebody has set, by what they are called."""
    rows = documents.every(visit.work, runtime.TEMPLATE)
    known = ((row.name, row.document["type"], visit.texts.t(f"messages.kind.{row.document['type']}")) for row in rows)
    return [(name, title) for name, kind, title in known if text.lower() in f"{kind}\0{title}".lower()][:most]


def _state_of(document: Document) -> Cell:
    return Cell(OFF, good=False) if document.get("disabled") else Cell(ON, good=True)


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    return {
        "frame": visit.href(there.path("preview")),
        "variables": [
            (f"{{{{ {name} }}}}", value)
            for name, value in (
                ("code", runtime.EXAMPLE["code"]),
                ("friendly_name", visit.work.config.friendly_name),
                ("application.name", runtime.EXAMPLE["application"]["name"]),
                ("locale", runtime.EXAMPLE["locale"]),
                ("tenant", visit.work.tenant_id),
            )
        ],
        "may_try": operations.may(visit.work, trials.try_template),
    }


RESOURCES = (
    Resource(
        group="branding",
        name="messages",
        read=phone.get_template,
        all=phone.list_templates,
        create=phone.create_template,
        update=phone.update_template,
        remove=phone.delete_template,
        page=_page,
        suggest=_suggest,
        title=lambda document: str(document[KIND]),
        state=_state_of,
        creation=(Section("new", (Field(KIND, "choice"), *WORDS)),),
        tabs=(
            Tab("template", SETTINGS, "admin/messages/template.html", _view, framed=True),
            raw(),
            history(),
        ),
        actions=(
            Action("try", trials.try_template, by(trials.try_template, texted), tab="template"),
            Action("reset", phone.reset_template, by(phone.reset_template), confirm=True, danger=True),
            Action("delete", phone.delete_template, by(phone.delete_template), confirm=True, danger=True),
        ),
        aliases=("Phone Templates", "SMS template", "notification templates", "text messages"),
        api="branding.phone.templates",
    ),
)
