"""The tab of a connection whose strategy takes files: each is uploaded, replaced and removed on its own, and shown as
there or not, with what it holds as far as that is no secret. A keytab is one.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import inspect

from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.kinds import FILE, kind_of
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Action, Document, Done, Tab
from idp.directory.connections import api as connections
from idp.directory.connections import strategies
from idp.foundation.kernel.faults import BODY, fault


@dataclass(frozen=True)
class Held:
    """A file among the options: whether it is there, and what it holds."""

    name: str
    there: bool
    lines: Sequence[str]


def names(document: Document) -> Sequence[str]:
    """The options of a connection's strategy that are files."""
    declared = strategies.named(str(document["strategy"])).options
    info = inspect.type_info(declared)
    fields = info.fields if isinstance(info, inspect.StructType) else ()
    return [each.encode_name for each in fields if kind_of(declared, each.encode_name).name == FILE]


def _has_files(document: Document) -> bool:
    return bool(names(document))


def _options(there: Object) -> dict[str, Any]:
    return dict(there.document.get("options") or {})


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    options = _options(there)
    typed = strategies.named(str(there.document["strategy"])).read(options)
    return {
        "held": [Held(name, bool(options.get(name)), typed.held(name)) for name in names(there.document)],
        "may_save": operations.may(visit.work, connections.update_connection),
    }


def _named(visit: Visit, there: Object) -> str:
    name = visit.form.get("option", "")
    if name not in names(there.document):
        raise fault(BODY, visit.texts.t("connections.files.unknown"))
    return name


def _store(visit: Visit, there: Object, options: Mapping[str, Any]) -> None:
    operations.call(
        visit.work, connections.update_connection, there.parameters, {"options": dict(options)}, seen=there.seen
    )


def _upload(visit: Visit, there: Object) -> Done:
    """:raises ManagementError: no file was chosen, or the strategy cannot use it: what is there stays."""
    name, content = _named(visit, there), visit.files.get("file", b"")
    if not content:
        raise fault(BODY, visit.texts.t("connections.files.none"))
    _store(visit, there, {**_options(there), name: base64.b64encode(content).decode()})
    return Done("connections.done.upload", lands="files")


def _remove(visit: Visit, there: Object) -> Done:
    name = _named(visit, there)
    _store(visit, there, {key: value for key, value in _options(there).items() if key != name})
    return Done("connections.done.remove", lands="files")


TAB = Tab("files", template="admin/connections/files.html", view=_view, when=_has_files)
ACTIONS = (
    Action("upload", connections.update_connection, _upload, tab="files", when=_has_files),
    Action("remove", connections.update_connection, _remove, tab="files", when=_has_files),
)
