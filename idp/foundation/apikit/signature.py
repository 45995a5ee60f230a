"""A handler's signature is the endpoint's declaration: what comes in, under which type, and what is answered.

::

    def update_user(work: Work, id: UserId, body: UserUpdate) -> UserView:

``work`` first; then the parameters of the path by their names, ``body``, ``query`` and ``page`` where the endpoint
takes them. Read once, when the module is imported: a signature that does not fit its path is an error there.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin, get_type_hints

from idp.foundation.apikit import path as paths
from idp.foundation.apikit.paging import Page, PageRequest
from idp.foundation.apikit.schema import Query

WORK, BODY, QUERY, PAGE = "work", "body", "query", "page"


@dataclass(frozen=True)
class Signature:
    """What a handler takes beside its work, and what it answers.

    ``params`` are the types of the path's parameters by name. ``body`` and ``answer`` are None where there is none;
    ``row`` is the type of a list's rows where the answer is a :class:`~.paging.Page`.
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    query: type[Query] | None = None
    body: Any = None
    takes_page: bool = False
    answer: Any = None
    row: Any = None

    @property
    def answers_nothing(self) -> bool:
        """Whether there may be nothing to answer, beside what it answers else."""
        return type(None) in get_args(self.answer)


def read(handler: Callable[..., object], template: str) -> Signature:
    """The signature of ``handler``, which answers at the path ``template``.

    :raises TypeError: it does not begin with ``work``, misses a parameter of the path, has one that is none of the
    above, or leaves a type out.
    """
    hints = get_type_hints(handler, include_extras=True)
    given = list(inspect.signature(handler).parameters)
    known = paths.names(template)
    if not given or given[0] != WORK:
        raise _wrong(handler, f"its first parameter is not {WORK}")
    if missing := [name for name in known if name not in given]:
        raise _wrong(handler, f"it does not take {', '.join(missing)} of {template}")
    if odd := [name for name in given[1:] if name not in {*known, BODY, QUERY, PAGE}]:
        raise _wrong(handler, f"{', '.join(odd)} is neither in {template} nor {BODY}, {QUERY} or {PAGE}")
    if untyped := [name for name in [*given, "return"] if name not in hints]:
        raise _wrong(handler, f"it has no type for {', '.join(untyped)}")
    query, page = hints.get(QUERY), hints.get(PAGE)
    if query is not None and not (isinstance(query, type) and issubclass(query, Query)):
        raise _wrong(handler, f"{QUERY} is no Query")
    if page is not None and page is not PageRequest:
        raise _wrong(handler, f"{PAGE} is no PageRequest")
    answer = hints["return"]
    return Signature(
        params={name: hints[name] for name in known},
        query=query,
        body=hints.get(BODY),
        takes_page=page is not None,
        answer=None if answer is type(None) else answer,
        row=_row(answer),
    )


def _row(answer: Any) -> Any:
    """``X`` of ``Page[X]``, also in a union with another kind of answer."""
    for option in (answer, *get_args(answer)):
        if get_origin(option) is Page:
            return get_args(option)[0]
    return None


def _wrong(handler: Callable[..., object], why: str) -> TypeError:
    return TypeError(f"{handler.__module__}.{handler.__qualname__} is no endpoint: {why}")
