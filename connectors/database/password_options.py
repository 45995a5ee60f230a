"""What the options of strategy ``auth0`` say of passwords."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

MOST_REMEMBERED = 24
"""How many of somebody's last passwords are kept at most."""
Size = Annotated[int, Meta(ge=0, le=MOST_REMEMBERED)]
Length = Annotated[int, Meta(ge=1, le=128)]
Word = Annotated[str, Meta(max_length=50)]
Words = Annotated[list[Word], Meta(max_length=2000)]
Attributes = Annotated[list[Annotated[str, Meta(max_length=256)]], Meta(max_length=200)]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """An object among the options."""


class Switch(Part, frozen=True, kw_only=True):
    """Something that is on or off."""

    enable: bool = False


class Active(Part, frozen=True, kw_only=True):
    """Something that is active or not."""

    active: bool | None = None


class Complexity(Part, frozen=True, kw_only=True):
    """``password_complexity_options``."""

    min_length: Length | None = None


class History(Switch, frozen=True, kw_only=True):
    """``password_history``: how many of somebody's last passwords are refused."""

    size: Size | None = None


class Dictionary(Switch, frozen=True, kw_only=True):
    """``password_dictionary``: words that are no password; they count whether or not it says ``enable``."""

    dictionary: Words | None = None


class FlexibleComplexity(Part, frozen=True, kw_only=True):
    """``password_options.complexity``."""

    character_type_rule: Literal["all", "three_of_four"] | None = None
    character_types: list[Literal["uppercase", "lowercase", "number", "special"]] | None = None
    identical_characters: Literal["allow", "block"] | None = None
    max_length_exceeded: Literal["truncate", "error"] | None = None
    min_length: Length | None = None
    sequential_characters: Literal["allow", "block"] | None = None


class FlexibleDictionary(Active, frozen=True, kw_only=True):
    """``password_options.dictionary``."""

    custom: Words | None = None
    default: Literal["en_10k", "en_100k"] | None = None


class FlexibleHistory(Active, frozen=True, kw_only=True):
    """``password_options.history``."""

    size: Size | None = None


class ProfileData(Active, frozen=True, kw_only=True):
    """``password_options.profile_data``."""

    blocked_fields: Attributes | None = None


class PasswordOptions(Part, frozen=True, kw_only=True):
    """``password_options``."""

    complexity: FlexibleComplexity | None = None
    dictionary: FlexibleDictionary | None = None
    history: FlexibleHistory | None = None
    profile_data: ProfileData | None = None


class PasswordHash(Part, frozen=True, kw_only=True):
    """``custom_password_hash``."""

    action_id: Annotated[str, Meta(max_length=64)] | None = None
