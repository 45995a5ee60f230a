"""``/tenants/settings`` and ``/prompts``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from idp.foundation.apikit import Api, Query
from idp.foundation.apikit.schema import changes
from idp.foundation.kernel import registered_urls
from idp.foundation.kernel.documents import merged
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy.management import Call
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.settings import Prompts, TenantSettings
from idp.foundation.tenancy.work import Work
from idp.tenant.settings import service
from idp.tenant.settings.schemas import PromptSettings, TenantSettingsUpdate, TenantSettingsView

api = Api("tenants")
PER_KEY = ("flags", "compatibility")
SANDBOX_VERSIONS = ["22", "18"]
HOURS = ("session_lifetime", "idle_session_lifetime", "ephemeral_session_lifetime", "idle_ephemeral_session_lifetime")
_EFFECTIVE: Mapping[str, Any] = {
    "session_lifetime": 168,
    "idle_session_lifetime": 72,
    "ephemeral_session_lifetime": 72,
    "idle_ephemeral_session_lifetime": 24,
    "sandbox_version": SANDBOX_VERSIONS[0],
    "allowed_logout_urls": [],
    "resource_parameter_profile": "audience",
}
_SHOWN_DEFAULTS = ("enabled_locales", "session_cookie", "sessions", "oidc_logout", "flags", "compatibility")
_URLS = ("picture_url", "support_url")


@api.get(
    "/tenants/settings",
    scopes={"read:tenant_settings"},
    returns=TenantSettingsView,
    fields=True,
    summary="Get tenant settings",
)
def get_settings(call: Call[Query, None]) -> dict[str, Any]:
    """The settings in force."""
    return _shown(_tenant(call.work).settings)


@api.patch(
    "/tenants/settings",
    scopes={"update:tenant_settings"},
    body=TenantSettingsUpdate,
    returns=TenantSettingsView,
    summary="Update tenant settings",
)
def update_settings(call: Call[Query, TenantSettingsUpdate]) -> dict[str, Any]:
    """Change some; ``flags`` and ``compatibility`` merge key by key, null restores the default."""
    members = _lifetimes(changes(call.body))
    _check_urls(members, development=call.work.platform.settings.development)
    stored = _tenant(call.work).settings
    for name in members.keys() & set(HOURS):
        stored = {key: value for key, value in stored.items() if key != f"{name}_in_minutes"}
    row = service.change(call.work, "settings", merged(stored, members, deep=PER_KEY))
    return _shown(row.settings)


@api.get("/prompts", scopes={"read:prompts"}, returns=PromptSettings, summary="Get prompt settings")
def get_prompts(call: Call[Query, None]) -> dict[str, Any]:
    """Universal Login's own switches."""
    return _prompts(_tenant(call.work).prompts)


@api.patch(
    "/prompts", scopes={"update:prompts"}, body=PromptSettings, returns=PromptSettings, summary="Update prompt settings"
)
def update_prompts(call: Call[Query, PromptSettings]) -> dict[str, Any]:
    """Change some; the next page shown obeys."""
    document = merged(_tenant(call.work).prompts, changes(call.body))
    return _prompts(service.change(call.work, "prompts", document).prompts)


def _tenant(work: Work) -> Tenant:
    return work.rows.get_one(Tenant, work.tenant_id)


def _shown(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The stored document on top of the defaults in force, so that a read-modify-write loses nothing (security.md
    W11).
    """
    defaults = msgspec.to_builtins(TenantSettings())
    shown = {**{name: defaults[name] for name in _SHOWN_DEFAULTS}, **_EFFECTIVE, **stored}
    for name in PER_KEY:
        shown[name] = {**defaults[name], **(stored.get(name) or {})}
    return {**shown, "sandbox_versions_available": SANDBOX_VERSIONS}


def _prompts(stored: Mapping[str, Any]) -> dict[str, Any]:
    defaults: dict[str, Any] = msgspec.to_builtins(Prompts())
    return {**defaults, **stored}


def _lifetimes(members: dict[str, Any]) -> dict[str, Any]:
    """Whole hours stay integers, as Auth0 answers them."""
    return {
        name: int(value) if name in HOURS and isinstance(value, float) and value.is_integer() else value
        for name, value in members.items()
    }


def _check_urls(members: Mapping[str, Any], *, development: bool) -> None:
    flat = {**members, "error_page.url": (members.get("error_page") or {}).get("url")}
    for name in (*_URLS, "error_page.url"):
        _check_url(name, flat.get(name), registered_urls.web)
    page = members.get("default_redirection_uri")
    _check_url("default_redirection_uri", page, lambda url: registered_urls.login_page(url, development=development))
    for index, url in enumerate(members.get("allowed_logout_urls") or ()):
        _check_url(f"allowed_logout_urls[{index}]", url, registered_urls.redirect)


def _check_url(name: str, url: str | None, judge: Callable[[str], bool]) -> None:
    if url and not judge(url):
        raise fault(BODY, f"Object didn't pass validation for format url: {url[:200]}", name)
