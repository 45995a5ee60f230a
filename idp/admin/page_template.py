"""The page around our forms (tab of ``/admin/branding/look``): Liquid, shown before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from idp.admin.desk import objects, operations
from idp.admin.desk.frame import Moved, Shown, Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.preview import PATH
from idp.admin.desk.resource import Action, Done, Tab
from idp.foundation.kernel.errors import BadRequest, NotFound, VersionMismatch
from idp.foundation.tenancy import documents
from idp.foundation.web.liquid import MAX_SOURCE
from idp.tenant.appearance import api as appearance

NAME, INPUT = "page", "template"
BEGIN = """<!DOCTYPE html>
<html lang="{{ locale }}" dir="{{ dir }}">
  <head>
    {%- auth0:head -%}
    <style>
      .around { padding: 1.5rem; text-align: center; }
    </style>
  </head>
  <body>
    <header class="around">{{ tenant.friendly_name }}</header>
    {%- auth0:widget -%}
    <footer class="around">{{ application.name }}</footer>
  </body>
</html>
"""
"""What somebody begins with who has none."""


def _source(visit: Visit) -> str:
    try:
        found = operations.call(visit.work, appearance.get_page_template)
    except NotFound:
        return ""
    return str(found["body"])


def _tag(source: str) -> str:
    return sha256(source.encode()).hexdigest()[:24]


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    source = _source(visit)
    return {
        "source": source,
        "text": visit.kept.get(INPUT, source or BEGIN),
        "version": visit.kept.get(objects.VERSION, _tag(source)),
        "begun": not source,
        "problem": "",
        "theirs": "",
        "most": MAX_SOURCE,
        "may_save": operations.may(visit.work, appearance.set_page_template),
        "may_remove": bool(source) and operations.may(visit.work, appearance.delete_page_template),
        "action": visit.href(there.path(NAME)),
        "preview": visit.href(PATH),
        "frame": visit.href(PATH, screen="login", lang=visit.work.config.settings.enabled_locales[0]),
    }


def _save(visit: Visit, there: Object, tab: Tab) -> Shown | Moved:
    """Put it around our forms, unless somebody else did meanwhile, or it cannot stand there."""
    text, now = visit.form.get(INPUT, "").replace("\r\n", "\n"), _source(visit)
    if visit.form.get(objects.VERSION) != _tag(now):
        return _again(visit, there, tab, {"text": text, "theirs": now}, 409)
    if text == now:
        return Moved(visit.href(there.path(NAME), done="frame.done.unchanged"))
    try:
        operations.call(
            visit.work, appearance.set_page_template, {}, {"template": text}, before=lambda: _unchanged(visit, now)
        )
    except VersionMismatch:
        return _again(visit, there, tab, {"text": text, "theirs": _source(visit)}, 409)
    except BadRequest as error:
        return _again(visit, there, tab, {"text": text, "problem": error.message}, 422)
    return Moved(visit.href(there.path(NAME), done="frame.done.saved"))


def _unchanged(visit: Visit, seen: str) -> None:
    """Nobody was quicker by a moment. Raises VersionMismatch."""
    documents.lock(visit.work)
    visit.work.rows.expire_all()
    if _source(visit) != seen:
        raise VersionMismatch


def _again(visit: Visit, there: Object, tab: Tab, given: Mapping[str, Any], status: int) -> Shown:
    return objects.tab_page(visit, there, tab, tab.template, {**_view(visit, there), **given}, status=status)


def _remove(visit: Visit, _there: Object) -> Done:
    operations.call(visit.work, appearance.delete_page_template)
    return Done("look.done.remove-template", lands=NAME)


TAB = Tab(
    NAME,
    template="admin/look/page.html",
    view=_view,
    save=_save,
    update=appearance.set_page_template,
    needs=appearance.get_page_template,
    framed=True,
)
REMOVE = Action("remove-template", appearance.delete_page_template, _remove, confirm=True, tab=NAME)
