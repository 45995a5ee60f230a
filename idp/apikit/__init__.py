"""Declare an endpoint of a JSON API once: method, path, scopes, body, query, paging, answer.

Owns the declaration (:mod:`.api`), the validation of everything that arrives (:mod:`.body`, :mod:`.query`, :mod:`.path`,
:mod:`.paging`), the shape of what leaves (:mod:`.render`) and the OpenAPI document made from the declarations
(:mod:`.openapi`). Refuses to know tenants, tokens, databases or a web framework: whoever mounts the endpoints
authenticates first, hands over a :class:`~.raw.RawRequest` and a :class:`~.call.Context`, and writes the answer out. No routes.
"""

from __future__ import annotations

from idp.apikit.api import Api, Endpoint
from idp.apikit.call import Actor, Call, Context
from idp.apikit.paging import Page, PageRequest, Paging, slice_page
from idp.apikit.schema import Body, Query, View

__all__ = [
    "Actor",
    "Api",
    "Body",
    "Call",
    "Context",
    "Endpoint",
    "Page",
    "PageRequest",
    "Paging",
    "Query",
    "View",
    "slice_page",
]
