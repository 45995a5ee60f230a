"""``/tenants/settings`` and ``/prompts``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from idp.foundation.apikit import Api, as_view, changes
from idp.foundation.kernel.documents import merged
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.settings import Prompts, TenantSettings
from idp.foundation.tenancy.work import Work
from idp.tenant.settings import service
from idp.tenant.settings.schemas import PromptSettings, PromptSettingsView, TenantSettingsUpdate, TenantSettingsView

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


@api.get("/tenants/settings", scopes={"read:tenant_settings"}, fields=True, summary="Get tenant settings")
def get_settings(work: Work) -> TenantSettingsView:
    """The settings in force."""
    return settings_view(_tenant(work).settings)


@api.patch("/tenants/settings", scopes={"update:tenant_settings"}, summary="Update tenant settings")
def update_settings(work: Work, body: TenantSettingsUpdate) -> TenantSettingsView:
    """Change some; ``flags`` and ``compatibility`` merge key by key, null restores the default."""
    members = _lifetimes(changes(body))
    stored = _tenant(work).settings
    for name in members.keys() & set(HOURS):
        stored = {key: value for key, value in stored.items() if key != f"{name}_in_minutes"}
    row = service.change(work, "settings", merged(stored, members, deep=PER_KEY))
    return settings_view(row.settings)


@api.get("/prompts", scopes={"read:prompts"}, summary="Get prompt settings")
def get_prompts(work: Work) -> PromptSettingsView:
    """Universal Login's own switches."""
    return prompts_view(_tenant(work).prompts)


@api.patch("/prompts", scopes={"update:prompts"}, summary="Update prompt settings")
def update_prompts(work: Work, body: PromptSettings) -> PromptSettingsView:
    """Change some; the next page shown obeys."""
    document = merged(_tenant(work).prompts, changes(body))
    return prompts_view(service.change(work, "prompts", document).prompts)


def settings_view(stored: Mapping[str, Any]) -> TenantSettingsView:
    """The stored document on top of the defaults in force, so that a read-modify-write loses nothing (security.md
    W11).
    """
    defaults = msgspec.to_builtins(TenantSettings())
    members = {**{name: defaults[name] for name in _SHOWN_DEFAULTS}, **_EFFECTIVE, **stored}
    for name in PER_KEY:
        members[name] = {**defaults[name], **(stored.get(name) or {})}
    return as_view(TenantSettingsView, {**members, "sandbox_versions_available": SANDBOX_VERSIONS})


def prompts_view(stored: Mapping[str, Any]) -> PromptSettingsView:
    """The stored switches on top of the defaults."""
    return as_view(PromptSettingsView, {**msgspec.to_builtins(Prompts()), **stored})


def _tenant(work: Work) -> Tenant:
    return work.rows.get_one(Tenant, work.tenant_id)


def _lifetimes(members: dict[str, Any]) -> dict[str, Any]:
    """Whole hours stay integers, as Auth0 answers them."""
    return {
        name: int(value) if name in HOURS and isinstance(value, float) and value.is_integer() else value
        for name, value in members.items()
    }
