"""Strategy ``email``: people who prove an e-mail address with a code or a link. The product writes the mails."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from connectors.contract import Address, ConnectorContext
from connectors.strategy import CodeRules, HarmlessMap, Options, Strategy

LENGTH, LIFETIME_S = 6, 180
Digits = Annotated[int, Meta(ge=4, le=12)]
Seconds = Annotated[int, Meta(ge=30, le=86_400)]
Name = Annotated[str, Meta(max_length=128)]
Attributes = Annotated[list[Annotated[str, Meta(max_length=256)]], Meta(max_length=200)]


class Totp(msgspec.Struct, frozen=True, kw_only=True):
    """``totp``: digits of a code, and how long it is good for, in seconds."""

    length: Digits | None = None
    time_step: Seconds | None = None


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """``email``: a mail of the connection's own. Kept; the mails are those of the pages' language."""

    body: Annotated[str, Meta(max_length=65_536)] | None = None
    from_: Annotated[str, Meta(max_length=320)] | None = msgspec.field(default=None, name="from")
    subject: Annotated[str, Meta(max_length=998)] | None = None
    syntax: Literal["liquid"] | None = None


class EmailOptions(Options, frozen=True, kw_only=True):
    """Every documented option, under Auth0's name."""

    name: Name | None = None
    email: Template | None = None
    totp: Totp | None = None
    authParams: HarmlessMap = None  # noqa: N815 - Auth0's name
    brute_force_protection: bool | None = None
    disable_signup: bool | None = None
    non_persistent_attrs: Attributes | None = None

    def codes(self) -> CodeRules:
        """See :class:`connectors.strategy.Options`."""
        totp = self.totp or Totp()
        return CodeRules(totp.length or LENGTH, totp.time_step or LIFETIME_S, not self.disable_signup)

    def locks_out(self) -> bool:
        """See :class:`connectors.strategy.Options`."""
        return self.brute_force_protection is not False


class EmailCodes:
    """CodeConnector: an address is what looks like one; the product's own rule of addresses comes after."""

    def __init__(self, context: ConnectorContext) -> None:
        self.context = context

    def address(self, typed: str) -> Address | None:
        """See :class:`connectors.contract.CodeConnector`."""
        return Address(typed.strip()) if "@" in typed else None


DEFAULTS: dict[str, Any] = {
    "disable_signup": False,
    "brute_force_protection": True,
    "totp": {"time_step": LIFETIME_S, "length": LENGTH},
}
EMAIL = Strategy(
    name="email",
    page="passwordless.md",
    kind="passwordless",
    amr="otp",
    options=EmailOptions,
    open=EmailCodes,
    display_name="Email",
    account_key="email",
    defaults=DEFAULTS,
    unmapped="people are known by what they prove with a code: no source says a profile of them",
)
