"""Declare an endpoint of a JSON API once: method, path, scopes, body, query, paging, answer.

Owns the declaration (:mod:`.api`), the validation of everything that arrives (:mod:`.body`, :mod:`.query`,
:mod:`.path`,
:mod:`.paging`), the shape of what leaves (:mod:`.render`) and the OpenAPI document made from the declarations
(:mod:`.openapi`). Refuses to know tenants, tokens, databases or a web framework: whoever mounts the endpoints
authenticates first, hands over a :class:`~.raw.RawRequest` and the piece of work, and writes the answer out. No routes.
"""

from __future__ import annotations

from idp.foundation.apikit.api import Api, Endpoint
from idp.foundation.apikit.call import Call
from idp.foundation.apikit.paging import Page, PageRequest, Paging, slice_page
from idp.foundation.apikit.schema import Body, Query, View
from idp.foundation.kernel.actor import Actor

__all__ = [
    "Actor",
    "Api",
    "Body",
    "Call",
    "Endpoint",
    "Page",
    "PageRequest",
    "Paging",
    "Query",
    "View",
    "slice_page",
]
