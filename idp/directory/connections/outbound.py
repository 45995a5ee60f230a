"""Outbound calls and connections of connectors, under the one guard of the product (:mod:`idp.foundation.egress`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

import msgspec

from connectors.contract import UNAVAILABLE, ConnectorError, HttpAnswer, Line
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


BUDGET_S = 4.5
"""For all calls of one step of a sign-in together: who waits for a source is told within five seconds that it does not
answer (reliability RL4).
"""


class Outbound:
    """See :class:`connectors.contract.HttpClient`. The time for all of its calls begins with the first."""

    def __init__(self, work: Work) -> None:
        self._settings = work.platform.settings
        self._ends: float | None = None

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """See :class:`connectors.contract.HttpClient`."""
        return self._reply(lambda settings, left: egress.get(settings, url, headers=headers, seconds=left))

    def post_form(self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """See :class:`connectors.contract.HttpClient`."""
        return self._reply(lambda settings, left: egress.post(settings, url, form=form, headers=headers, seconds=left))

    def post_json(self, url: str, document: object, *, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """See :class:`connectors.contract.HttpClient`."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        body = msgspec.json.encode(document)
        return self._reply(lambda settings, left: egress.post(settings, url, body=body, headers=sent, seconds=left))

    def _reply(self, ask: Callable[[Settings, float], egress.Answer]) -> HttpAnswer:
        now = time.monotonic()
        self._ends = self._ends or now + BUDGET_S
        if now >= self._ends:
            raise _silent(egress.Unreachable(f"the calls before took {BUDGET_S:g} s"))
        try:
            answer = ask(self._settings, self._ends - now)
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
    return ConnectorError(UNAVAILABLE, "The identity provider does not answer.", detail=str(error))
