"""Outbound calls of connectors, through the one guarded client of the product (:mod:`idp.foundation.egress`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from connectors.contract import ConnectorError, HttpAnswer
from idp.foundation import egress
from idp.foundation.tenancy.work import Work


@dataclass(frozen=True)
class Reply:
    """See :class:`connectors.contract.HttpAnswer`."""

    status: int
    body: bytes

    def json(self) -> object:
        """See :class:`connectors.contract.HttpAnswer`."""
        found: object = msgspec.json.decode(self.body)  # raises DecodeError, a ValueError
        return found


class Outbound:
    """See :class:`connectors.contract.HttpClient`."""

    def __init__(self, work: Work) -> None:
        self._settings = work.platform.settings

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """See :class:`connectors.contract.HttpClient`."""
        try:
            answer = egress.get(self._settings, url, headers=headers)
        except egress.EgressError as error:
            raise _silent(error) from error
        return Reply(answer.status, answer.body)

    def post_form(self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """See :class:`connectors.contract.HttpClient`."""
        try:
            answer = egress.post(self._settings, url, form=form, headers=headers)
        except egress.EgressError as error:
            raise _silent(error) from error
        return Reply(answer.status, answer.body)


def _silent(error: egress.EgressError) -> ConnectorError:
    return ConnectorError("temporarily_unavailable", "The identity provider does not answer.", detail=str(error))
