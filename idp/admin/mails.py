"""The tenant's own mails (``/admin/branding/mails``): every mail with its state, the editor with a preview, the names
that a template may use, a test, and the way back to ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from idp.admin.desk import operations
from idp.admin.desk.doing import by, mailed
from idp.admin.desk.frame import Shown, Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.kinds_page import OFF, ON, OURS, Line, shown
from idp.admin.desk.lists import object_path
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Absent, Action, Cell, Document, Field, Resource, Section, Tab
from idp.foundation.tenancy import documents
from idp.foundation.web.i18n import autonym, language_of
from idp.tenant.mail import api as mail
from idp.tenant.mail import templates, trial

WITHOUT_LINK = frozenset(
    {"verify_email_by_code", "auth_email_by_code", "reset_email_by_code", "mfa_oob_code", "welcome_email"}
)
"""Mails that carry a code, or nothing to follow."""
LINK = Section(
    "link",
    (
        Field("urlLifetimeInSeconds", hint=True),
        Field("resultUrl", hint=True),
        Field("includeEmailInRedirect"),
    ),
)
WORDS = Section(
    "words",
    (
        Field("template", "hidden"),
        Field("enabled", hint=True),
        Field("subject", hint=True),
        Field("from", hint=True),
        Field("body", "source", hint=True),
        Field("syntax", "hidden"),
    ),
)


def _page(visit: Visit, resource: Resource) -> Shown:
    """Every mail: there are as many as there are."""
    kept = {row.name: row for row in documents.every(visit.work, templates.KIND)}
    lines = [
        Line(
            visit.texts.t(f"mails.kind.{name}"),
            name,
            visit.href(object_path(resource, name)),
            _state_of(kept[name].document) if name in kept else Cell(OURS),
            kept[name].updated_at if name in kept else None,
        )
        for name in templates.NAMES
    ]
    return shown(visit, resource, lines)


def _suggest(visit: Visit, text: str, most: int) -> Sequence[tuple[str, str]]:
    """Mails by what they are called, or by their names in the API."""
    known = ((name, visit.texts.t(f"mails.kind.{name}")) for name in templates.NAMES)
    return [pair for pair in known if any(text.lower() in each.lower() for each in pair)][:most]


def _state_of(document: Document) -> Cell:
    return Cell(ON, good=True) if document.get("enabled") else Cell(OFF, good=False)


def _absent(visit: Visit, name: str) -> Document:
    """Ours, as a template says it: where somebody begins."""
    ours = trial.source(visit.work, name, visit.work.config.settings.enabled_locales[0])
    begun = {"template": name, "syntax": "liquid", "enabled": True, "subject": ours.subject, "body": ours.html}
    return {**begun, OURS: True}


def _sections(document: Document) -> Sequence[Section]:
    return (WORDS,) if document.get("template") in WITHOUT_LINK else (WORDS, LINK)


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    locales = visit.work.config.settings.enabled_locales
    language = visit.query.get("lang", "")
    return {
        "state_of": Cell(OURS) if there.missing else _state_of(there.document),
        "frame": visit.href(there.path("preview"), lang=language if language in locales else visit.texts.locale),
        "languages": [(each, autonym(language_of(each))) for each in locales],
        "language": language if language in locales else visit.texts.locale,
        "variables": list(_variables(trial.values(visit.work, there.id, "jane@example.com"))),
        "may_try": operations.may(visit.work, mail.try_template),
        "may_reset": not there.missing and operations.may(visit.work, mail.delete_template),
        "own": visit.member.session.email or "",
    }


def _variables(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Names that a template may use, with what they stand for in the preview."""
    for name, value in sorted(values.items()):
        if isinstance(value, Mapping):
            yield from _variables(value, f"{above}{name}.")
        else:
            said = str(value).lower() if isinstance(value, bool) else str(value or "")
            yield f"{{{{ {above}{name} }}}}", said


def _is_own(document: Document) -> bool:
    return not document.get(OURS)


RESOURCES = (
    Resource(
        group="branding",
        name="mails",
        read=mail.get_template,
        update=mail.set_template,
        parameter="template_name",
        identifier="template",
        title=lambda document: str(document["template"]),
        page=_page,
        suggest=_suggest,
        absent=Absent(_absent),
        tabs=(
            Tab(
                "template",
                template="admin/mails/template.html",
                view=_view,
                made_of=_sections,
                may_be=lambda: (WORDS, LINK),
                framed=True,
            ),
            replace(raw(), when=_is_own),
            history(),
        ),
        actions=(
            Action("try", mail.try_template, by(mail.try_template, mailed), tab="template"),
            Action("reset", mail.delete_template, by(mail.delete_template), confirm=True, danger=True, when=_is_own),
        ),
        aliases=("Email Templates", "email-templates", "Liquid", "notifications"),
        api="email_templates",
    ),
)
