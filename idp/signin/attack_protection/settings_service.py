"""Use cases on a tenant's attack protection: read and change one of its parts. What is stored is whole, so that every
process reads the same whatever its version adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from idp.foundation.kernel import document_encryption
from idp.foundation.kernel.documents import merged
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.protection import AttackProtection
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import captcha_settings
from idp.tenant.settings import service as tenants

BRUTE_FORCE, SUSPICIOUS_IP = "brute-force-protection", "suspicious-ip-throttling"
PHONE_PROVIDER = "phone-provider-protection"
BREACHED_PASSWORDS, BOT_DETECTION, CAPTCHA = "breached-password-detection", "bot-detection", "captcha"
PARTS = (BRUTE_FORCE, SUSPICIOUS_IP, BREACHED_PASSWORDS, BOT_DETECTION, CAPTCHA, PHONE_PROVIDER)
"""The shields; others keep settings beside them."""
_STAGE = ("stage",)


def current(work: Work, part: str) -> dict[str, Any]:
    """That part as it is in force, every member of it."""
    return _whole(work.rows.get_one(Tenant, work.tenant_id).attack_protection, part)


def change(work: Work, part: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """Change some members, the stages of ``stage`` one by one. The next request of every process obeys."""
    stored = tenants.locked(work).attack_protection
    document = merged(_whole(stored, part), members, deep=_STAGE)
    tenants.change(work, "attack_protection", {**stored, part: document})
    return document


def captcha(work: Work) -> dict[str, Any]:
    """The providers as they are stored, secrets sealed, on top of what a fresh tenant has."""
    return captcha_settings.whole(work.rows.get_one(Tenant, work.tenant_id).attack_protection.get(CAPTCHA) or {})


def change_captcha(work: Work, members: Mapping[str, Any], declared: type[msgspec.Struct]) -> dict[str, Any]:
    """Change providers; members of one that are not named stay as they are. ``declared`` says which are secrets."""
    stored = tenants.locked(work).attack_protection
    sealer = work.sealer(Tenant.attack_protection, id=work.tenant_id)
    sealed = document_encryption.seal(dict(members), declared, sealer)
    document = merged(stored.get(CAPTCHA) or {}, sealed, deep=captcha_settings.PROVIDERS)
    tenants.change(work, "attack_protection", {**stored, CAPTCHA: document})
    return captcha_settings.whole(document)


def _whole(stored: Mapping[str, Any], part: str) -> dict[str, Any]:
    defaults: dict[str, Any] = msgspec.to_builtins(AttackProtection())[part]
    return merged(defaults, stored.get(part) or {}, deep=_STAGE)
