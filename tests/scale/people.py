"""Who the generated users are: the same number is always the same person."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.scale.names import AGENTS, CITIES, DOMAINS, FAMILY, GIVEN, LANGUAGES

PREFIX = "5ca1e000"
"""What the ids of generated accounts begin with; 16 digits of the person's number follow."""
PLANS = ("free", "free", "free", "silver", "silver", "gold", "enterprise")
MAIN, STAFF, SOCIAL, CORPORATE = "main", "staff", "social", "corporate"
CONNECTIONS = {STAFF: ("Staff", "auth0"), SOCIAL: ("google-oauth2", "google-oauth2"), CORPORATE: ("Corporate", "oidc")}
"""Connections beside the installed one: name and strategy."""
YEARS_MS = 3 * 365 * 86_400_000
"""How long ago the first of them came."""


class Person(msgspec.Struct, frozen=True):
    """One of them. ``came`` is a share of the time since the first one came."""

    number: int
    email: str
    given: str
    family: str
    source: str
    came: float

    @property
    def account_id(self) -> str:
        """The id of the account at its connection."""
        return account_id(self.number)

    @property
    def ip(self) -> str:
        """Where they sign in from."""
        return ip(self.number)

    @property
    def agent(self) -> str:
        """With what."""
        return AGENTS[self.number % len(AGENTS)]

    @property
    def logins(self) -> int:
        """How often they signed in; a fifth never did."""
        return 0 if self.number % 5 == 4 else 1 + self.number * 7919 % 211

    def attributes(self) -> dict[str, Any]:
        """What ``POST /users`` would be sent, or the source would say."""
        n = self.number
        found: dict[str, Any] = {
            "email": self.email,
            "email_verified": n % 10 != 3,
            "name": f"{self.given} {self.family}",
            "given_name": self.given,
            "family_name": self.family,
        }
        if n % 10 < 7:
            place = n * 31 % len(CITIES)
            found["user_metadata"] = {
                "city": CITIES[place],
                "newsletter": n % 3 == 0,
                "preferences": {"language": LANGUAGES[place], "theme": "dark" if n % 2 else "light"},
            }
        if n % 10 != 9:
            found["app_metadata"] = {
                "customer": n,
                "plan": PLANS[n * 13 % len(PLANS)],
                "roles": ["member", "editor", "admin"][: 1 + n % 50 // 40 + n % 500 // 499],
                "team": f"team-{n % 5003}",
            }
        if n % 1000 == 7:
            found["blocked"] = True
        return found


def account_id(number: int) -> str:
    """24 hexadecimal digits."""
    return f"{PREFIX}{number:016x}"


def ip(number: int) -> str:
    """Some thousands of addresses, one of them IPv6 in ten."""
    if number % 10 == 5:
        return f"2001:db8:{number % 4093:x}::{number % 13:x}"
    return f"198.51.{number % 97}.{number * 7 % 251}"


def person(number: int) -> Person:
    """The person of that number."""
    given, family = names(number)
    return Person(
        number=number,
        email=email(number),
        given=given,
        family=family,
        source=source(number),
        came=(number * 2654435761 % 2**32) / 2**32,
    )


def email(number: int) -> str:
    """Their address."""
    given, family = _names(number)
    return f"{given[1]}.{family[1]}.{number}@{DOMAINS[number * 5 % len(DOMAINS)]}"


def _names(number: int) -> tuple[tuple[str, str], tuple[str, str]]:
    """Given and family name, each with its Latin letters."""
    family = FAMILY[(number // len(GIVEN) + number) % len(FAMILY)]
    if number % 8 == 0:
        other = FAMILY[number // 64 % len(FAMILY)]
        family = f"{family[0]}-{other[0]}", f"{family[1]}-{other[1]}"
    return GIVEN[number % len(GIVEN)], family


def names(number: int) -> tuple[str, str]:
    """Given and family name."""
    given, family = _names(number)
    return given[0], family[0]


def linked(number: int) -> bool:
    """Whether they have a second account."""
    return number % 50 == 1


def source(number: int) -> str:
    """Which connection the person comes by."""
    at = number % 25
    return CORPORATE if at == 24 else SOCIAL if at >= 21 else STAFF if at >= 19 else MAIN
