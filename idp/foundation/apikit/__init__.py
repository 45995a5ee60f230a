"""Declare an endpoint of a JSON API once: its decorator says method, path, scopes and paging, its signature the rest.

Owns the declaration (:mod:`.api`, :mod:`.signature`), the validation of everything that arrives (:mod:`.request`,
:mod:`.convert`, :mod:`.query`, :mod:`.path`, :mod:`.paging`), the check and the shape of what leaves (:mod:`.answers`,
:mod:`.projection`) and the OpenAPI document made from the declarations (:mod:`.openapi`). Refuses to know tenants,
tokens, databases or a web framework: whoever mounts the endpoints authenticates first, hands over a
:class:`~.request.RawRequest` and the piece of work, and writes the answer out. No routes.
"""

from __future__ import annotations

from idp.foundation.apikit.answers import File, as_view
from idp.foundation.apikit.api import Api, Endpoint
from idp.foundation.apikit.convert import changes, given
from idp.foundation.apikit.paging import Page, PageRequest, Paging, slice_page
from idp.foundation.apikit.schema import Body, OpenView, Query, View
from idp.foundation.kernel.actor import Actor

__all__ = [
    "Actor",
    "Api",
    "Body",
    "Endpoint",
    "File",
    "OpenView",
    "Page",
    "PageRequest",
    "Paging",
    "Query",
    "View",
    "as_view",
    "changes",
    "given",
    "slice_page",
]
