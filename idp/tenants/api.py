"""``/tenants/settings`` and ``/prompts``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from idp.apikit import Api, Query
from idp.apikit.document import merged
from idp.apikit.schema import BODY, changes, fault
from idp.kernel import redirects
from idp.tenants import service
from idp.tenants.management import Call, ManagementContext
from idp.tenants.models import Tenant
from idp.tenants.schemas import PromptSettings, TenantSettingsUpdate, TenantSettingsView
from idp.tenants.settings import Prompts, TenantSettings

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
_URLS = ("picture_url", "support_url", "default_redirection_uri")


@api.get(
    "/tenants/settings",
    scopes={"read:tenant_settings"},
    returns=TenantSettingsView,
    fields=True,
    summary="Get tenant settings",
)
def get_settings(call: Call[Query, None]) -> dict[str, Any]:
    """The settings in force."""
    return _shown(_tenant(call.ctx).settings)


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
    _check_urls(members)
    stored = _tenant(call.ctx).settings
    for name in members.keys() & set(HOURS):
        stored = {key: value for key, value in stored.items() if key != f"{name}_in_minutes"}
    row = service.change(call.ctx.unit, call.ctx.tenant, "settings", merged(stored, members, deep=PER_KEY))
    return _shown(row.settings)


@api.get("/prompts", scopes={"read:prompts"}, returns=PromptSettings, summary="Get prompt settings")
def get_prompts(call: Call[Query, None]) -> dict[str, Any]:
    """Universal Login's own switches."""
    return _prompts(_tenant(call.ctx).prompts)


@api.patch(
    "/prompts", scopes={"update:prompts"}, body=PromptSettings, returns=PromptSettings, summary="Update prompt settings"
)
def update_prompts(call: Call[Query, PromptSettings]) -> dict[str, Any]:
    """Change some; the next page shown obeys."""
    document = merged(_tenant(call.ctx).prompts, changes(call.body))
    return _prompts(service.change(call.ctx.unit, call.ctx.tenant, "prompts", document).prompts)


def _tenant(ctx: ManagementContext) -> Tenant:
    return ctx.unit.get_one(Tenant, ctx.tenant)


def _shown(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The stored document on top of the defaults in force, so that a read-modify-write loses nothing (security.md W11)."""
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


def _check_urls(members: Mapping[str, Any]) -> None:
    for name in _URLS:
        value = members.get(name)
        if value and redirects.origin(value) is None:
            raise fault(BODY, f"Object didn't pass validation for format url: {value[:200]}", name)
    error_url = (members.get("error_page") or {}).get("url")
    if error_url and redirects.origin(error_url) is None:
        raise fault(BODY, "Object didn't pass validation for format url", "error_page.url")
    for index, url in enumerate(members.get("allowed_logout_urls") or ()):
        if redirects.parse(url.replace("{organization_name}", "organization")) is None:
            raise fault(
                BODY, f"Object didn't pass validation for format url: {url[:200]}", f"allowed_logout_urls[{index}]"
            )
