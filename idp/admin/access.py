"""Whom the dashboard lets in beside their roles: from which addresses, and whether by a second factor (decision 0279).

The two are a part of the tenant's attack protection, so that every request knows them without asking the store.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from idp.foundation.kernel.errors import BadRequest, PageError
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import settings_service
from idp.signin.attack_protection.addresses import listed
from idp.signin.factors import service as factors
from idp.tenant.audit import log
from idp.tenant.members.log_types import MemberLog

PART = "dashboard-access"


def current(work: Work) -> dict[str, Any]:
    """Both as they are stored."""
    return settings_service.current(work, PART)


def change(work: Work, members: Mapping[str, Any]) -> dict[str, Any]:
    """Change one or both; the next request of every administrator obeys.

    :raises BadRequest: an entry that is no address or network, a list without whoever asks, or a second factor where
        the tenant has none.
    """
    for number, entry in enumerate(members.get("allowed_ips") or ()):
        if not _is_network(entry):
            raise BadRequest(f"{entry!r} is no address and no network.", "invalid_body", where=f"allowed_ips[{number}]")
    wanted = members.get("allowed_ips")
    if wanted and not listed(work.ip, wanted):
        raise BadRequest(
            f"Your own address {work.ip} is not in the list: it would shut you out.",
            "own_address_missing",
            where="allowed_ips",
        )
    if members.get("mfa_required") == "always" and not factors.enrollable(work):
        raise BadRequest(
            "No factor is switched on for this tenant: switch one on first.", "no_factor", where="mfa_required"
        )
    return settings_service.change(work, PART, members)


def lift(work: Work) -> bool:
    """Any address is good again; whether there was a list. For the operator, on the host."""
    if not current(work)["allowed_ips"]:
        return False
    settings_service.change(work, PART, {"allowed_ips": []})
    log.write(work, MemberLog.LIFTED, details={"channel": work.actor.channel})
    return True


def refuse_elsewhere(work: Work) -> None:
    """Keep everybody out who comes from somewhere else.

    :raises PageError: 403.
    """
    allowed = work.config.attack_protection.dashboard_access.allowed_ips
    if allowed and not listed(work.ip, allowed):
        raise PageError("access_denied", "The dashboard of this tenant cannot be opened from your address.", status=403)


def wants_factor(work: Work) -> bool:
    """Whether administrators prove a second factor. Where nobody said so they do in production, as far as the tenant
    has factors.
    """
    said = work.config.attack_protection.dashboard_access.mfa_required
    if said != "in_production":
        return said == "always"
    return not work.platform.settings.development and bool(factors.enrollable(work))


def _is_network(entry: str) -> bool:
    try:
        ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False
    return True
