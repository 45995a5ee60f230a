"""What a tenant's database is asked, one method per event, whatever answers it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors.contract import ConnectorError, Identity

TROUBLE = "auth0_idp_error"
"""The code of everything that went wrong at the source, as Auth0 has it."""
GENERIC = "The user directory of this connection does not work at the moment."
Profile = Mapping[str, Any]
_NOT_PROFILE = frozenset(
    {"user_id", "id", "access_token", "refresh_token", "user_metadata", "app_metadata", "mfa_factors", "identities"}
)
_LONGEST_ID = 255


class WrongPassword(Exception):
    """The password is wrong; ``user`` names the account in the log, and nothing where there is none."""

    def __init__(self, user: str | None = None, message: str | None = None) -> None:
        super().__init__(message or "Wrong email or password.")
        self.user = user


class RegistrationError(Exception):
    """No such account is made: ``code`` ``user_exists``, or one of the operator's own with words for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Unauthorized(Exception):
    """Nobody signs in with that account; the text is for the person."""


class DatabaseHooks:
    """The events of a database, for a class of the operator's own; what it cannot do stays ``NotImplementedError``.

    ``configuration`` are the connection's secrets, ``context`` what is known of the moment (``organization``). Methods
    answer a profile with a stable ``user_id``, and raise :class:`WrongPassword`, :class:`RegistrationError`,
    :class:`Unauthorized`; anything else that they raise is a fault of the source.
    """

    def __init__(self, configuration: Mapping[str, str], context: Mapping[str, Any]) -> None:
        self.configuration = configuration
        self.context = context

    def login(self, identifier: str, password: str) -> Profile | None:
        """Who signs in; None where nobody has that name."""
        raise NotImplementedError

    def get_user(self, identifier: str) -> Profile | None:
        """Who is known by that address or name; None where there is nobody."""
        raise NotImplementedError

    def create(self, user: Mapping[str, Any]) -> None:
        """A new account: ``email``, ``username``, ``password``, ``client_id``, ``tenant``, ``connection``, metadata."""
        raise NotImplementedError

    def verify(self, email: str) -> bool:
        """The owner has proven the address."""
        raise NotImplementedError

    def change_password(self, identifier: str, password: str) -> bool:
        """Another password; False where there is no such account."""
        raise NotImplementedError

    def delete(self, account_id: str) -> None:
        """The account goes."""
        raise NotImplementedError

    def change_email(self, email: str, new: str, verified: bool) -> bool:
        """Another address; False where there is no such account."""
        raise NotImplementedError

    def change_username(self, username: str, new: str) -> bool:
        """Another username; False where there is no such account."""
        raise NotImplementedError

    def change_phone_number(self, number: str, new: str, verified: bool) -> bool:
        """Another telephone number; False where there is no such account."""
        raise NotImplementedError


def fault(detail: str) -> ConnectorError:
    """The source does not work; ``detail`` is for the log."""
    return ConnectorError(TROUBLE, GENERIC, detail=detail[:1000])


def identity(profile: object) -> Identity:
    """The account that a profile of a source is about. Raises ConnectorError where it says no id."""
    if not isinstance(profile, Mapping):
        raise fault("the profile is no object")
    said = profile.get("user_id", profile.get("id"))
    if isinstance(said, bool) or not isinstance(said, str | int) or not 0 < len(str(said)) <= _LONGEST_ID:
        raise fault("the profile has no user_id")
    if not str(said).isprintable():
        raise fault("the user_id holds characters that no id has")
    try:
        json.dumps(dict(profile), ensure_ascii=False, default=str).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise fault(f"the profile cannot be kept: {error}") from error
    tokens = {name: profile[name] for name in ("access_token", "refresh_token") if isinstance(profile.get(name), str)}
    kinds = ("user_metadata", "app_metadata")
    return Identity(
        str(said),
        {str(name): value for name, value in profile.items() if name not in _NOT_PROFILE},
        tokens=tokens,
        metadata={name: profile[name] for name in kinds if isinstance(profile.get(name), Mapping)},
    )
