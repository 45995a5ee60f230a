"""Options of a database about how people say who they are, and how they prove it: ``attributes`` and
``authentication_methods``.
"""

from __future__ import annotations

from typing import Literal

from connectors.database.password_options import Active, Length, Part


class Enabled(Part, frozen=True, kw_only=True):
    """A method that is on or off."""

    enabled: bool | None = None


class Identifier(Active, frozen=True, kw_only=True):
    """Whether an attribute identifies somebody, and how they sign in with it."""

    default_method: Literal["password", "email_otp", "phone_otp"] | None = None


class Signup(Part, frozen=True, kw_only=True):
    """What sign-up asks of an attribute."""

    status: Literal["required", "optional", "inactive"] | None = None
    verification: Active | None = None


class Attribute(Part, frozen=True, kw_only=True):
    """One member of ``attributes``."""

    identifier: Identifier | None = None
    profile_required: bool | None = None
    signup: Signup | None = None
    unique: bool | None = None
    verification_method: Literal["link", "code", "otp"] | None = None


class AllowedTypes(Part, frozen=True, kw_only=True):
    """What a username may look like besides."""

    email: bool | None = None
    phone_number: bool | None = None


class UsernameShape(Part, frozen=True, kw_only=True):
    """``attributes.username.validation``."""

    min_length: Length | None = None
    max_length: Length | None = None
    allowed_types: AllowedTypes | None = None


class UsernameAttribute(Attribute, frozen=True, kw_only=True):
    """``attributes.username``."""

    validation: UsernameShape | None = None


class Identifiers(Part, frozen=True, kw_only=True):
    """``attributes``."""

    email: Attribute | None = None
    phone_number: Attribute | None = None
    username: UsernameAttribute | None = None


class PasswordMethod(Enabled, frozen=True, kw_only=True):
    """``authentication_methods.password``."""

    api_behavior: Literal["required", "optional"] | None = None
    signup_behavior: Literal["allow", "block"] | None = None


class Methods(Part, frozen=True, kw_only=True):
    """``authentication_methods``."""

    password: PasswordMethod | None = None
    passkey: Enabled | None = None
    email_otp: Enabled | None = None
    phone_otp: Enabled | None = None
