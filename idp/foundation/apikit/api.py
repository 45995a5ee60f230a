"""Endpoints and how one is run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from idp.foundation.apikit import body as bodies
from idp.foundation.apikit import paging as pages
from idp.foundation.apikit import path as paths
from idp.foundation.apikit import query as queries
from idp.foundation.apikit import render
from idp.foundation.apikit.call import Call
from idp.foundation.apikit.paging import Page, PageRequest, Paging
from idp.foundation.apikit.raw import RawRequest
from idp.foundation.apikit.schema import BODY, Query, convert

Handler = Callable[[Call[Any, Any, Any]], object]
HandlerT = TypeVar("HandlerT", bound=Callable[..., object])


@dataclass(frozen=True)
class Endpoint:
    """One declared operation; everything about it that is not in the handler.

    ``scopes``: any one of them suffices. ``own_scopes``: scopes of users acting on themselves; they suffice where the
    path parameter ``own`` equals the token's subject (security.md W10). ``fields``: answers to
    ``fields``/``include_fields``.
    """

    method: str
    path: str
    handler: Handler
    scopes: frozenset[str]
    own_scopes: frozenset[str] = frozenset()
    own: str = "id"
    summary: str = ""
    group: str = ""
    query: type[Query] = Query
    body: Any = None
    returns: Any = None
    status: int = HTTPStatus.OK
    paging: Paging | None = None
    fields: bool = False
    formats: Mapping[str, paths.Format] = field(default_factory=dict)

    def run(self, raw: RawRequest, work: Any) -> render.Answer:
        """Validate, call the handler, render. The caller has authenticated and checked scopes.

        :raises GatehouseError: what validation or the handler refuses.
        """
        call, projection = self._read(raw, work)
        result = self.handler(call)
        if self.status == HTTPStatus.NO_CONTENT or result is None:
            return render.Answer(self.status)
        return render.Answer(
            self.status, render.encode(self._render(result, call.page, projection)), {"Content-Type": render.JSON_TYPE}
        )

    def _read(self, raw: RawRequest, work: Any) -> tuple[Call[Any, Any, Any], render.Projection]:
        paths.check(raw.params, self.formats)
        values = queries.collect(raw.query)
        page = pages.parse(values, self.paging) if self.paging else PageRequest()
        projection = render.projection(values) if self.fields else render.Projection()
        query = queries.parse(values, self.query)
        return Call(work, query, self._body(raw), raw.params, page), projection

    def _body(self, raw: RawRequest) -> Any:
        if self.body is None:
            return None
        data = bodies.parse(raw.content_type, raw.body)
        return convert(data, self.body, BODY, strict=not bodies.is_form(raw.content_type))

    def _render(self, result: object, request: PageRequest, projection: render.Projection) -> Any:
        if isinstance(result, Page) and self.paging is not None:
            rows = [projection.apply(render.plain(item)) for item in result.items]
            return pages.envelope(result, rows, request, self.paging)
        data = render.plain(result)
        return [projection.apply(row) for row in data] if isinstance(data, list) else projection.apply(data)


class Api:
    """The endpoints of one resource, in the order they are declared. ``group`` is their heading in the documents."""

    def __init__(self, group: str) -> None:
        self.group = group
        self.endpoints: list[Endpoint] = []

    def get(self, path: str, **options: Any) -> Callable[[HandlerT], HandlerT]:
        """Declare a GET; see :class:`Endpoint` for the options."""
        return self._declare("GET", path, options)

    def post(self, path: str, **options: Any) -> Callable[[HandlerT], HandlerT]:
        """Declare a POST, 201 unless told otherwise."""
        return self._declare("POST", path, {"status": HTTPStatus.CREATED, **options})

    def patch(self, path: str, **options: Any) -> Callable[[HandlerT], HandlerT]:
        """Declare a PATCH."""
        return self._declare("PATCH", path, options)

    def put(self, path: str, **options: Any) -> Callable[[HandlerT], HandlerT]:
        """Declare a PUT."""
        return self._declare("PUT", path, options)

    def delete(self, path: str, **options: Any) -> Callable[[HandlerT], HandlerT]:
        """Declare a DELETE, 204 unless told otherwise."""
        return self._declare("DELETE", path, {"status": HTTPStatus.NO_CONTENT, **options})

    def _declare(self, method: str, path: str, options: dict[str, Any]) -> Callable[[HandlerT], HandlerT]:
        scopes = frozenset(options.pop("scopes", ()))
        own_scopes = frozenset(options.pop("own_scopes", ()))
        if not scopes | own_scopes:
            raise ValueError(f"{method} {path} declares no scopes")
        if own_scopes and options.get("own", "id") not in paths.names(path):
            raise ValueError(
                f"{method} {path} has scopes for users themselves but no parameter to compare with the subject"
            )

        def register(handler: HandlerT) -> HandlerT:
            self.endpoints.append(
                Endpoint(method, path, handler, scopes=scopes, own_scopes=own_scopes, group=self.group, **options)
            )
            return handler

        return register


def endpoints(apis: Iterable[Api]) -> list[Endpoint]:
    """All endpoints of several resources."""
    return [endpoint for api in apis for endpoint in api.endpoints]
