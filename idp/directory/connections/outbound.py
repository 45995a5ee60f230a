"""Outbound calls and connections of connectors, under the one guard of the product (:mod:`idp.foundation.egress`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

import msgspec

from connectors.contract import ConnectorError, HttpAnswer, Line
from idp.foundation import egress
from idp.foundation.db.slow_work import slow_work
from idp.foundation.egress import lines
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


class Dialer:
    """See :class:`connectors.contract.Dialer`."""

    def __init__(self, work: Work) -> None:
        self._settings = work.platform.settings

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """See :class:`connectors.contract.Dialer`."""
        try:
            return lines.addresses(self._settings, host, port)
        except egress.EgressError as error:
            raise _silent(error) from error

    def connect(self, host: str, port: int, *, seconds: float, silent: float) -> Line:
        """See :class:`connectors.contract.Dialer`."""
        try:
            return lines.connect(self._settings, host, port, seconds=seconds, silent=silent)
        except egress.EgressError as error:
            raise _silent(error) from error

    def away(self) -> AbstractContextManager[None]:
        """See :class:`connectors.contract.Dialer`."""
        return slow_work("talking to a directory or database")


def _silent(error: egress.EgressError) -> ConnectorError:
    return ConnectorError("temporarily_unavailable", "The identity provider does not answer.", detail=str(error))
