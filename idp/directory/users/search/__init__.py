"""User search (spec/search.md): the fields of ``GET /users`` in the query language of :mod:`idp.foundation.search`. No
routes.
"""

from __future__ import annotations

from idp.directory.users.search import keyset, walk
from idp.directory.users.search.listing import FEW, all_of_tenant, page, with_email

MANY = FEW + 1
"""Says of a search that it finds more than are counted."""
__all__ = ["MANY", "all_of_tenant", "keyset", "page", "walk", "with_email"]
