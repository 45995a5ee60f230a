"""Use cases on the settings of second factors. What is written is obeyed by the next request of every process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.secret import shape_of
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.work import Work
from idp.signin.factors import settings
from idp.signin.factors.documents import SHAPES
from idp.signin.factors.log_types import FactorLog
from idp.signin.factors.settings import DEFAULTS, FACTORS, KIND
from idp.tenant.audit import log


def read(work: Work, name: str) -> dict[str, Any]:
    """One document as it is now, without its secrets."""
    row = documents.get(work, KIND, name)
    return shown(name, {**DEFAULTS[name], **(row.document if row else {})})


def shown(name: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """What may be told of a document."""
    shape = SHAPES.get(name)
    if shape is None:
        return dict(document)
    members = shape_of(shape).members
    return {name: value for name, value in document.items() if name in members and not members[name].secret}


def change(work: Work, name: str, members: Mapping[str, Any], *, whole: bool = True) -> dict[str, Any]:
    """Replace a document, or change some members of it; a secret that is not sent stays as it is. Answers what may be
    told of it.
    """
    row = documents.locked(work, KIND, name)
    before = dict(row.document) if row else {}
    kept = _secrets(name, before) if whole else before
    document = {**kept, **settings.sealed(work, name, members)}
    documents.put(work, KIND, name, document)
    log.write(work, FactorLog.SETTINGS_CHANGED, details={"settings": name})
    return shown(name, {**DEFAULTS[name], **document})


def factors(work: Work) -> list[dict[str, Any]]:
    """Every switch."""
    on = read(work, "factors")
    return [{"name": name, "enabled": bool(on.get(name)), "trial_expired": False} for name in FACTORS]


def switch(work: Work, name: str, *, enabled: bool) -> None:
    """Switch a factor on or off: people are asked for it, or no more. Raises BadRequest for one that is not there."""
    if name not in FACTORS:
        raise BadRequest(f"There is no factor {name[:64]}.", "invalid_uri")
    change(work, "factors", {name: enabled}, whole=False)


def policies(work: Work) -> list[str]:
    """Who is asked."""
    found: list[str] = read(work, "policies")["policies"]
    return found


def set_policies(work: Work, wanted: Sequence[str]) -> list[str]:
    """Who is asked from now on."""
    change(work, "policies", {"policies": list(dict.fromkeys(wanted))})
    return policies(work)


def set_settings(work: Work, members: Mapping[str, Any]) -> dict[str, Any]:
    """How long browsers and sessions remember a second factor. Raises BadRequest where the one timeout is longer than
    the other.
    """
    if members["mfa_session_inactivity_timeout"] > members["mfa_session_overall_timeout"]:
        raise BadRequest("mfa_session_inactivity_timeout is longer than mfa_session_overall_timeout.", "invalid_body")
    return change(work, "settings", members)


def _secrets(name: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    """The sealed members of a stored document."""
    open_ones = shown(name, stored)
    return {member: value for member, value in stored.items() if member not in open_ones}
