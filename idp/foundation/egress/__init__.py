"""Every outbound HTTP call of the product, guarded (security.md P1-P8): logout tokens, key sets, later webhooks and
upstream providers.

Owns which addresses may be reached and how; refuses redirects, private addresses that are not allowed, large and slow
answers. No routes.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

from idp.foundation.egress.guard import EgressError, Refused, Unreachable

if TYPE_CHECKING:
    from idp.foundation.egress.client import Answer, call, get, post, post_form

__all__ = ["Answer", "EgressError", "Refused", "Unreachable", "call", "get", "load", "post", "post_form"]


def load() -> ModuleType:
    """The client. It comes with Requests, which costs time and memory that a start does not have to pay."""
    from idp.foundation.egress import client

    return client


def __getattr__(name: str) -> Any:
    """What the client offers (PEP 562)."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(load(), name)
