"""One call of the Management API, as handlers take it."""

from __future__ import annotations

from typing import TypeVar

from idp.foundation import apikit
from idp.foundation.tenancy.work import Work

QueryT = TypeVar("QueryT")
BodyT = TypeVar("BodyT")
Call = apikit.Call[Work, QueryT, BodyT]
"""``Call[Query type, Body type]``. A writing call's transaction begins with its first rows; hash passwords before
that.
"""
