"""The captcha providers of a tenant as requests read them. Their secrets are opened when one of them is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from idp.foundation.kernel import document_encryption
from idp.foundation.kernel.documents import merged
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.work import Work

OWN, TEXT = "auth_challenge", "simple_captcha"
DEFAULTS: Mapping[str, Any] = {
    "active_provider_id": OWN,
    TEXT: {},
    OWN: {"fail_open": False},
    "recaptcha_v2": {"site_key": ""},
    "recaptcha_enterprise": {"site_key": "", "project_id": ""},
    "hcaptcha": {"site_key": ""},
    "friendly_captcha": {"site_key": ""},
    "arkose": {"site_key": "", "client_subdomain": "client-api", "verify_subdomain": "verify-api", "fail_open": False},
}
PROVIDERS = tuple(name for name in DEFAULTS if name != "active_provider_id")


class Captcha(msgspec.Struct, frozen=True):
    """The provider that is asked. ``secret`` is what it knows us by; ``project_id`` that of reCAPTCHA Enterprise."""

    provider: str = OWN
    site_key: str = ""
    secret: str = ""
    project_id: str = ""
    client_subdomain: str = ""
    verify_subdomain: str = ""
    fail_open: bool = False


def whole(stored: Mapping[str, Any]) -> dict[str, Any]:
    """``stored`` on top of what a fresh tenant has."""
    return merged(DEFAULTS, stored, deep=PROVIDERS)


def current(work: Work) -> Captcha:
    """The provider in force, remembered as long as the configuration stays the same."""
    return work.config.remember("captcha", "active", lambda: _read(work))


def _read(work: Work) -> Captcha:
    document = whole(work.config.attack_protection.captcha)
    provider = str(document["active_provider_id"])
    sealer = work.sealer(Tenant.attack_protection, id=work.tenant_id)
    members = document_encryption.opened(document.get(provider) or {}, dict[str, Any], sealer)
    members["secret"] = members.pop("api_key", None) or members.get("secret") or ""
    known = {name: value for name, value in members.items() if name in Captcha.__struct_fields__}
    return Captcha(provider=provider, **known)
