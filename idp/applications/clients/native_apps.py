"""Applications on telephones and their domain: who they are, as clients' ``mobile`` says, and what Android, iOS and
browsers ask a domain about it.

Android: Digital Asset Links. iOS: ``apple-app-site-association``. Browsers: related origins (WebAuthn Level 3, 5.11).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import bindparam, select

from idp.applications.clients import runtime
from idp.applications.clients.models import Client
from idp.applications.clients.runtime import ClientData
from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel import public_suffixes
from idp.foundation.tenancy.work import Work

WEBAUTHN_GRANT = "urn:okta:params:oauth:grant-type:webauthn"
MOST_LABELS = 5
"""How many different names browsers look at in a list of related origins (WebAuthn 3, 5.11.1)."""
_RELATIONS = ["delegate_permission/common.handle_all_urls", "delegate_permission/common.get_login_creds"]
_SHA256_BYTES = 32


class _ClientRow(msgspec.Struct):
    data: Json[dict[str, Any]]


_ALL = Statement(
    "client_native_apps",
    select(Client.data)
    .where(Client.tenant_id == bindparam("tenant"), Client.is_global.is_(False))
    .order_by(Client.client_id),
    row=_ClientRow,
)


@dataclass(frozen=True)
class Documents:
    """The three documents of a tenant."""

    asset_links: list[dict[str, Any]]
    site_association: dict[str, Any]
    related_origins: list[str]


def documents(work: Work) -> Documents:
    """They, made once per configuration version."""
    return work.config.remember("native apps", "", lambda: _documents(work))


def origins(data: ClientData) -> tuple[str, ...]:
    """What authenticators say they were asked by, where it is the client's own application: its web origins, and its
    Android applications by the keys that they are signed with.
    """
    keys = (base64.urlsafe_b64encode(key).rstrip(b"=").decode() for key in _fingerprints(data))
    return (*(each.rstrip("/") for each in data.web_origins), *(f"android:apk-key-hash:{key}" for key in keys))


def _documents(work: Work) -> Documents:
    clients = [runtime.data_of(row.data) for row in work.hot.all(_ALL, tenant=work.tenant_id)]
    apps = sorted({app for each in clients for app in _apple(each)})
    return Documents(
        [_link(*found) for each in clients for found in _android(each)],
        {
            "applinks": {"apps": [], "details": [{"appID": app, "paths": ["*"]} for app in apps]},
            "webcredentials": {"apps": apps},
        },
        _related([origin for each in clients if WEBAUTHN_GRANT in each.grant_types for origin in each.web_origins]),
    )


def _link(package: str, fingerprints: list[str]) -> dict[str, Any]:
    target = {"namespace": "android_app", "package_name": package, "sha256_cert_fingerprints": fingerprints}
    return {"relation": _RELATIONS, "target": target}


def _android(data: ClientData) -> list[tuple[str, list[str]]]:
    """(package, fingerprints as Android writes them)."""
    package = (data.mobile.android.app_package_name if data.mobile and data.mobile.android else None) or ""
    shown = [":".join(f"{byte:02X}" for byte in key) for key in _fingerprints(data)]
    return [(package, shown)] if package and shown else []


def _fingerprints(data: ClientData) -> list[bytes]:
    said = (data.mobile.android.sha256_cert_fingerprints if data.mobile and data.mobile.android else None) or []
    found = []
    for each in said:
        letters = each.replace(":", "").strip()
        if len(letters) == 2 * _SHA256_BYTES and all(letter in "0123456789abcdefABCDEF" for letter in letters):
            found.append(bytes.fromhex(letters))
    return found


def _apple(data: ClientData) -> list[str]:
    """``team.bundle``."""
    ios = data.mobile.ios if data.mobile else None
    team, bundle = (ios.team_id, ios.app_bundle_identifier) if ios else (None, None)
    return [f"{team}.{bundle}"] if team and bundle else []


def _related(said: list[str]) -> list[str]:
    """Origins under TLS, of as many names as browsers look at."""
    found: list[str] = []
    labels: set[str] = set()
    for origin in dict.fromkeys(each.rstrip("/") for each in said):
        parts = urlsplit(origin)
        label = public_suffixes.label(parts.hostname or "") if parts.scheme == "https" else None
        if label is None or "*" in origin or len(labels | {label}) > MOST_LABELS:
            continue
        labels.add(label)
        found.append(origin)
    return found
