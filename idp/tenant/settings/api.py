"""``/tenants/settings`` and ``/prompts``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from idp.foundation.apikit import Api, as_view, changes
from idp.foundation.kernel.documents import fitting
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.settings import Prompts, TenantSettings
from idp.foundation.tenancy.work import Work
from idp.tenant.settings import service
from idp.tenant.settings.schemas import (
    Flags,
    PromptSettings,
    PromptSettingsView,
    TenantSettingsUpdate,
    TenantSettingsView,
)

api = Api("tenants")
MINUTES_PER_HOUR = 60
SANDBOX_VERSIONS = ["22", "18"]
_EFFECTIVE: Mapping[str, Any] = {
    "session_lifetime": 168,
    "idle_session_lifetime": 72,
    "ephemeral_session_lifetime": 72,
    "idle_ephemeral_session_lifetime": 24,
    "sandbox_version": SANDBOX_VERSIONS[0],
    "allowed_logout_urls": [],
    "resource_parameter_profile": "compatibility",
    "customize_mfa_in_postlogin_action": False,
    "allow_organization_name_in_authentication_api": False,
    "pushed_authorization_requests_supported": True,
    "client_id_metadata_document_supported": False,
    "client_id_metadata_document_dynamic_registration_supported": False,
}
_FLAGS = {
    **dict.fromkeys(Flags.__struct_fields__, False),
    **dict.fromkeys(("enable_client_connections", "enable_sso", "universal_login"), True),
    "new_universal_login_experience_enabled": True,
}
"""Every flag has a value, so that tools that list them say on or off."""
_SHOWN_DEFAULTS = (
    "enabled_locales",
    "session_cookie",
    "sessions",
    "oidc_logout",
    "flags",
    "compatibility",
    "log_retention_days",
    "deleted_users_in_logs",
    "gravatar",
    "extended_user_search",
    "suggest_account_linking",
    "client_registration",
    "federation",
    "session_management",
)


@api.get("/tenants/settings", scopes={"read:tenant_settings"}, fields=True, summary="Get tenant settings")
def get_settings(work: Work) -> TenantSettingsView:
    """The settings in force."""
    return settings_view(service.settings(work))


@api.patch("/tenants/settings", scopes={"update:tenant_settings"}, summary="Update tenant settings")
def update_settings(work: Work, body: TenantSettingsUpdate) -> TenantSettingsView:
    """Change some; ``flags``, ``compatibility``, ``device_flow``, ``client_registration`` and ``federation`` merge key
    by key, null restores the default.
    """
    return settings_view(service.update_settings(work, changes(body)))


@api.get("/prompts", scopes={"read:prompts"}, summary="Get prompt settings")
def get_prompts(work: Work) -> PromptSettingsView:
    """Universal Login's own switches."""
    return prompts_view(_tenant(work).prompts)


@api.patch("/prompts", scopes={"update:prompts"}, summary="Update prompt settings")
def update_prompts(work: Work, body: PromptSettings) -> PromptSettingsView:
    """Change some; the next page shown obeys."""
    return prompts_view(service.update_prompts(work, changes(body)).prompts)


def settings_view(stored: Mapping[str, Any]) -> TenantSettingsView:
    """The stored document on top of the defaults in force, so that a read-modify-write loses nothing (security.md
    W11). Lifetimes are told in hours alone, as Auth0 does: what was read is what an export and an import leave.
    """
    defaults = msgspec.to_builtins(TenantSettings())
    defaults["flags"] = {**_FLAGS, **defaults["flags"]}
    members = {**{name: defaults[name] for name in _SHOWN_DEFAULTS}, **_EFFECTIVE, **stored}
    for name in service.PER_KEY:
        members[name] = {**defaults[name], **(stored.get(name) or {})}
    for name in service.HOURS:
        minutes = members.pop(f"{name}_in_minutes", None)
        if minutes is not None:
            members[name] = service.hours(minutes / MINUTES_PER_HOUR)
    members["sandbox_versions_available"] = SANDBOX_VERSIONS
    return as_view(TenantSettingsView, fitting(members, TenantSettingsView))


def prompts_view(stored: Mapping[str, Any]) -> PromptSettingsView:
    """The stored switches on top of the defaults."""
    return as_view(PromptSettingsView, {**msgspec.to_builtins(Prompts()), **stored})


def _tenant(work: Work) -> Tenant:
    return work.rows.get_one(Tenant, work.tenant_id)
