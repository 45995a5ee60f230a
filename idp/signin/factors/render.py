"""Methods as the Management API shows them: no hash, and no seed but one that was made up, once (security.md O9)."""

from __future__ import annotations

from typing import Any

from idp.foundation.apikit import as_view
from idp.foundation.kernel import clock
from idp.signin.factors.administration import Made
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.models import AuthenticationMethod as M
from idp.signin.factors.schemas import EnrollmentView, MethodMade, MethodView, UserEnrollmentView


def method(row: M, *, whole: bool = True) -> MethodView:
    """One method; without ``whole`` as the answers to those who just wrote it have it."""
    return as_view(MethodView, _method(row, whole=whole))


def made(given: Made) -> MethodMade:
    """One that was just given to somebody."""
    return as_view(MethodMade, _method(given.row) | ({} if given.seed is None else {"totp_secret": given.seed}))


def _method(row: M, *, whole: bool = False) -> dict[str, Any]:
    said: dict[str, Any] = {
        "type": row.type,
        "id": row.id,
        "name": row.name,
        "created_at": clock.iso(row.created_at),
        "phone_number": row.phone_number,
        "email": row.email,
        "preferred_authentication_method": row.preferred,
        "authentication_methods": _ways(row),
        "key_id": row.credential_id,
        "public_key": row.public_key,
        "aaguid": row.aaguid,
        "relying_party_identifier": row.rp_id,
        "user_handle": row.user_handle,
        "transports": row.transports,
        "identity_user_id": row.identity_user_id,
        "user_agent": row.user_agent,
        "credential_backed_up": row.backed_up,
    }
    if row.backup_eligible is not None:
        said["credential_device_type"] = "multi_device" if row.backup_eligible else "single_device"
    if whole:
        said["confirmed"] = row.confirmed
        said["enrolled_at"] = clock.iso(row.enrolled_at) if row.enrolled_at else None
        said["last_auth_at"] = clock.iso(row.last_auth_at) if row.last_auth_at else None
    return {name: value for name, value in said.items() if value is not None}


def enrollment(row: M) -> EnrollmentView:
    """The like as Guardian names it."""
    return as_view(EnrollmentView, _enrollment(row))


def user_enrollment(row: M) -> UserEnrollmentView:
    """The like in the list of a user."""
    kind = KINDS.get(row.type)
    shown = {**_enrollment(row), "type": row.type, "auth_method": kind.auth_method if kind else row.type}
    return as_view(UserEnrollmentView, shown)


def _enrollment(row: M) -> dict[str, Any]:
    said = {
        "id": row.id,
        "status": "confirmed" if row.confirmed else "pending",
        "name": row.name,
        "identifier": row.email or row.phone_number,
        "phone_number": row.phone_number,
        "enrolled_at": clock.iso(row.enrolled_at) if row.enrolled_at else None,
        "last_auth": clock.iso(row.last_auth_at) if row.last_auth_at else None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _ways(row: M) -> list[dict[str, str]] | None:
    """A phone is reached in two ways, an app in one."""
    kinds = {"phone": ("sms", "voice"), "totp": ("totp",)}.get(row.type)
    if kinds is None:
        return None
    _, _, own = row.id.partition("|")
    return [{"id": f"{kind}|{own}", "type": kind} for kind in kinds]
