"""The query of ``GET /custom-domains``: the language of all lists (spec/search.md), over few fields."""

from __future__ import annotations

from typing import Final

from idp.foundation import search
from idp.foundation.db.json_text import json_member
from idp.foundation.search import Column
from idp.foundation.search.columns import Condition
from idp.foundation.search.tree import Test
from idp.foundation.tenancy.models import CustomDomain

_COLUMNS: Final = {
    "domain": Column(CustomDomain.domain, "text"),
    "custom_domain_id": Column(CustomDomain.id, "text"),
    "type": Column(CustomDomain.type, "text"),
    "is_default": Column(CustomDomain.is_default, "flag"),
    "created_at": Column(CustomDomain.created_at, "date"),
}
_METADATA: Final = "domain_metadata."


class _DomainFields:
    def field(self, name: str, test: Test) -> Condition:
        """As :class:`idp.foundation.search.Fields` says."""
        if name.startswith(_METADATA):
            key = name.removeprefix(_METADATA)
            return search.test_of(Column(json_member(CustomDomain.domain_metadata, key), "text"), test)
        column = _COLUMNS.get(name)
        if column is None:
            raise search.bad(f"{name[:80]} is not a field of custom domains")
        return search.test_of(column, test)

    def anywhere(self, test: Test) -> Condition:
        """A bare word is a domain."""
        return search.test_of(_COLUMNS["domain"], test)

    def only(self, name: str, text: str) -> str | None:
        """What the field is then and nothing else."""
        return search.only(_COLUMNS.get(name), text)


def condition(query: str) -> Condition:
    """The condition of a query. Raises BadRequest."""
    return search.condition(search.parse(query), _DomainFields())
