"""Endpoints and how one is run."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypedDict, TypeVar, Unpack

from idp.foundation.apikit import answers, signature
from idp.foundation.apikit import paging as pages
from idp.foundation.apikit import path as paths
from idp.foundation.apikit import query as queries
from idp.foundation.apikit.answers import Answer, File
from idp.foundation.apikit.convert import convert
from idp.foundation.apikit.paging import Page, Paging
from idp.foundation.apikit.projection import EVERYTHING, projection
from idp.foundation.apikit.request import MULTIPART, RawRequest
from idp.foundation.apikit.signature import Signature
from idp.foundation.kernel.actor import Actor
from idp.foundation.kernel.faults import BODY, fault

Handler = Callable[..., object]
HandlerT = TypeVar("HandlerT", bound=Handler)


@dataclass(frozen=True)
class Endpoint:
    """One declared operation. What comes in and what is answered stands in the handler's signature, the rest here.

    ``scopes``: any one of them suffices, or ``every`` one is needed. ``own_scopes``: scopes of users acting on
    themselves; they suffice where the path parameter ``own_parameter`` equals the token's subject (security.md W10).
    ``fields``: answers to ``fields``/``include_fields``, and ``always`` are the members that a choice of ``fields``
    does not leave out.
    ``stale``: what it reads may be a second old, so a read replica may be asked (decision 0138). ``files``: its body is
    ``multipart/form-data``, since it takes a file. An answer that may be None is 204 then.
    """

    method: str
    path: str
    handler: Handler
    scopes: frozenset[str]
    own_scopes: frozenset[str] = frozenset()
    own_parameter: str = "id"
    summary: str = ""
    group: str = ""
    status: int = HTTPStatus.OK
    paging: Paging | None = None
    fields: bool = False
    always: frozenset[str] = frozenset()
    stale: bool = False
    files: bool = False
    every: bool = False
    signature: Signature = field(default_factory=Signature)

    @property
    def body(self) -> Any:
        """The type of its body, or None."""
        return self.signature.body

    def lacking(self, actor: Actor) -> frozenset[str]:
        """The scopes that would let ``actor`` in; none where they are let in."""
        if self.every:
            return self.scopes - actor.scopes
        return frozenset() if actor.has(*self.scopes) else self.scopes

    def run(self, raw: RawRequest, work: Any) -> Answer:
        """Validate, call the handler, render. The caller has authenticated and checked scopes.

        :raises GatehouseError: what validation or the handler refuses.
        :raises UndeclaredAnswerError: the handler answers something else than it declares (:mod:`.answers`).
        """
        declared = self.signature
        paths.check(raw.params, declared.params)
        values = queries.collect(raw.query)
        arguments: dict[str, Any] = dict(raw.params)
        page = pages.parse(values, self.paging) if self.paging else None
        wanted = projection(values, self.always) if self.fields else EVERYTHING
        if declared.takes_page:
            arguments["page"] = page
        if declared.query is not None:
            arguments["query"] = queries.parse(values, declared.query)
        if declared.body is not None:
            if self.files and raw.parts is None:
                raise fault(BODY, f"Expected a {MULTIPART} body")
            strict = not (raw.is_form or self.files)
            arguments["body"] = convert(raw.document, declared.body, BODY, strict=strict, development=raw.development)
        result = self.handler(work, **arguments)
        if declared.answer is None:
            answers.expect_nothing(result, self.handler)
            return Answer(self.status)
        if isinstance(result, File):
            return answers.file_answer(self.status, result)
        if result is None and declared.answers_nothing:
            return Answer(HTTPStatus.NO_CONTENT)
        if isinstance(result, Page) and self.paging is not None and page is not None:
            rows = [wanted.apply(answers.plain(item, declared.row)) for item in result.items]
            return answers.json_answer(self.status, pages.envelope(result, rows, page, self.paging))
        return answers.json_answer(self.status, wanted.apply(answers.plain(result, declared.answer)))


class Options(TypedDict, total=False):
    """What a decorator may say of an endpoint; see :class:`Endpoint`."""

    scopes: AbstractSet[str]
    own_scopes: AbstractSet[str]
    own_parameter: str
    summary: str
    status: int
    paging: Paging
    fields: bool
    always: AbstractSet[str]
    stale: bool
    files: bool
    every: bool


class Api:
    """The endpoints of one resource, in the order they are declared. ``group`` is their heading in the documents."""

    def __init__(self, group: str) -> None:
        self.group = group
        self.endpoints: list[Endpoint] = []

    def get(self, path: str, **options: Unpack[Options]) -> Callable[[HandlerT], HandlerT]:
        """Declare a GET."""
        return self._declare("GET", path, HTTPStatus.OK, options)

    def post(self, path: str, **options: Unpack[Options]) -> Callable[[HandlerT], HandlerT]:
        """Declare a POST, 201 unless told otherwise."""
        return self._declare("POST", path, HTTPStatus.CREATED, options)

    def patch(self, path: str, **options: Unpack[Options]) -> Callable[[HandlerT], HandlerT]:
        """Declare a PATCH."""
        return self._declare("PATCH", path, HTTPStatus.OK, options)

    def put(self, path: str, **options: Unpack[Options]) -> Callable[[HandlerT], HandlerT]:
        """Declare a PUT."""
        return self._declare("PUT", path, HTTPStatus.OK, options)

    def delete(self, path: str, **options: Unpack[Options]) -> Callable[[HandlerT], HandlerT]:
        """Declare a DELETE, 204 unless told otherwise."""
        return self._declare("DELETE", path, HTTPStatus.NO_CONTENT, options)

    def _declare(self, method: str, path: str, status: int, options: Options) -> Callable[[HandlerT], HandlerT]:
        if not options.get("scopes") and not options.get("own_scopes"):
            raise ValueError(f"{method} {path} declares no scopes")
        if options.get("own_scopes") and options.get("own_parameter", "id") not in paths.names(path):
            raise ValueError(
                f"{method} {path} has scopes for users themselves but no parameter to compare with the subject"
            )

        def register(handler: HandlerT) -> HandlerT:
            endpoint = Endpoint(
                method,
                path,
                handler,
                scopes=frozenset(options.get("scopes", ())),
                own_scopes=frozenset(options.get("own_scopes", ())),
                own_parameter=options.get("own_parameter", "id"),
                summary=options.get("summary", ""),
                group=self.group,
                status=options.get("status", status),
                paging=options.get("paging"),
                fields=options.get("fields", False),
                always=frozenset(options.get("always", ())),
                stale=options.get("stale", False),
                files=options.get("files", False),
                every=options.get("every", False),
                signature=signature.read(handler, path),
            )
            _check(endpoint)
            self.endpoints.append(endpoint)
            return handler

        return register


def _check(endpoint: Endpoint) -> None:
    declared, name = endpoint.signature, f"{endpoint.method} {endpoint.path}"
    if declared.takes_page is not (endpoint.paging is not None):
        raise TypeError(f"{name}: a list has paging= and takes a page, anything else neither")
    if endpoint.stale and endpoint.method != "GET":
        raise TypeError(f"{name}: what writes reads what is")
    if (endpoint.status == HTTPStatus.NO_CONTENT) and declared.answer is not None:
        raise TypeError(f"{name}: 204 has no answer")
