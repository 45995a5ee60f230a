"""Password policies of database connections (spec/account-lifecycle.md): facts as data, one checker for every place
that takes a password.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from connectors.strategy import PasswordRules
from idp.directory.users.attributes import PERSONAL
from idp.foundation.kernel.password_levels import DEFAULT_LEVEL, LEVELS, Level

SPECIAL = "!@#$%^&*"
_CLASSES = {
    "lower": ("Lower case letters (a-z)", string.ascii_lowercase),
    "upper": ("Upper case letters (A-Z)", string.ascii_uppercase),
    "number": ("Numbers (0-9)", string.digits),
    "special": (f"Special characters ({SPECIAL})", SPECIAL),
}


@dataclass(frozen=True)
class Rule:
    """One rule and whether a password keeps it; ``code`` keys the texts of pages, ``message`` and ``format`` are
    Auth0's.
    """

    code: str
    message: str
    format: tuple[int, ...]
    verified: bool
    items: tuple[tuple[str, str, bool], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """A node of the rule tree that ``/dbconnections/signup`` answers."""
        node: dict[str, Any] = {"message": self.message, "code": self.code, "verified": self.verified}
        if self.format:
            node["format"] = list(self.format)
        if self.items:
            node["items"] = [{"message": message, "code": code, "verified": ok} for code, message, ok in self.items]
        return node


PROBLEM_TEXTS: Mapping[str, str] = {
    "strength": "signup.signup.weak-password",
    "dictionary": "signup.signup.common-password",
    "user_info": "signup.signup.common-password",
    "too_long": "signup.signup.long-password",
    "history": "signup.signup.used-password",
}
"""What a page says about a problem: keys of the text catalogues."""


@dataclass(frozen=True)
class Verdict:
    """``problem`` is None or one of PROBLEM_TEXTS."""

    problem: str | None
    rules: tuple[Rule, ...]

    @property
    def text(self) -> str | None:
        """The text key of the problem."""
        return PROBLEM_TEXTS[self.problem] if self.problem else None


@dataclass(frozen=True)
class Policy:
    """What one connection asks of passwords."""

    level: Level
    min_length: int
    dictionary: frozenset[str]
    personal: bool

    @classmethod
    def of(cls, rules: PasswordRules) -> Policy:
        """Of a connection; the bundled list of common passwords always applies (security.md I10)."""
        level = LEVELS[rules.level or DEFAULT_LEVEL]
        return cls(
            level=level,
            min_length=rules.min_length or level.min_length,
            dictionary=frozenset(word.lower() for word in rules.words),
            personal=rules.no_personal_data,
        )

    def check(self, password: str, about: Mapping[str, Any] | None = None) -> Verdict:
        """The verdict on ``password``; ``about`` is the profile it must not repeat."""
        rules = tuple(self._rules(password))
        if len(password.encode("utf-8", "surrogatepass")) > 1024:
            return Verdict("too_long", rules)
        if not all(rule.verified for rule in rules):
            return Verdict("strength", rules)
        if password.lower() in self.dictionary or (self.level.min_length > 1 and is_common(password.lower())):
            return Verdict("dictionary", rules)
        if self.personal and about and _repeats(password, about):
            return Verdict("user_info", rules)
        return Verdict(None, rules)

    def rules(self) -> tuple[Rule, ...]:
        """The rules as shown before anything was typed."""
        return tuple(self._rules(""))

    def _rules(self, password: str) -> list[Rule]:
        found = [
            Rule(
                "lengthAtLeast",
                "At least %d characters in length",
                (self.min_length,),
                len(password) >= self.min_length,
            )
        ]
        if self.level.classes:
            items = tuple(
                (code, _CLASSES[code][0], any(c in _CLASSES[code][1] for c in password)) for code in self.level.classes
            )
            met = sum(ok for _, _, ok in items)
            message = "Contain at least %d of the following %d types of characters:"
            found.append(
                Rule("containsAtLeast", message, (self.level.needs, len(items)), met >= self.level.needs, items)
            )
        if self.level.max_repeat:
            repeated = re.search(rf"(.)\1{{{self.level.max_repeat},}}", password, re.DOTALL)
            message = 'No more than %d identical characters in a row (e.g., "aaa" not allowed)'
            found.append(Rule("identicalChars", message, (self.level.max_repeat,), repeated is None))
        return found


def _repeats(password: str, about: Mapping[str, Any]) -> bool:
    email = str(about.get("email") or "")
    parts = [*(about.get(name) for name in PERSONAL), email.partition("@")[0]]
    lowered = password.lower()
    return any(len(str(part)) >= 3 and str(part).lower() in lowered for part in parts if part)


def is_common(password: str) -> bool:
    """Whether a password in lower case stands in the bundled list."""
    return "\n" not in password and f"\n{password}\n" in _common_passwords()


@cache
def _common_passwords() -> str:
    """The list, one a line: as a set it would take twelve times as much memory of every process, and is asked once per
    new password.
    """
    return f"\n{(Path(__file__).parent / 'common_passwords.txt').read_text(encoding='utf-8')}\n"
