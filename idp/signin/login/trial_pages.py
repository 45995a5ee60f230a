"""``/login/try``: a connection is tried, and its page says what the source answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec
from flask import Blueprint, Response, request

from connectors.contract import FormPost
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.pages import PageView
from idp.foundation.web.view_models import FormPostView
from idp.signin.login import trials
from idp.signin.login.trials import Outcome
from idp.signin.login.upstream import Returned

MOST_SHOWN = 65_536
blueprint = Blueprint("connection_trials", __name__)


@dataclass(frozen=True)
class TrialView(PageView):
    """What a source answered when its connection was tried. ``profile`` are names and values as they would be kept;
    ``said`` is JSON, ``tokens`` are names. ``problem`` is None where somebody came back, ``detail`` its reason.
    ``known``: there is such a user, of whom ``differing`` (name, stored, said) is stored otherwise; ``made``: there is
    one now.
    """

    template: ClassVar[str] = "login/try.html"
    connection: str
    user_id: str
    profile: Sequence[tuple[str, str]]
    said: str
    tokens: Sequence[str]
    problem: str | None
    detail: str
    known: bool = False
    differing: Sequence[tuple[str, str, str]] = ()
    made: bool = False


@blueprint.get(trials.PATH)
def begin() -> Response:
    """To the source's pages, once."""
    work = http.current()
    if request.method == "HEAD":
        return Response()  # whoever only looks at a link spends nothing
    work.refresh()
    there = trials.leave(work, http.query().get("ticket", ""), digest(http.ensure_device()))
    if isinstance(there, Outcome):
        return shown(work, there)
    if isinstance(there, FormPost):
        view = FormPostView(there.url, dict(there.fields), leaving=True)
        return http.send_device(work, page_context.answer(work, view, page_context.page(work), forms_stay=False))
    return http.send_device(work, http.redirect(there))


def ended(work: Work, back: Returned) -> Response:
    """Somebody who tried a connection is back."""
    return shown(work, trials.arrive(work, back))


def shown(work: Work, outcome: Outcome) -> Response:
    """The page."""
    view = TrialView(
        connection=outcome.connection.display_name,
        user_id=outcome.user_id,
        profile=[(name, _text(value)) for name, value in sorted(outcome.profile.items())],
        said=_json(outcome.said) if outcome.said else "",
        tokens=outcome.tokens,
        problem=outcome.problem,
        detail=outcome.detail,
        known=outcome.known,
        differing=[(each.name, _text(each.stored), _text(each.said)) for each in outcome.differing],
        made=outcome.made,
    )
    answer = page_context.answer(work, view, page_context.page(work))
    answer.headers["Cache-Control"] = "no-store"
    return http.send_device(work, answer)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2).decode()[:MOST_SHOWN]
