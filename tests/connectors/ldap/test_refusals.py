"""What directories answer to a bind, told apart."""

from __future__ import annotations

import pytest

from connectors.ldap import refusals
from connectors.ldap.refusals import Answer

SAID = "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data {}, v3839\0"


@pytest.mark.parametrize(
    ("number", "code", "proven"),
    [
        ("52e", None, None),
        ("525", None, None),
        ("530", "not_allowed_now", True),
        ("531", "not_allowed_now", True),
        ("532", "password_expired", True),
        ("533", "account_disabled", True),
        ("701", "account_expired", True),
        ("773", "password_change_required", True),
        ("775", "account_locked", False),
    ],
)
def test_active_directory(number: str, code: str | None, proven: bool | None) -> None:
    found = refusals.of_bind(Answer(49, SAID.format(number)))
    assert (found.code if found else None, found.proven if found else None) == (code, proven)


@pytest.mark.parametrize(
    ("code", "policy", "expected"),
    [
        (49, 0, "password_expired"),
        (49, 1, "account_locked"),
        (0, 2, "password_change_required"),
        (49, 8, None),
        (49, None, None),
        (0, None, None),
        (53, None, "account_disabled"),
    ],
)
def test_password_policy(code: int, policy: int | None, expected: str | None) -> None:
    found = refusals.of_bind(Answer(code, "", policy))
    assert (found.code if found else None) == expected


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("3003810101", 1),
        ("30088103010203", None),
        ("3008a003800101810102", 2),
        ("3005a003800101", None),
        ("3000", None),
        ("", None),
        ("30", None),
        ("04020000", None),
        ("3081ff", None),
        ("30038101", None),
        ("3003810501", None),
    ],
)
def test_the_control_is_read_and_garbage_says_nothing(value: str, error: int | None) -> None:
    assert refusals.policy_error(bytes.fromhex(value)) == error


def test_what_is_logged_is_short_and_whole() -> None:
    assert Answer(49, "why\0", 1).said == "result 49, password policy 1: why"
    assert len(Answer(1, "x" * 5_000).said) < 400
