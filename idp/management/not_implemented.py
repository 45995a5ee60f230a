"""Operations no feature declares: an empty list where official tools insist on one, else 403 (contract.md section 6).

auth0-deploy-cli skips a resource that answers 403 ``insufficient_scope`` and gives up on a 404, hence the odd status.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from idp.foundation.apikit import Endpoint, Page, Paging
from idp.foundation.apikit.path import Router
from idp.foundation.apikit.signature import Signature
from idp.foundation.kernel.rights import missing_scope
from idp.management.operations import Operation, operations


def endpoints(built: Iterable[Endpoint]) -> Iterator[Endpoint]:
    """An endpoint for each operation that ``built`` lacks."""
    taken: Router[None] = Router()
    for endpoint in built:
        taken.add(endpoint.method, endpoint.path, None)
    for operation in operations():
        try:
            taken.add(operation.method, operation.path, None)
        except ValueError:  # declared by a feature
            continue
        yield _endpoint(operation)


def _endpoint(operation: Operation) -> Endpoint:
    scopes = frozenset(operation.scopes)
    style, _, items = operation.listing.partition(":")

    def refuse(_work: Any, **_arguments: Any) -> object:
        raise missing_scope(scopes)

    def nothing(_work: Any, **_arguments: Any) -> object:
        return _EMPTY[style](items)

    handler, paging = (refuse, None) if style == "-" else (nothing, _PAGING[style](items))
    return Endpoint(
        operation.method,
        operation.path,
        handler,
        scopes=scopes,
        paging=paging,
        group="not implemented",
        signature=_ANYTHING,
    )


_ANYTHING = Signature(answer=Any, row=Any)


def _empty_page(_items: str) -> object:
    return Page([], total=0)


_EMPTY: Mapping[str, Callable[[str], object]] = {
    "array": lambda _items: [],
    "wrapped": lambda items: {items: []},
    "offset": _empty_page,
    "counted": _empty_page,
    "checkpoint": _empty_page,
}
_PAGING: Mapping[str, Callable[[str], Paging | None]] = {
    "array": lambda _items: None,
    "wrapped": lambda _items: None,
    "offset": Paging.by_offset,
    "counted": Paging.counted,
    "checkpoint": Paging.by_checkpoint,
}
