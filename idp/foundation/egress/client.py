"""The guarded HTTP client: a Requests session that connects to the checked address and to nothing else.

Timeouts 3 s to connect and 5 s between bytes, 8 s in all; no redirects; 1 MB of answer; proxies of the environment are
not used.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import certifi
import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.util import create_urllib3_context
from urllib3.util.connection import create_connection

from idp.foundation.db.slow_work import slow_work
from idp.foundation.egress.guard import Target, Unreachable, check
from idp.foundation.settings import Settings

CONNECT_S = 3.0
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


def get(settings: Settings, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
    """GET. Raises Refused, Unreachable."""
    return _call(settings, "GET", url, headers=headers)


def post(
    settings: Settings,
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """POST of a form or of bytes. Raises Refused, Unreachable."""
    return _call(settings, "POST", url, headers=headers, data=dict(form) if form is not None else body)


def post_form(settings: Settings, url: str, form: Mapping[str, str]) -> int:
    """POST of a form where only the status matters. Raises Refused, Unreachable."""
    return post(settings, url, form=form).status


@slow_work("an outbound call")
def _call(settings: Settings, method: str, url: str, *, headers: Mapping[str, str] | None, data: Any = None) -> Answer:
    target = check(url, settings.outbound_allow)
    session = requests.Session()
    session.trust_env = False
    adapter = _Pinned(target, settings.outbound_ca)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    deadline = time.monotonic() + TOTAL_S
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
            return Answer(
                answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, _read(answer, deadline)
            )
    except requests.RequestException as error:
        raise Unreachable(f"{target.host}: {type(error).__name__}") from error


def _read(answer: requests.Response, deadline: float) -> bytes:
    body = bytearray()
    while chunk := answer.raw.read1(_CHUNK, decode_content=False):
        body += chunk
        if len(body) > MAX_BYTES:
            raise Unreachable(f"the answer is larger than {MAX_BYTES} bytes")
        if time.monotonic() > deadline:
            raise Unreachable(f"the answer took longer than {TOTAL_S:.0f} s")
    return bytes(body)


class _Pinned(HTTPAdapter):
    """Hands out connections to one checked address; name, SNI and certificate check stay the URL's."""

    def __init__(self, target: Target, ca_file: str | None) -> None:
        self._target = target
        self._ca_file = ca_file
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, request: Any, verify: Any, proxies: Any = None, cert: Any = None) -> Any:
        """Requests' hook: the pool to send ``request`` with."""
        target = self._target
        if target.scheme == "https":
            context = create_urllib3_context()
            context.load_default_certs()
            context.load_verify_locations(certifi.where())
            if self._ca_file:
                context.load_verify_locations(self._ca_file)
            pool: Any = HTTPSConnectionPool(
                target.host, target.port, ssl_context=context, cert_reqs="CERT_REQUIRED", maxsize=1
            )
            pool.ConnectionCls = _to(target.addresses, HTTPSConnection)
        else:
            pool = HTTPConnectionPool(target.host, target.port, maxsize=1)
            pool.ConnectionCls = _to(target.addresses, HTTPConnection)
        return pool

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Nothing: the pool was made with its TLS context."""


def _to(addresses: Sequence[str], kind: type[HTTPConnection]) -> type[HTTPConnection]:
    """``kind`` with its socket opened to the first of ``addresses`` that answers, whatever the name resolves to by
    now.
    """

    class PinnedConnection(kind):  # type: ignore[misc, valid-type]
        def _new_conn(self) -> Any:
            problem: OSError | None = None
            for address in addresses:
                try:
                    return create_connection((address, self.port), self.timeout, socket_options=self.socket_options)
                except OSError as error:
                    problem = error
            raise NewConnectionError(self, f"no connection: {problem}") from problem

    return PinnedConnection
