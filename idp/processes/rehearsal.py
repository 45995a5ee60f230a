"""What every first request would have prepared in each web process, prepared once before they are forked (0474).

Requests that change nothing are answered in memory, so that whatever they load, compile and remember lies in pages that
the processes share. Nothing of it is kept but that: connections are closed, counters are set back.
"""

from __future__ import annotations

import io
from typing import Any, Final
from urllib.parse import urlsplit

from idp.foundation.db.statement import Statement
from idp.foundation.tenancy.work import Platform
from idp.foundation.web.pages import environment
from idp.operations.health.metrics import counters
from idp.processes.wsgi import Environ, WSGIApplication

PATHS: Final = ("/.well-known/openid-configuration", "/.well-known/jwks.json", "/rehearsal")
"""Ready documents, and a page that there is not: its answer is drawn as any other one."""
TEMPLATES: Final = ("login/login/login.html",)
"""Of pages that nearly everybody sees."""


def rehearse(application: WSGIApplication, platform: Platform) -> None:
    """Answer :data:`PATHS` under the issuer's own address, compile every statement for this store and the templates.

    For a process without threads and connections, which forks afterwards. Where the store does not answer, what needs
    it is not prepared; requests say so themselves.
    """
    sqlite = platform.db.sqlite
    for statement in Statement.registry.values():
        _ = statement.sql("sqlite") if sqlite else statement.numbered()
    for template in TEMPLATES:
        environment().get_template(template)
    for path in PATHS:
        _answer(application, platform.settings.public_url, path)
    platform.db.dispose()
    counters.clear()


def _answer(application: WSGIApplication, public_url: str, path: str) -> None:
    parts = application(_asked(public_url, path), lambda *_: None)
    for _ in parts:
        pass


def _asked(public_url: str, path: str) -> Environ:
    """A GET as a server hands it over (PEP 3333)."""
    issuer = urlsplit(public_url)
    asked: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": issuer.path.rstrip("/") + path,
        "QUERY_STRING": "",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": issuer.hostname or "localhost",
        "SERVER_PORT": str(issuer.port or (443 if issuer.scheme == "https" else 80)),
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": issuer.netloc,
        "HTTP_ACCEPT": "text/html",
        "HTTP_ACCEPT_LANGUAGE": "en",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": issuer.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    return asked
