"""What a handler is called with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from idp.foundation.apikit.paging import PageRequest

WorkT = TypeVar("WorkT")
QueryT = TypeVar("QueryT")
BodyT = TypeVar("BodyT")


@dataclass(frozen=True)
class Call(Generic[WorkT, QueryT, BodyT]):
    """One validated call. ``work`` is the tenant's piece of work; ``params`` are the decoded path parameters;
    ``page`` is what part of a list is wanted.
    """

    work: WorkT
    query: QueryT
    body: BodyT
    params: Mapping[str, str] = field(default_factory=dict)
    page: PageRequest = field(default_factory=PageRequest)
