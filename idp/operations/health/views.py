"""``/healthz``, ``/readyz``, ``/metrics``: no tenant, no session, never cached."""

from __future__ import annotations

import ipaddress
import re
import time

import msgspec
from flask import Blueprint, Response, request
from sqlalchemy import literal, select

from idp.foundation.db.hot import Statement
from idp.foundation.db.migrations import HEAD
from idp.foundation.kernel.errors import StoreUnavailable
from idp.foundation.queue import store
from idp.foundation.settings import Settings
from idp.foundation.tenancy.http import platform, serves
from idp.foundation.tenancy.work import Platform
from idp.operations.health.metrics import ENDPOINTS, counters, exposition

BEGAN = "gatehouse.began"
_ALIVE = Statement("health_select_1", select(literal(1)), row=int)
blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return _json({"status": "ok"})


@blueprint.get("/healthz/domain")
def domain() -> Response:
    """Whether a tenant answers under the host name ``domain``: what a proxy asks before it has a certificate made
    (Caddy's ``on_demand_tls``). 404 where none does. Certificates are for names: at which port and below which path of
    the installation's own host it answers does not matter.
    """
    served = serves(platform(), request.args.get("domain", ""))
    return _json({"status": "ok" if served else "unknown"}, status=200 if served else 404)


@blueprint.get("/readyz")
def readyz() -> Response:
    """The database answers, else 503 with the reason. Redis silent is ``degraded``, and still 200."""
    here = platform()
    problem = _database_problem(here)
    if problem:
        answer = _json({"status": "unavailable", "reason": problem}, status=503)
        answer.headers["Retry-After"] = "2"
        return answer
    if here.settings.redis_url and not _redis_answers(here.settings):
        return _json({"status": "degraded", "reason": "Redis does not answer; the database does its work"})
    return _json({"status": "ok"})


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus' text format; who may read it is ``IDP_METRICS``: loopback peers, everybody, nobody."""
    here = platform()
    allowed = here.settings.metrics == "on" or (here.settings.metrics == "local" and direct_loopback())
    if not allowed:
        return _json({"error": "not_found"}, status=404)
    answer = Response(exposition(_gauges(here)), content_type="text/plain; version=0.0.4; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.after_app_request
def count(response: Response) -> Response:
    """Count every request that reached Flask."""
    began = request.environ.get(BEGAN)
    seconds = time.perf_counter() - began if began is not None else 0.0
    counters.observe(_group(request.blueprint, request.path), response.status_code, seconds)
    return response


def direct_loopback() -> bool:
    """Whether the peer sits on this machine and no proxy stands between: ``ProxyFix`` or not, anything that a proxy
    adds rules it out.
    """
    if any(forwarding(name) for name in request.environ):
        return False
    original = request.environ.get("werkzeug.proxy_fix.orig") or request.environ
    try:
        return ipaddress.ip_address(str(original.get("REMOTE_ADDR") or "")).is_loopback
    except ValueError:
        return False


_FORWARDING = re.compile(
    r"HTTP_("
    r"FORWARDED|VIA|CDN_LOOP|EAGLEID|"
    r"X_(FORWARDED|ORIGINAL|ENVOY|AMZN|AMZ_CF|AZURE|APPENGINE|ARR|CLOUD|VERCEL|NF|PROXYUSER|SENDGRID|RAILWAY|HEROKU)|"
    r"CF_|CLOUDFRONT_|DISGUISED_HOST|NGROK_|TAILSCALE_|WAS_DEFAULT_HOSTNAME|FLY_|FASTLY_|AKAMAI_|ALI_|INCAP_|"
    r"(\w+_)?(CLIENT|REAL|REMOTE|CONNECTING|SOURCE|ORIGIN|ORIGINATING|USER)_?(IP|ADDR|HOST|PORT|PROTO|SCHEME|CERT)"
    r")"
)


def forwarding(name: str) -> bool:
    """Whether a WSGI variable is a header that proxies add: the standard's own (RFC 7239, ``Via``), ``X-Forwarded-*``
    of any kind, and what content delivery networks and tunnels say of the client (``CF-Connecting-IP``,
    ``True-Client-IP``, ``Fly-Client-IP``, ...).
    """
    return _FORWARDING.match(name) is not None


def _group(name: str | None, path: str) -> str:
    if path.startswith("/api/v2/"):
        return "management"
    if name in ENDPOINTS:
        return name
    return {"rp_initiated_logout": "logout", "v2_logout": "logout", "landing": "login", "well_known": "discovery"}.get(
        name or "", "other"
    )


def _database_problem(here: Platform) -> str | None:
    from idp.foundation.db.migrate import stored_revision

    try:
        with here.db.hot() as hot:
            hot.one(_ALIVE)
        if stored_revision(here.db.engine) != HEAD:
            return "the database is not at this version's schema: run `idp migrate`"
    except StoreUnavailable:
        return "the database does not answer"
    return None


def _redis_answers(settings: Settings) -> bool:
    from idp.foundation.redis_client import client

    try:
        return bool(client(settings).ping())
    except Exception:  # noqa: BLE001 - whatever is wrong with Redis, the answer is the same
        return False


def _gauges(here: Platform) -> dict[str, tuple[str, float]]:
    gauges: dict[str, tuple[str, float]] = {}
    try:
        with here.db.hot() as hot:
            waiting = store.oldest_waiting_ms(hot)
        gauges["database_up"] = ("Whether the database answers.", 1.0)
        gauges["outbox_oldest_waiting_seconds"] = (
            "Age of the oldest task that is due and not done.",
            (waiting or 0) / 1000,
        )
    except StoreUnavailable:
        gauges["database_up"] = ("Whether the database answers.", 0.0)
    return gauges


def _json(document: dict[str, str], *, status: int = 200) -> Response:
    answer = Response(msgspec.json.encode(document), status=status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
