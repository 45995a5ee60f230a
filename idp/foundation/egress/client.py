"""The guarded HTTP client: a Requests session that connects to the checked address and to nothing else.

3 s to connect, 5 s between bytes, and 8 s for the whole exchange, from the look-up of the name to the last byte of the
answer; no redirects; 1 MB of answer; proxies of the environment are not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError

from idp.foundation.db.slow_work import slow_work
from idp.foundation.egress import guard
from idp.foundation.egress.deadline import CONNECT_S, Deadline
from idp.foundation.egress.guard import Target, Unreachable
from idp.foundation.settings import Settings

READ_S = 5.0
TOTAL_S = 8.0
MAX_BYTES = 1_000_000
_CHUNK = 16_384


@dataclass(frozen=True)
class Answer:
    """What the other side said; ``headers`` have lower-case names. Redirects arrive as they are."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def get(
    settings: Settings, url: str, *, headers: Mapping[str, str] | None = None, seconds: float | None = None
) -> Answer:
    """GET, within ``seconds`` (8 unless said otherwise). Raises Refused, Unreachable."""
    return _call(settings, "GET", url, headers=headers, seconds=seconds)


def post(
    settings: Settings,
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> Answer:
    """POST of a form or of bytes, within ``seconds`` (8 unless said otherwise). Raises Refused, Unreachable."""
    data = dict(form) if form is not None else body
    return _call(settings, "POST", url, headers=headers, data=data, seconds=seconds)


def post_form(settings: Settings, url: str, form: Mapping[str, str]) -> int:
    """POST of a form where only the status matters. Raises Refused, Unreachable."""
    return post(settings, url, form=form).status


def call(
    settings: Settings,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    seconds: float = TOTAL_S,
) -> Answer:
    """Any method, with bytes; the whole takes no longer than ``seconds``. Raises Refused, Unreachable."""
    return _call(settings, method, url, headers=headers, data=body, seconds=min(seconds, TOTAL_S))


@slow_work("an outbound call")
def _call(
    settings: Settings,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None,
    data: Any = None,
    seconds: float | None = None,
) -> Answer:
    deadline = Deadline(TOTAL_S if seconds is None else seconds, idle=READ_S)
    target = guard.check(url, settings.outbound_allow, partial(_addresses, deadline))
    session = requests.Session()
    session.trust_env = False
    adapter = _Pinned(target, deadline, settings.outbound_ca)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    try:
        with (
            session,
            session.request(
                method,
                url,
                headers={"User-Agent": "Gatehouse", "Accept-Encoding": "identity", **(headers or {})},
                data=data,
                timeout=(CONNECT_S, READ_S),
                allow_redirects=False,
                stream=True,
            ) as answer,
        ):
            return Answer(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, _read(answer))
    except (requests.RequestException, HTTPError, OSError) as error:
        if deadline.over:
            raise Unreachable(f"{target.host}: the exchange took longer than {deadline.seconds:g} s") from error
        raise Unreachable(f"{target.host}: {type(error).__name__}") from error


def _addresses(deadline: Deadline, host: str, port: int) -> list[str]:
    return guard.resolve(host, port, deadline)


def _read(answer: requests.Response) -> bytes:
    body = bytearray()
    while chunk := answer.raw.read1(_CHUNK, decode_content=False):
        body += chunk
        if len(body) > MAX_BYTES:
            raise Unreachable(f"the answer is larger than {MAX_BYTES} bytes")
    return bytes(body)


class _Pinned(HTTPAdapter):
    """Hands out connections to one checked address; name, SNI and certificate check stay the URL's."""

    def __init__(self, target: Target, deadline: Deadline, ca_file: str | None) -> None:
        self._target = target
        self._deadline = deadline
        self._ca_file = ca_file
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, request: Any, verify: Any, proxies: Any = None, cert: Any = None) -> Any:
        """Requests' hook: the pool to send ``request`` with."""
        target = self._target
        if target.scheme == "https":
            context = self._deadline.tls(self._ca_file)
            pool: Any = HTTPSConnectionPool(
                target.host, target.port, ssl_context=context, cert_reqs="CERT_REQUIRED", maxsize=1
            )
            pool.ConnectionCls = _to(target, self._deadline, HTTPSConnection)
        else:
            pool = HTTPConnectionPool(target.host, target.port, maxsize=1)
            pool.ConnectionCls = _to(target, self._deadline, HTTPConnection)
        return pool

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Nothing: the pool was made with its TLS context."""


def _to(target: Target, deadline: Deadline, kind: type[HTTPConnection]) -> type[HTTPConnection]:
    """``kind`` with its socket opened to the first of the target's addresses that answers, whatever the name resolves
    to by now.
    """

    class PinnedConnection(kind):  # type: ignore[misc, valid-type]
        def _new_conn(self) -> Any:
            try:
                return deadline.connect(target.addresses, target.port)
            except OSError as error:
                raise NewConnectionError(self, str(error)) from error

    return PinnedConnection
