"""Reference pages of endpoints and log entries, made from the declarations, the routes and their docstrings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from idp.foundation.apikit import Endpoint

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
SECTIONS = (
    ("Protocol", ("/authorize", "/oauth", "/userinfo", "/oidc", "/v2", "/.well-known")),
    ("Pages", ("/u/", "/login", "/account", "/admin", "/")),
    ("Development", ("/dev",)),
    ("Operation", ("/healthz", "/readyz", "/metrics")),
    ("Files", ("/static", "/avatars", "/pictures", "/favicon.ico", "/robots.txt")),
)
_INTERNAL = re.compile(r"\s*\((?:[^()]*\b(?:security|contract|architecture|spec/[a-z-]+)\.md[^()]*)\)")


@dataclass(frozen=True)
class Route:
    """A route that is not the Management API's."""

    path: str
    methods: tuple[str, ...]
    says: str


def endpoints_reference() -> str:
    """Markdown of every route: the protocol and the pages, then the Management API."""
    found = routes()
    protocol = "".join(_section(title, found) for title, _ in SECTIONS)
    return f"{_ENDPOINTS}\n{protocol}{_MANAGEMENT}\n{''.join(_resources())}".rstrip() + "\n"


def log_types_reference() -> str:
    """Markdown of every type of log entry."""
    from idp.features import FEATURES

    types = [each for feature in FEATURES for declared in feature.log_types for each in declared]
    return _LOG_TYPES + "".join(f"| `{each.value}` | {_cell(each.description)} |\n" for each in types)


def routes() -> list[Route]:
    """Every route of the application but the Management API's, by path."""
    from idp.app import create_app
    from idp.foundation.settings import Settings
    from idp.foundation.tenancy.work import Platform

    # The routes do not depend on settings, and nothing here opens the database: in a fresh clone there is no var.
    settings = Settings.from_env({"IDP_SECRET_KEY": "x" * 32, "DATABASE_URL": "sqlite:///idp.db"})
    app = create_app(Platform.open(settings))
    found = [
        Route(
            str(rule.rule),
            tuple(method for method in METHODS if method in (rule.methods or ())),
            _first_line(app.view_functions[rule.endpoint].__doc__),
        )
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "management"
    ]
    return sorted(found, key=lambda route: route.path)


def _section(title: str, found: Iterable[Route]) -> str:
    rows = "".join(
        f"| {_code(' '.join(route.methods))} | {_code(route.path)} | {_cell(route.says)} |\n"
        for route in found
        if section_of(route.path) == title
    )
    return f"## {title}\n\n| method | path | answers |\n|---|---|---|\n{rows}\n"


def section_of(path: str) -> str:
    """The section a route belongs to: that of the longest prefix it has."""
    fitting = [(len(prefix), title) for title, prefixes in SECTIONS for prefix in prefixes if path.startswith(prefix)]
    return max(fitting)[1]


def _resources() -> Iterable[str]:
    from idp.management import mount
    from idp.wiring import api_modules

    by_group = sorted(mount.endpoints(api_modules()), key=lambda endpoint: endpoint.group)
    for group, endpoints in groupby(by_group, key=lambda endpoint: endpoint.group):
        rows = "".join(_row(endpoint) for endpoint in endpoints)
        yield f"### {group}\n\n| method | path | any of these scopes | does |\n|---|---|---|---|\n{rows}\n"


def _row(endpoint: Endpoint) -> str:
    scopes = [_code(scope) for scope in sorted(endpoint.scopes)]
    scopes = [" and ".join(scopes)] if endpoint.every else scopes
    of_users = [f"{_code(scope)} (own)" for scope in sorted(endpoint.own_scopes)]
    does = f"**{endpoint.summary}.** {_first_line(endpoint.handler.__doc__)}"
    return f"| {_code(endpoint.method)} | {_code(endpoint.path)} | {', '.join(scopes + of_users)} | {_cell(does)} |\n"


def _first_line(docstring: str | None) -> str:
    """What a docstring says first, without references to sheets a reader does not have."""
    line = (docstring or "").strip().split("\n", maxsplit=1)[0].replace("``", "`")
    return _INTERNAL.sub("", line)


def _code(text: str) -> str:
    return f"`{text}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


_ENDPOINTS = """<!-- Made by `make docs`; a test compares it. -->
# Endpoints

What a tenant answers, below its URL.
"""
_MANAGEMENT = """## Management API

Below `/api/v2`, with a bearer token whose audience is the issuer followed by `api/v2/`. Any one of an operation's
scopes is enough. Scopes marked *own* belong to people: they open what is the token's own subject's.
`/api/v2/openapi.json` describes parameters and bodies (OpenAPI 3.1) and needs no token. Operations of Auth0 that are
not listed here answer 403 `insufficient_scope`, or an empty list where official tools would stop otherwise.
"""
_LOG_TYPES = """<!-- Made by `make docs`; a test compares it. Change the log_types.py of the feature instead. -->
# Types of log entries

`GET /api/v2/logs` answers entries with these types, `?q=type:fp` those of one type. The codes are Auth0's.

| type | what happened |
|---|---|
"""
