"""Rights member by member: an operation's scope opens the door, this says what may be touched behind it.

An operation that takes several scopes (``PATCH /clients/{id}`` takes that for settings, for keys and for credentials)
is not thereby open to each of them as a whole: every member of its body names the scopes that may write it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from idp.foundation.kernel.actor import Actor
from idp.foundation.kernel.errors import Forbidden


def missing_scope(scopes: Iterable[str]) -> Forbidden:
    """403 in the words tools look for."""
    return Forbidden(f"Insufficient scope, expected any of: {','.join(sorted(scopes))}", "insufficient_scope")


@dataclass(frozen=True)
class MemberRights:
    """Which scopes write a member, any one of them: those of ``named`` members, ``otherwise`` for all the others."""

    otherwise: frozenset[str]
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, member: str) -> frozenset[str]:
        """The scopes that write ``member``."""
        return self.named.get(member, self.otherwise)

    def check(self, actor: Actor, members: Iterable[str]) -> None:
        """Let ``actor`` write all of ``members``, or nothing.

        :raises Forbidden: ``insufficient_scope``, naming the scopes of the first that is not allowed.
        """
        for member in members:
            if not actor.has(*self.of(member)):
                raise missing_scope(self.of(member))
