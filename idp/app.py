"""Puts the application together: settings -> database -> web -> tenants -> features."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import Any

from flask import Flask, Response, request
from sqlalchemy.orm import configure_mappers
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import PathConverter, UnicodeConverter

from idp.error_edge import register_errors
from idp.features import FEATURES
from idp.foundation.kernel import struct_types
from idp.foundation.tenancy import http
from idp.foundation.tenancy.placing import Placed
from idp.foundation.tenancy.thin_edge import Route, ShortcutRoute, ThinEdge
from idp.foundation.tenancy.work import Platform
from idp.foundation.web import security
from idp.management import mount as management
from idp.my_account import mount as my_account
from idp.operations.health.metrics import counters
from idp.protocol.oauth import discovery
from idp.protocol.oauth import errors as oauth_errors
from idp.wiring import api_modules, wire

MAX_BODY = 1_048_576
MAX_FORM_PARTS = 200
OF_THE_MACHINE = frozenset({"/healthz", "/healthz/domain", "/readyz", "/metrics"})
"""Answered under any host name; everything else belongs to a tenant."""


class Segment(UnicodeConverter):
    """A part of a path. One with NUL, which no store takes, is an address of nothing."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.regex = self.regex.replace("[^/]", r"[^/\x00]", 1)


class Segments(PathConverter):
    """Several parts of a path, like :class:`Segment`."""

    regex = r"[^/\x00][^\x00]*?"


def _routes() -> Iterator[tuple[str, Route | ShortcutRoute]]:
    """What the features declare for the thin edge, with the names that figures go by."""
    for named in (named for feature in FEATURES for named in feature.routes.items()):
        name, where = named
        module, _, attribute = where.partition(":")
        found = getattr(import_module(module), attribute)
        yield from ((name, route) for route in (found if isinstance(found, tuple) else (found,)))


class Application(Flask):
    """Flask without its look at every call whether a view is asynchronous: none of ours is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The view itself."""
        return func


def create_app(platform: Platform, *, thin: bool = True) -> Flask:
    """The WSGI application of one process. Without ``thin`` Flask answers everything, as tests ask it to."""
    app = Application("idp", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.config["MAX_FORM_PARTS"] = MAX_FORM_PARTS
    app.url_map.converters |= {"default": Segment, "string": Segment, "path": Segments}
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    https_by_default = platform.settings.public_url.startswith("https://")

    http.bind(app, platform)
    register_errors(app)
    wire()
    for name in (name for feature in FEATURES for name in feature.blueprints):
        module, _, attribute = name.partition(":")
        app.register_blueprint(getattr(import_module(module), attribute))
    management.register(app, platform, api_modules())
    my_account.register(app, platform)
    documents = discovery.ReadyDocuments(platform)
    app.extensions["ready_bytes"] = (documents.locate, documents.build, documents.version)

    @app.before_request
    def find_tenant() -> None:
        if request.path not in OF_THE_MACHINE:
            http.required(platform, request.environ)

    @app.after_request
    def protect(response: Response) -> Response:
        chosen = {name for name, _ in response.headers}
        response.headers.extend(security.protection(chosen, https=https_by_default or request.is_secure))
        return response

    resolve = partial(http.resolve, platform)
    public_url, hops = platform.settings.public_url, platform.settings.trusted_proxies
    if thin:
        app.wsgi_app = ThinEdge(app.wsgi_app, platform, _routes(), failed=oauth_errors.failed, observe=counters.observe)  # type: ignore[method-assign]
    app.wsgi_app = Placed(app.wsgi_app, resolve, public_url=public_url, untouched=OF_THE_MACHINE, hops=hops)  # type: ignore[method-assign]
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    struct_types.prepare()
    return app


def ready_to_fork(app: Flask) -> None:
    """What the first request would prepare and every later one uses, prepared now: processes that are forked from this
    one share it, 10 MiB of each (docs/decisions/0306).
    """
    configure_mappers()
    app.url_map.update()
    codecs.lookup("idna")  # of host names, as Werkzeug's routes ask for it
