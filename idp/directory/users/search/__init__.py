"""User search (spec/search.md): a Lucene subset, parsed into a tree and compiled to bound SQL.

Owns the query language of ``GET /users``; refuses to put any text of a query into SQL (security.md Y1-Y4). No routes.
"""

from __future__ import annotations

from idp.directory.users.search.compile import condition, ordering
from idp.directory.users.search.parse import parse

__all__ = ["condition", "ordering", "parse"]
