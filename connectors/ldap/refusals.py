"""Why a directory does not let somebody in: what it answers, told apart, in words for people and codes for the log.

Active Directory says it in the text of its answer to a bind (``data 533``), others in the response control of the
password policy draft (draft-behera-ldap-password-policy, section 6.2), and some by the result code alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SUCCESS, STRONGER_AUTH, CONFIDENTIALITY = 0, 8, 13
NO_SUCH_OBJECT, WRONG, UNWILLING, BUSY, UNAVAILABLE = 32, 49, 53, 51, 52
CONSTRAINT, INSUFFICIENT_ACCESS = 19, 50
POLICY_CONTROL = "1.3.6.1.4.1.42.2.27.8.5.1"
_DATA = re.compile(r"\bdata (?P<reason>[0-9a-fA-F]{1,8})\b")


_OF_OPENLDAP = ("pwdAccountLockedTime", "pwdReset")
_DISABLED, _LOCKED, _PASSWORD_EXPIRED = 0x2, 0x10, 0x80_0000
"""Bits of ``userAccountControl`` and its computed part (MS-ADTS 2.2.16, 3.1.1.4.5.17)."""
_NEVER = 0x7FFF_FFFF_FFFF_FFFF
_WINDOWS_EPOCH_S = 11_644_473_600
"""Seconds from 1601 to 1970: ``accountExpires`` counts 100 ns from there."""


@dataclass(frozen=True)
class Refusal:
    """One reason. ``proven``: the directory says so only to whoever has the password."""

    code: str
    words: str
    proven: bool = True


DISABLED = Refusal("account_disabled", "This account is disabled in the directory.")
LOCKED = Refusal("account_locked", "This account is locked in the directory.", proven=False)
EXPIRED = Refusal("account_expired", "This account has expired.")
PASSWORD_EXPIRED = Refusal("password_expired", "The password has expired and has to be changed in the directory.")
MUST_CHANGE = Refusal("password_change_required", "The password has to be changed before the next sign-in.")
NOT_NOW = Refusal("not_allowed_now", "This account may not sign in here at this time.")

OF_ACTIVE_DIRECTORY: Mapping[str, Refusal] = {
    "530": NOT_NOW,
    "531": NOT_NOW,
    "532": PASSWORD_EXPIRED,
    "533": DISABLED,
    "701": EXPIRED,
    "773": MUST_CHANGE,
    "775": LOCKED,
}
"""By the number after ``data`` in its answer. Others, such as 52e and 525, mean that name or password is wrong."""
OF_POLICY: Mapping[int, Refusal] = {0: PASSWORD_EXPIRED, 1: LOCKED, 2: MUST_CHANGE}
"""By ``PasswordPolicyResponseValue.error``, for a bind."""


@dataclass(frozen=True)
class Answer:
    """What a directory answered: the result code of RFC 4511, its text, and the error of the policy control."""

    code: int
    message: str = ""
    policy: int | None = None

    @property
    def said(self) -> str:
        """For logs and operators."""
        policy = "" if self.policy is None else f", password policy {self.policy}"
        return f"result {self.code}{policy}: {self.message.rstrip(chr(0)).strip()[:300]}"


def of_bind(answer: Answer) -> Refusal | None:
    """Why nobody is let in with that account; None where it is let in, or name or password are wrong."""
    if answer.policy is not None and answer.code in {SUCCESS, WRONG} and answer.policy in OF_POLICY:
        return OF_POLICY[answer.policy]
    if answer.code == UNWILLING:
        return DISABLED
    if answer.code == WRONG:
        found = _DATA.search(answer.message)
        return OF_ACTIVE_DIRECTORY.get(found["reason"].lower()) if found else None
    return None


STATE = ("userAccountControl", "msDS-User-Account-Control-Computed", "accountExpires", "pwdLastSet", *_OF_OPENLDAP)
"""Attributes that say whether an account is open, for those whose password nobody asks for."""


def of_account(values: Mapping[str, Sequence[bytes]], now_ms: int) -> Refusal | None:
    """Why an account is closed, by :data:`STATE` of its entry (names in lower case); None where it is open. What is
    not there closes nothing.
    """
    control = _number(values, "useraccountcontrol") | _number(values, "msds-user-account-control-computed")
    expires = _number(values, "accountexpires")
    if control & _DISABLED:
        return DISABLED
    if 0 < expires < _NEVER and expires // 10_000_000 - _WINDOWS_EPOCH_S <= now_ms // 1_000:
        return EXPIRED
    if control & _LOCKED or values.get("pwdaccountlockedtime"):
        return LOCKED
    if values.get("pwdlastset") and not _number(values, "pwdlastset"):
        return MUST_CHANGE
    if b"TRUE" in values.get("pwdreset", ()):
        return MUST_CHANGE
    return PASSWORD_EXPIRED if control & _PASSWORD_EXPIRED else None


def _number(values: Mapping[str, Sequence[bytes]], name: str) -> int:
    """0 where it is none."""
    text = next(iter(values.get(name, ())), b"0")
    return int(text) if text.isdigit() else 0


def policy_error(value: bytes) -> int | None:
    """``error`` of a ``PasswordPolicyResponseValue``: SEQUENCE { warning [0] ..., error [1] ENUMERATED }. What is no
    such thing says nothing.
    """
    if len(value) < 2 or value[0] != 0x30 or value[1] > 0x7F:
        return None
    at, end = 2, min(len(value), 2 + value[1])
    while at + 2 <= end:
        tag, length = value[at], value[at + 1]
        if length > 0x7F or at + 2 + length > end:
            return None
        if tag == 0x81 and length == 1:
            return value[at + 2]
        at += 2 + length
    return None
