"""The kinds of methods, by their type. Whoever adds one adds a file and a line."""

from __future__ import annotations

from collections.abc import Mapping

from idp.signin.factors.kinds.contract import Kind
from idp.signin.factors.kinds.recovery_code import RecoveryCode
from idp.signin.factors.kinds.sent_codes import Email, Phone
from idp.signin.factors.kinds.totp import Totp
from idp.signin.factors.kinds.webauthn import Platform, SecurityKey

PHONE = Phone()
ALL: tuple[Kind, ...] = (SecurityKey(), Platform(), Totp(), PHONE, Email(), RecoveryCode())
KINDS: Mapping[str, Kind] = {each.type: each for each in ALL}
"""By the ``type`` of the table."""
