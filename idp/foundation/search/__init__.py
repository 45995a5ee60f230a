"""The query language of searches (spec/search.md): a Lucene subset, parsed into a tree and compiled to bound SQL.

Shared by ``GET /users`` and ``GET /logs``, which say what their fields are; refuses to put any text of a query into SQL
(security.md Y1-Y4).
"""

from __future__ import annotations

from idp.foundation.search.columns import Column, Fields, condition, like, only, pattern, test_of
from idp.foundation.search.parse import bad, parse

__all__ = ["Column", "Fields", "bad", "condition", "like", "only", "parse", "pattern", "test_of"]
