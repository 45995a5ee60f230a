"""The quick start of an API: a program that takes no other tokens than its own, with the values that it runs with, and
whether a token was given out for it yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import func, select, union_all

from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Document, Tab
from idp.admin.quickstart import quoted
from idp.protocol.oauth.log_types import OAuthLog
from idp.tenant.audit import api as logs
from idp.tenant.audit.models import LogEntry

SAMPLE: Final = '''"""pip install flask joserfc requests"""
import os

import requests
from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

issuer, audience = os.environ["OIDC_ISSUER"], os.environ["AUTH0_AUDIENCE"]
app = Flask(__name__)
about = requests.get(issuer + ".well-known/openid-configuration", timeout=10).json()
wanted = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": issuer},
    aud={"essential": True, "value": audience},
    exp={"essential": True},
)


def claims_of(token):
    keys = KeySet.import_key_set(requests.get(about["jwks_uri"], timeout=10).json())
    found = jwt.decode(token, keys, algorithms=[os.environ["API_SIGNING_ALG"]])
    wanted.validate(found.claims)
    return found.claims


@app.get("/")
def who():
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        claims = claims_of(token) if scheme == "Bearer" else None
    except (JoseError, ValueError):
        claims = None
    if claims is None:
        return jsonify(error="invalid_token"), 401, {"WWW-Authenticate": "Bearer"}
    return jsonify(sub=claims["sub"], scope=claims.get("scope", ""))


app.run(port=int(os.environ["PORT"]))
'''
RUN: Final = "set -a; . ./.env; set +a\npython api.py"
PORT: Final = 5001
CALL: Final = f'curl http://localhost:{PORT}/ \\\n  --header "Authorization: Bearer $ACCESS_TOKEN"'
SHARED: Final = "HS256"
GIVEN: Final = (OAuthLog.CODE_EXCHANGED, OAuthLog.CLIENT_CREDENTIALS_EXCHANGED)
"""Types of log entries that say that a token was given out, and for which API."""
MOST_READ: Final = 500
"""Entries of each type, the newest, among which one for the API is looked for."""


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    issuer, document = visit.work.config.issuer, there.document
    algorithm = str(document.get("signing_alg") or "RS256")
    lines = {
        "AUTH0_DOMAIN": urlsplit(issuer).netloc,
        "AUTH0_AUDIENCE": str(document["identifier"]),
        "OIDC_ISSUER": issuer,
        "API_SIGNING_ALG": algorithm,
        "PORT": str(PORT),
    }
    return {
        "dotenv": "\n".join(f"{name}={quoted(value)}" for name, value in lines.items()),
        "sample": SAMPLE if _reads(document) else "",
        "run": RUN,
        "call": CALL,
        "test": visit.href(there.path("test")),
        "discovery": f"{issuer}.well-known/openid-configuration",
        "watched": operations.may(visit.work, logs.list_logs),
        "given": _given(visit, str(document["identifier"])),
    }


def _reads(document: Document) -> bool:
    """Whether the program takes its tokens: signed with a key that is published, in clear, and bound to nothing."""
    bound = (document.get("proof_of_possession") or {}).get("required")
    return document.get("signing_alg") != SHARED and not document.get("token_encryption") and not bound


def _given(visit: Visit, audience: str) -> int | None:
    """When (ms) a token was given out for it last, as far as the newest entries tell."""
    if not operations.may(visit.work, logs.list_logs):
        return None
    newest = [
        select(LogEntry.date, LogEntry.audience)
        .where(LogEntry.tenant_id == visit.work.tenant_id, LogEntry.type == kind)
        .order_by(LogEntry.log_id.desc())
        .limit(MOST_READ)
        .subquery()
        for kind in GIVEN
    ]
    either = union_all(*(select(each.c.date, each.c.audience) for each in newest)).subquery()
    found: int | None = visit.work.rows.scalar(select(func.max(either.c.date)).where(either.c.audience == audience))
    return found


TAB = Tab("quickstart", template="admin/apis/quickstart.html", view=_view)
