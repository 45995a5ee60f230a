"""What telephones and browsers ask a domain about the applications that belong to it, and where people keep their
passkeys here. Everything follows the clients' ``mobile`` and ``web_origins``; nothing is secret.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from flask import Blueprint, Response

from idp.applications.clients import native_apps
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.signin.webauthn import relying_party

HEADERS = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}
blueprint = Blueprint("well_known_apps", __name__)


def _related_origins(work: Work) -> dict[str, Any]:
    """Other sites where passkeys of this host are used (WebAuthn Level 3, 5.11.1)."""
    rp = relying_party.of(work)
    own = [rp.origin] if rp is not None and rp.origin.startswith("https://") else []
    return {"origins": [*own, *native_apps.documents(work).related_origins]}


def _passkey_endpoints(work: Work) -> dict[str, Any]:
    """Where people make and keep passkeys (W3C, "A Well-Known URL for Relying Party Passkey Endpoints")."""
    return {"enroll": f"{work.config.url}account/passkeys", "manage": f"{work.config.url}account#passkeys"}


def _asset_links(work: Work) -> list[dict[str, Any]]:
    """Android applications of this domain (Digital Asset Links)."""
    return native_apps.documents(work).asset_links


def _site_association(work: Work) -> dict[str, Any]:
    """Applications of this domain for iOS."""
    return native_apps.documents(work).site_association


DOCUMENTS: dict[str, Callable[[Work], Any]] = {
    "/.well-known/webauthn": _related_origins,
    "/.well-known/passkey-endpoints": _passkey_endpoints,
    "/.well-known/assetlinks.json": _asset_links,
    "/.well-known/apple-app-site-association": _site_association,
}


def _view(answer: Callable[[Work], Any]) -> Response:
    work = http.current()
    work.refresh()
    response = Response(msgspec.json.encode(answer(work)), mimetype="application/json")
    response.headers.update(HEADERS)
    return response


def _register() -> None:
    for path, answer in DOCUMENTS.items():
        view = partial(_view, answer)
        view.__doc__ = answer.__doc__
        blueprint.add_url_rule(path, path.strip("/").replace(".", "-").replace("/", "-"), view)


_register()
