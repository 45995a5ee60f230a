"""User search (spec/search.md): the fields of ``GET /users`` in the query language of :mod:`idp.foundation.search`. No
routes.
"""

from __future__ import annotations

from idp.directory.users.search.listing import page, with_email

__all__ = ["page", "with_email"]
