"""The request's tenant, context and cookies: how Flask meets :mod:`idp.foundation.tenancy.work`.

A tenant is found by the host and the path of its URL (:mod:`.placing`); nothing is ever built from the Host header or
from the path of a request (security.md Q1, Q2).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, g, request
from sqlalchemy import bindparam, select

from idp.foundation.db.hot import Statement
from idp.foundation.kernel import sizes
from idp.foundation.kernel.errors import OAuthError, PageError
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy import cookies, peer, placing
from idp.foundation.tenancy.configuration import Configuration
from idp.foundation.tenancy.cookies import https
from idp.foundation.tenancy.domains import tenant_of
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.thin_edge import Route
from idp.foundation.tenancy.work import NOBODY_HERE, Platform, Work
from idp.foundation.web import params
from idp.foundation.web.exchange import Call, Reply, redirection

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
_DEFAULT_HOST = Statement(
    "tenant_default_host", select(Tenant.host).where(Tenant.is_default == bindparam("yes")), row=str
)


def bind(app: Flask, platform: Platform) -> None:
    """Make :func:`current` work in ``app``."""
    app.extensions["gatehouse"] = platform

    @app.teardown_request
    def close(_error: BaseException | None) -> None:
        work: Work | None = g.pop("work", None)
        if work is not None:
            work.hot.close()


def platform() -> Platform:
    """The platform of the running application."""
    from flask import current_app

    found: Platform = current_app.extensions["gatehouse"]
    return found


def current(*, orm: bool = False) -> Work:
    """The request's piece of work; opens its connection at the first call (``orm``: :meth:`Database.hot`).

    Raises PageError 404 for a host of no tenant.
    """
    found: Work | None = g.get("work")
    if found is None:
        here = platform()
        config = required(here, request.environ)
        hot = here.db.hot(orm=orm)
        hot.__enter__()
        environ = request.environ
        found = g.work = Work(
            here,
            config,
            hot,
            ip=environ.get("REMOTE_ADDR") or "",
            user_agent=environ.get("HTTP_USER_AGENT", "")[: sizes.USER_AGENT.most],
            certificate=peer.certificate(here.settings, environ),
        )
    return found


def add_route(blueprint: Blueprint, route: Route) -> None:
    """Answer the route through Flask, too: whatever the thin edge leaves to it."""

    @wraps(route.endpoint)
    def view() -> Response:
        return answered(route.endpoint(current(), Call(request.environ)))

    blueprint.add_url_rule(
        route.path,
        route.endpoint.__name__,
        view,
        methods=route.methods,
        provide_automatic_options="OPTIONS" not in route.methods,
    )


def answered(reply: Reply) -> Response:
    """A reply as Flask sends it."""
    response = Response(reply.body, reply.status, reply.headers)
    if not reply.body and all(name != "Content-Type" for name, _ in reply.headers):
        del response.headers["Content-Type"]  # Flask's guess at what an empty body is
    return response


def request_id() -> str:
    """The correlation id of this request, made once."""
    if "request_id" not in g:
        g.request_id = request.environ.get("gatehouse.request_id") or secrets.token_hex(8)
    made: str = g.request_id
    return made


def required(here: Platform, environ: Mapping[str, Any]) -> Configuration:
    """The tenant of a request. Raises PageError 404 for an address of no tenant."""
    config = (
        environ[placing.FOUND]
        if placing.FOUND in environ
        else resolve(here, environ.get("HTTP_HOST", ""), environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "/"))
    )
    if not isinstance(config, Configuration):
        raise PageError("not_found", NOBODY_HERE, status=404)
    return config


def resolve(here: Platform, host: str, path: str = "/") -> Configuration | None:
    """The tenant of a Host header and a path. In development the loopback names are the default tenant's, on any
    port.
    """
    name = host.lower()
    if not name or "/" in name or not name.isprintable():  # PostgreSQL takes no NUL
        return None
    found = here.configurations.by_place(placing.places(_without_default_port(name), path), here.db.hot)
    if found is None and here.settings.development and _bare(name) in LOOPBACK_HOSTS:
        with here.db.hot() as hot:
            default = hot.one(_DEFAULT_HOST, yes=True)
        found = here.configurations.by_place([default], here.db.hot) if default is not None else None
        if found is not None and not placing.covers(path, found.root):
            return None
    return found


def serves(here: Platform, name: str) -> bool:
    """Whether anything is served under the host name: a tenant, at whatever port and below whatever path of the
    installation's own host or of a custom domain.
    """
    name = name.lower()
    if name == urlsplit(here.settings.public_url).hostname or resolve(here, name) is not None:
        return True
    with here.db.hot() as hot:
        return name.isprintable() and tenant_of(hot, name) is not None


def _bare(host: str) -> str:
    if not host.startswith("["):
        return host.partition(":")[0]
    name, bracket, _ = host.partition("]")
    return name + bracket


def _without_default_port(host: str) -> str:
    for port in (":80", ":443"):
        if host.endswith(port) and not host.endswith(":" + port):
            return host.removesuffix(port)
    return host


def form(most: int = params.MAX_FIELDS) -> dict[str, str]:
    """The fields of a form of ours, ``most`` of them. Raises PageError for what no browser sends: repeats, broken text,
    NUL (security.md A16).
    """
    if request.mimetype != "application/x-www-form-urlencoded":
        raise PageError("invalid_request", "The request must be a form.")
    return _strict(request.get_data(), most)


def query() -> dict[str, str]:
    """The parameters of the address, read like :func:`form`."""
    return _strict(request.query_string)


def _strict(raw: bytes, most: int = params.MAX_FIELDS) -> dict[str, str]:
    try:
        return params.from_urlencoded(raw, most)
    except OAuthError as problem:
        raise PageError(problem.error, problem.description) from problem


def device() -> str | None:
    """The browser's id from its cookie (:func:`cookies.device`)."""
    return cookies.device(current())


def ensure_device() -> str:
    """The browser's id, a new one where the browser has none; :func:`send_device` sets the cookie."""
    found = device() or g.get("new_device")
    if found is None:
        found = g.new_device = secrets.token_urlsafe(32)
    return str(found)


def send_device(work: Work, response: Response) -> Response:
    """Set the device cookie if this request made one.

    Under TLS it also travels with a form that an application posts to ``/authorize``: without it there, the browser
    would be given a new id, and the pages it has open in other tabs would belong to nobody. Forms of ours are proven by
    their token and the browser's own headers (:func:`check_form`), not by this cookie alone.
    """
    fresh = g.get("new_device")
    if fresh:
        cookies.send(work, response, cookies.DEVICE, fresh, max_age_s=cookies.DEVICE_MAX_AGE_S)
    return response


def csrf_token(work: Work) -> str:
    """The token for this browser's forms."""
    return work.platform.csrf_signer.tag(f"{work.tenant_id}\0{ensure_device()}")


class CookiesBlocked(Exception):
    """A form came back without the cookie its page set."""


def check_form(work: Work, token: str | None) -> None:
    """Refuse a form that is not this browser's own (security.md H5). Raises CookiesBlocked, PageError 403."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if (site and site != "same-origin") or (origin and origin != "null" and not _ours(work, origin)):
        raise PageError("forbidden", "This form was sent from another site.", status=403)
    known = device()
    if known is None:
        raise CookiesBlocked
    if not token or not work.platform.csrf_signer.check(f"{work.tenant_id}\0{known}", token):
        raise PageError(
            "forbidden", "This form is not from this browser, or it is too old. Go back and try again.", status=403
        )


def chosen_here() -> bool:
    """Whether a link of our own pages, or an address that somebody typed, led to this GET: what it asks for is theirs.
    A HEAD is nobody's choice, and neither is what another site has a browser ask for. Browsers that do not say are
    believed: use it for what does no harm (language), and a form for the rest.
    """
    return request.method == "GET" and request.headers.get("Sec-Fetch-Site") in {None, "same-origin", "none"}


def _ours(work: Work, origin: str) -> bool:
    try:
        here, there = urlsplit(work.config.url), urlsplit(origin)
    except ValueError:  # no browser sends such a thing
        return False
    if (here.scheme, here.netloc) == (there.scheme, there.netloc):
        return True
    return (
        work.platform.settings.development
        and there.netloc == request.environ.get("HTTP_HOST")
        and _bare(there.netloc) in LOOPBACK_HOSTS
    )


def device_hash() -> str | None:
    """What a transaction keeps of the browser's id."""
    known = device()
    return digest(known) if known else None


def session_secret() -> str | None:
    """The session cookie, primary name first, then the one for old browsers."""
    return cookies.session_secret(current())


def send_session(work: Work, response: Response, secret: str, *, max_age_s: int | None) -> Response:
    """Set the session cookie (spec/sessions-cookies-redirects.md): SameSite=None and Secure under TLS, Lax on plain
    http.
    """
    cookies.send(work, response, cookies.SESSION, secret, max_age_s=max_age_s)
    if https(work):
        cookies.send(
            work, response, cookies.SESSION + cookies.COMPAT_SUFFIX, secret, max_age_s=max_age_s, same_site=None
        )
    if work.config.settings.session_management:
        state = digest(f"browser state\0{secret}")
        cookies.send(work, response, cookies.BROWSER_STATE, state, max_age_s=max_age_s, for_scripts=True)
    return response


def drop_session(work: Work, response: Response) -> Response:
    """Delete the session cookies."""
    for name in (cookies.SESSION, cookies.SESSION + cookies.COMPAT_SUFFIX, cookies.BROWSER_STATE):
        if cookies.get(work, name) is not None:
            cookies.drop(work, response, name)
    return response


def redirect(location: str, status: int = 303) -> Response:
    """To ``location``, never cached."""
    return answered(redirection(location, status))
