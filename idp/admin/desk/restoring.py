"""Values of before, out of an entry of the history, in the form that they belong to: nothing is saved by that, and
saving goes the way of every other change.

An entry says what was: a value that it hides, or only begins to tell, is not brought back.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from idp.admin.desk import form as forms
from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.opened import Object, is_there, sections_of
from idp.admin.desk.resource import Document, Tab
from idp.foundation.kernel import sizes
from idp.foundation.kernel.redaction import HIDDEN
from idp.tenant.audit import api as logs
from idp.tenant.audit import writes
from idp.tenant.audit.log_ids import is_log_id
from idp.tenant.audit.models import LogEntry

RESTORE: Final = "restore"
"""The parameter of the address that names an entry of the log."""
RESTORED: Final = "restored"
"""What a page is given that shows such values."""
RAW: Final = "raw"
_MERGED: Final = "_metadata"
"""Members that a PATCH merges end so: what was not there is null in them, not left out."""


def recorded(visit: Visit, there: Object) -> tuple[str, str]:
    """How the log calls the object: by kind, and by the first parameter of its operations."""
    resource = there.resource
    if resource.recorded is not None:
        kind, key = resource.recorded
        return kind, key or visit.work.tenant_id
    kind = operations.endpoint(resource.read).path.split("/")[1]
    return kind, next(iter(there.parameters.values()), visit.work.tenant_id)


def told(details: Mapping[str, Any]) -> Mapping[str, Any]:
    """What members were before, by their path, as far as the details of an entry say it whole."""
    changes = details.get("changes")
    found = {
        name: change.get("old")
        for name, change in (changes.items() if isinstance(changes, Mapping) else ())
        if isinstance(change, Mapping) and " " not in name  # fields of other objects stand behind their names
    }
    return {name: value for name, value in found.items() if name != sizes.CUT and _is_whole(value)}


def _is_whole(value: Any) -> bool:
    encoded = msgspec.json.encode(value)
    return len(encoded) < sizes.LOG_TEXT.most and HIDDEN.encode() not in encoded


def href(visit: Visit, there: Object, row: LogEntry) -> str:
    """Where a form is filled in with what the entry says was before; nothing where there is none for this person: the
    form that has all of it, or the whole document.
    """
    members = told(row.rest.get("details") or {})
    if not members or not operations.may(visit.work, there.resource.update):
        return ""
    tabs = [each for each in there.resource.tabs if is_there(visit, there, each)]
    whole = next((each for each in tabs if fits(each) and _has(visit, there, each, members)), None)
    if whole is None:
        document = all(name.partition(".")[0] in there.document for name in members)
        whole = next((each for each in tabs if each.name == RAW and document), None)
    return "" if whole is None else visit.href(there.path(whole.name), **{RESTORE: row.log_id})


def fits(tab: Tab) -> bool:
    """Whether its form is about the object's own document."""
    return tab.is_form and tab.read is None and tab.about is None and tab.update is None


def _has(visit: Visit, there: Object, tab: Tab, members: Mapping[str, Any]) -> bool:
    names = [each.name for each in forms.fields_of(sections_of(visit, there, tab, {}))]
    return all(any(f"{path}.".startswith(f"{name}.") for name in names) for path in members)


def asked(visit: Visit, there: Object) -> Mapping[str, Any] | None:
    """What members were before the entry that the address names; None where it names none about this object."""
    log_id = visit.query.get(RESTORE, "")
    if not is_log_id(log_id) or not operations.may(visit.work, logs.list_logs):
        return None
    row = visit.work.rows.get(LogEntry, (visit.work.tenant_id, log_id))
    if row is None or row.object != writes.name_of(*recorded(visit, there)):
        return None
    return told(row.rest.get("details") or {}) or None


def applied(document: Document, members: Mapping[str, Any]) -> Document:
    """The document with these members in place of its own."""
    found = copy.deepcopy(dict(document))
    for path, value in members.items():
        head, *below = path.split(".")
        _put(found, [head, *below], value, merged=head.endswith(_MERGED))
    return found


def _put(document: dict[str, Any], path: Sequence[str], value: Any, *, merged: bool) -> None:
    here = document
    for name in path[:-1]:
        inner = here.get(name)
        here[name] = inner if isinstance(inner, dict) else {}
        here = here[name]
    if value is None and not (merged and len(path) > 1):
        here.pop(path[-1], None)
    else:
        here[path[-1]] = value
