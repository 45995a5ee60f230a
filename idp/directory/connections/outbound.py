"""Outbound calls of connectors, through the one guarded client of the product (:mod:`idp.foundation.egress`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from connectors.contract import ConnectorError, HttpAnswer
from idp.foundation import egress
from idp.foundation.settings import Settings
from idp.foundation.tenancy.work import Work


@dataclass(frozen=True)
class Reply:
    """See :class:`connectors.contract.HttpAnswer`."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> object:
        """See :class:`connectors.contract.HttpAnswer`."""
        try:
            found: object = msgspec.json.decode(self.body)  # raises DecodeError, a ValueError
        except RecursionError as error:
            raise ValueError("nested too deep") from error
        return found


class Outbound:
    """See :class:`connectors.contract.HttpClient`."""

    def __init__(self, work: Work) -> None:
        self._settings = work.platform.settings

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """See :class:`connectors.contract.HttpClient`."""
        return self._reply(lambda settings: egress.get(settings, url, headers=headers))

    def post_form(self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """See :class:`connectors.contract.HttpClient`."""
        return self._reply(lambda settings: egress.post(settings, url, form=form, headers=headers))

    def post_json(self, url: str, document: object, *, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """See :class:`connectors.contract.HttpClient`."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        body = msgspec.json.encode(document)
        return self._reply(lambda settings: egress.post(settings, url, body=body, headers=sent))

    def _reply(self, ask: Callable[[Settings], egress.Answer]) -> HttpAnswer:
        try:
            answer = ask(self._settings)
        except egress.EgressError as error:
            raise _silent(error) from error
        return Reply(answer.status, answer.headers, answer.body)


def _silent(error: egress.EgressError) -> ConnectorError:
    return ConnectorError("temporarily_unavailable", "The identity provider does not answer.", detail=str(error))
