"""The Management API of a tenant in this process, as a copy reads it."""

from __future__ import annotations

from typing import Any

from tests.world.management import Api


class Wire:
    """See :class:`idp.operations.migration.source.Source`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def get(self, path: str, **query: str) -> Any:
        """The answer, which is one."""
        answer = self._api.get(path, **query)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()
