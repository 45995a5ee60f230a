"""What keeps a source from doing what was asked."""

from __future__ import annotations

UNAVAILABLE = "temporarily_unavailable"
"""The code of a source that does not answer, or is ill: others are offered, and it rests where that goes on."""


class ConnectorError(Exception):
    """The source could not do what was asked. ``code`` is stable, the text is for people, ``detail`` for logs."""

    def __init__(self, code: str, message: str, *, detail: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail


class InvalidCredentials(ConnectorError):
    """Unknown user or wrong password: one error, so that nobody can tell them apart (security.md I1).

    ``user_id`` names the account where one exists, and ``detail`` says what the source said: both for the log only.
    """

    def __init__(self, *, user_id: str | None = None, detail: str | None = None) -> None:
        super().__init__("invalid_user_password", "Wrong email or password.", detail=detail)
        self.user_id = user_id


class AccountRefused(ConnectorError):
    """The source knows the account and lets nobody in with it. ``code`` says why: ``account_disabled``,
    ``account_locked``, ``account_expired``, ``password_expired``, ``password_change_required``, ``not_allowed_now``.

    ``proven``: the password was right, so that this is no guess. ``user_id`` is as in :class:`InvalidCredentials`.
    """

    def __init__(
        self, code: str, message: str, *, detail: str | None = None, user_id: str | None = None, proven: bool = False
    ) -> None:
        super().__init__(code, message, detail=detail)
        self.user_id = user_id
        self.proven = proven


class TicketRefused(ConnectorError):
    """The ticket that a browser brought is none for this source; another one may know it."""

    def __init__(self, *, detail: str | None = None) -> None:
        super().__init__("ticket_refused", "The ticket of this browser cannot be used here.", detail=detail)


class PasswordRefused(ConnectorError):
    """The source takes no such password: its own rules are not met."""

    def __init__(self, *, detail: str | None = None) -> None:
        super().__init__("password_refused", "The directory does not accept this password.", detail=detail)


class RegistrationRefused(ConnectorError):
    """The source takes no such account, and says why in words for people."""


class AlreadyExists(ConnectorError):
    """That identifier is taken; ``field`` is ``email`` or ``username``."""

    def __init__(self, field_name: str) -> None:
        super().__init__("user_exists", "The user already exists.")
        self.field = field_name
