"""What may be asked of somebody as a second factor: nothing of what they proved first (decision 0421)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import takewhile
from typing import Final

from connectors.strategy import Attribute
from idp.directory.connections import runtime as connections
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.work import Work
from idp.signin.factors import service, settings
from idp.signin.factors.models import AuthenticationMethod as M
from idp.signin.factors.service import EMAIL, RECOVERY

MFA: Final = "mfa"
"""The value of ``amr`` (RFC 8176) that says that a second factor was proven. In what a session remembers it stands
between what was proven first and what was proven besides.
"""
_CODES: Final[dict[str, Attribute]] = {"otp": "email", "sms": "phone_number"}
"""What a code went to that somebody signed in with, by the value of ``amr`` that says so."""


def first_code(work: Work, connection_id: str | None, methods: Sequence[str]) -> Attribute | None:
    """What the code went to that somebody signed in with; None for every other way. ``methods`` are the values of
    ``amr`` in the order in which they were proven.
    """
    found = connections.find(work, connection_id) if connection_id is not None else None
    if found is not None and found.passwordless_by is not None:
        return found.passwordless_by
    first = set(takewhile(lambda name: name != MFA, methods))
    return _CODES.get(first.pop()) if len(first) == 1 else None


def first_numbers(work: Work, user_id: str, connection_id: str | None, methods: Sequence[str]) -> frozenset[str]:
    """Numbers, one of which was proven by the sign-in itself; none where that was no code to a telephone."""
    if connection_id is None or first_code(work, connection_id, methods) != "phone_number":
        return frozenset()
    return frozenset(map(_digits, users.numbers_at(work, connection_id, user_id)))


def same_number(one: str | None, other: str) -> bool:
    """Whether both are one telephone number, however they are written."""
    return one is not None and _digits(one) == _digits(other)


def is_first(numbers: Collection[str], number: str | None) -> bool:
    """Whether that number is among those, however it is written."""
    return number is not None and _digits(number) in numbers


def adds_nothing(
    work: Work, user_id: str, number: str, connection_id: str | None = None, methods: Sequence[str] = ()
) -> bool:
    """Whether a message to that number is no second factor: it is where the code went that somebody signed in with, by
    that connection; without one, it is where every code goes that they ever sign in with.
    """
    if connection_id is not None:
        return is_first(first_numbers(work, user_id, connection_id, methods), number)
    ways = [each.connection_id for each in users.identities_of(work, user_id)]
    return bool(ways) and all(is_first(first_numbers(work, user_id, each, ()), number) for each in ways)


def offered(work: Work, user_id: str, connection_id: str | None, methods: Sequence[str] = ()) -> list[M]:
    """What can be asked of somebody who signed in by that connection with these ``methods``: what they have and can be
    asked for, and mail to a proven address where they have another factor and mail is on.

    What was proven first is no second factor: no mail after a code that was mailed, no message to the number that the
    first one went to. Nothing is offered where a recovery code is all that is left then: it stands in for a factor that
    was lost, and that one is there.
    """
    able = service.usable(work, service.of_user(work, user_id))
    by = first_code(work, connection_id, methods)
    if by == "email":
        return [each for each in able if each.type != EMAIL]
    whole = _with_mail(work, user_id, able)
    if by is None:
        return whole
    numbers = first_numbers(work, user_id, connection_id, methods)
    left = [each for each in whole if not is_first(numbers, each.phone_number)]
    return left if any(each.type != RECOVERY for each in left) else []


def proven_first(work: Work, user_id: str, connection_id: str | None, methods: Sequence[str]) -> frozenset[str]:
    """Ids of the enrolled methods that the sign-in itself proved."""
    numbers = first_numbers(work, user_id, connection_id, methods)
    if not numbers:
        return frozenset()
    return frozenset(each.id for each in service.of_user(work, user_id) if is_first(numbers, each.phone_number))


def by_address(work: Work, user_id: str) -> M:
    """Mail to somebody's own address as a method: nothing is stored of it. Raises NotFound where they have none."""
    found = provision.by_id(work, user_id)
    if found is None or not found.email:
        raise NotFound("The user has no address.", "inexistent_user")
    method_id = f"{EMAIL}|dev_{found.user_id}"[:64]
    return M(id=method_id, user_id=user_id, type=EMAIL, email=found.email, confirmed=True, created_at=clock.now_ms())


def _with_mail(work: Work, user_id: str, able: list[M]) -> list[M]:
    """Whoever enrolled an address gets no second one."""
    if not able or EMAIL not in settings.of(work).on or any(each.type == EMAIL for each in able):
        return able
    found = provision.by_id(work, user_id)
    if found is None or not found.email or not found.email_verified:
        return able
    rest = [each for each in able if each.type == RECOVERY]
    return [*(each for each in able if each.type != RECOVERY), by_address(work, user_id), *rest]


def _digits(number: str) -> str:
    return "".join(each for each in number if each.isdecimal())
