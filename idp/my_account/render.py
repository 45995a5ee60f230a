"""Methods as their owner sees them: no seed, no hash (security.md O9)."""

from __future__ import annotations

from typing import Any

from idp.foundation.apikit import as_view
from idp.foundation.kernel import clock
from idp.foundation.kernel.password_levels import DEFAULT_LEVEL, LEVELS
from idp.my_account.passwords import PASSWORD, Password
from idp.my_account.schemas import (
    ActiveView,
    ComplexityView,
    HistoryView,
    MethodView,
    PolicyView,
)
from idp.signin.factors.models import AuthenticationMethod as M

PASSKEY = "passkey"
_TYPES = {"lower": "lowercase", "upper": "uppercase", "number": "number", "special": "special"}


def method(row: M) -> MethodView:
    """A factor or a passkey."""
    said: dict[str, Any] = {
        "id": row.id,
        "type": row.type,
        "created_at": clock.iso(row.created_at),
        "usage": ["primary", "secondary"] if row.type == PASSKEY else ["secondary"],
        "name": row.name or None,
        "last_auth_at": clock.iso(row.last_auth_at) if row.last_auth_at else None,
        "phone_number": row.phone_number,
        "preferred_authentication_method": row.preferred,
        "email": row.email,
    }
    if row.type != PASSKEY:
        said["confirmed"] = row.confirmed
    if row.credential_id is not None:
        said |= {
            "key_id": row.credential_id,
            "public_key": row.public_key,
            "transports": row.transports,
            "user_agent": row.user_agent,
            "user_handle": row.user_handle,
            "aaguid": row.aaguid,
            "relying_party_id": row.rp_id,
            "credential_backed_up": row.backed_up,
            "identity_user_id": row.identity_user_id,
        }
        if row.backup_eligible is not None:
            said["credential_device_type"] = "multi_device" if row.backup_eligible else "single_device"
    return as_view(MethodView, {name: value for name, value in said.items() if value is not None})


def password(found: Password) -> MethodView:
    """A password."""
    said: dict[str, Any] = {
        "id": found.id,
        "type": PASSWORD,
        "created_at": clock.iso(found.created_at),
        "usage": ["primary"],
        "identity_user_id": found.account_id,
        "last_password_reset": clock.iso(found.set_at) if found.set_at else None,
    }
    return as_view(MethodView, {name: value for name, value in said.items() if value is not None})


def policy(found: Password) -> PolicyView:
    """What its source asks of a new one."""
    rules = found.rules
    level = LEVELS[rules.level or DEFAULT_LEVEL]
    return PolicyView(
        complexity=ComplexityView(
            min_length=rules.min_length or level.min_length,
            character_types=[_TYPES[each] for each in level.classes],  # type: ignore[misc]
            character_type_rule="three_of_four" if level.needs < len(level.classes) else "all",
            identical_characters="block" if level.max_repeat else "allow",
            sequential_characters="allow",
            max_length_exceeded="error",
        ),
        profile_data=ActiveView(active=rules.no_personal_data),
        history=HistoryView(active=rules.remembered > 0, size=rules.remembered),
        dictionary=ActiveView(active=True),
    )
