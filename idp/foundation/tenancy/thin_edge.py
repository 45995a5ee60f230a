"""The thin edge: endpoints without pages are answered before Flask is entered (docs/decisions/0140).

An endpoint is a function of the piece of work and the call; its :class:`Route` says where it is answered, and both
edges read that one declaration. Here nothing is decided: another method, another path, or an endpoint that gives None
("this needs a page") goes on to the application behind.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import structlog

from idp.foundation.kernel import sizes
from idp.foundation.kernel.errors import GatehouseError
from idp.foundation.tenancy import peer
from idp.foundation.tenancy.configuration import Configuration
from idp.foundation.tenancy.placing import FOUND
from idp.foundation.tenancy.work import Platform, Work
from idp.foundation.web import security
from idp.foundation.web.exchange import Call, Reply

Endpoint = Callable[[Work, Call], Reply]
Shortcut = Callable[[Work, Call], Reply | None]
Failed = Callable[[Exception, str, str], Reply]
"""(error, path, request id) -> the answer, in the words of the endpoints."""
Observe = Callable[[str, int, float], None]
"""(endpoint's name, status, seconds): counts a request."""
log = structlog.get_logger("idp.errors")
_LINES: Final = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


@dataclass(frozen=True)
class Route:
    """An endpoint that both edges answer: its path, its methods, and what answers."""

    path: str
    methods: tuple[str, ...]
    endpoint: Endpoint


@dataclass(frozen=True)
class ShortcutRoute:
    """A short way for the calls of a page's address that need no page. None, or an error, leaves the call to the
    application, which begins anew: the short way has written nothing by then.
    """

    path: str
    methods: tuple[str, ...]
    endpoint: Shortcut


class ThinEdge:
    """WSGI in front of the application, behind whatever finds the tenant."""

    def __init__(
        self,
        app: Any,
        platform: Platform,
        routes: Iterable[tuple[str, Route | ShortcutRoute]],
        *,
        failed: Failed,
        observe: Observe,
    ) -> None:
        self._app = app
        self._platform = platform
        self._routes = {route.path: (name, route) for name, route in routes}
        self._failed = failed
        self._observe = observe
        self._https = platform.settings.public_url.startswith("https://")

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """WSGI."""
        began = environ.get("gatehouse.began") or time.perf_counter()
        name, route = self._routes.get(environ["PATH_INFO"], _NONE)
        config, reply = environ.get(FOUND), None
        if route is not None and environ["REQUEST_METHOD"] in route.methods and isinstance(config, Configuration):
            reply = self._reply(route, config, environ)
        if reply is None:
            answer: Iterable[bytes] = self._app(environ, start_response)
            return answer
        self._observe(name, reply.status, time.perf_counter() - began)
        https = self._https or environ["wsgi.url_scheme"] == "https"
        headers = reply.headers
        headers.extend(security.protection({name for name, _ in headers}, https=https))
        if reply.status != HTTPStatus.NO_CONTENT:
            headers.append(("Content-Length", str(len(reply.body))))
        start_response(_LINES[reply.status], headers)
        return [reply.body]

    def _reply(self, route: Route | ShortcutRoute, config: Configuration, environ: dict[str, Any]) -> Reply | None:
        try:
            with self._platform.db.hot() as hot:
                ip, agent = environ.get("REMOTE_ADDR") or "", environ.get("HTTP_USER_AGENT", "")
                shown = peer.certificate(self._platform.settings, environ)
                work = Work(
                    self._platform, config, hot, ip=ip, user_agent=agent[: sizes.USER_AGENT.most], certificate=shown
                )
                return route.endpoint(work, Call(environ))
        except Exception as error:  # this is the edge: every failure becomes an answer
            if isinstance(route, ShortcutRoute):
                if not isinstance(error, GatehouseError):
                    log.exception("a short way failed; the application goes the long one", path=route.path)
                return None
            request_id = environ.get("gatehouse.request_id") or secrets.token_hex(8)
            return self._failed(error, environ["PATH_INFO"], request_id)


_NONE: Final[tuple[str, None]] = ("", None)
