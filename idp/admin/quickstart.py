"""The quick start of an application: what its developers paste, and whether anybody has signed in with it yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.once import handed_over
from idp.admin.quickstart_samples import OF_TYPE
from idp.protocol.oauth.log_types import OAuthLog
from idp.signin.login.log_types import LoginLog
from idp.tenant.audit import api as logs
from idp.tenant.audit.models import LogEntry

LOCAL = "http://localhost:3000/callback"
"""Proposed where no callback is registered yet."""
MACHINE = "non_interactive"
ARRIVED = (LoginLog.SUCCESS, OAuthLog.SILENT_AUTH, OAuthLog.CODE_EXCHANGED, OAuthLog.CLIENT_CREDENTIALS_EXCHANGED)
"""Types of log entries that say that an application works."""
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+=,~-]*\Z")
RUN = "set -a; . ./.env; set +a\npython app.py"


def view(visit: Visit, there: Object) -> Mapping[str, Any]:
    """The tab."""
    issuer, document = visit.work.config.issuer, there.document
    callbacks = document.get("callbacks") or []
    machine = document.get("app_type") == MACHINE
    method = str(document.get("token_endpoint_auth_method") or "client_secret_post")
    secret = handed_over(visit).get("client_secret", "")
    audience = visit.work.config.management_audience
    lines = {
        "AUTH0_DOMAIN": urlsplit(issuer).netloc,
        "AUTH0_CLIENT_ID": there.id,
        **({"AUTH0_CLIENT_SECRET": secret} if secret else {}),
        "OIDC_ISSUER": issuer,
        "OIDC_CLIENT_ID": there.id,
        **({"OIDC_CLIENT_SECRET": secret, "OIDC_TOKEN_ENDPOINT_AUTH_METHOD": method} if method != "none" else {}),
        **({"AUTH0_AUDIENCE": audience} if machine else {"OIDC_REDIRECT_URI": callbacks[0] if callbacks else LOCAL}),
    }
    return {
        "issuer": issuer,
        "machine": machine,
        "discovery": f"{issuer}.well-known/openid-configuration",
        "dotenv": "\n".join(f"{name}={quoted(value)}" for name, value in lines.items()),
        "public": method == "none",
        "callbacks": callbacks,
        "proposed": LOCAL,
        "sample": _sample(str(document.get("app_type") or ""), method),
        "run": RUN,
        "arrived": _arrived(visit, there.id),
        "watched": operations.may(visit.work, logs.list_logs),
        "token_call": f"curl --request POST {issuer}oauth/token \\\n"
        f"  --data grant_type=client_credentials --data client_id={there.id} \\\n"
        f'  --data "client_secret=$CLIENT_SECRET" --data audience={audience}',
    }


def _sample(app_type: str, method: str) -> str:
    """The program for that type of application; none where it would have to prove itself in another way."""
    return OF_TYPE.get(app_type, "") if (method != "none") == (app_type == "regular_web") else ""


def _arrived(visit: Visit, client_id: str) -> int | None:
    """When (ms) somebody signed in with it last, or it got a token for itself; as long as the log is kept."""
    if not operations.may(visit.work, logs.list_logs):
        return None
    mine = (LogEntry.tenant_id == visit.work.tenant_id, LogEntry.client_id == client_id, LogEntry.type.in_(ARRIVED))
    newest = select(LogEntry.date).where(*mine).order_by(LogEntry.log_id.desc()).limit(1)
    found: int | None = visit.work.rows.scalar(newest)
    return found


def quoted(value: str) -> str:
    """As a shell and every reader of such files take it."""
    return value if _PLAIN.match(value) else "'" + value.replace("'", "%27") + "'"
