"""Which hooks a connection has: its scripts, statements, or a class of the operator's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from connectors.contract import AlreadyExists, ConnectorContext, ConnectorError, InvalidCredentials, RegistrationRefused
from connectors.database.custom import installed
from connectors.database.custom.hooks import (
    TROUBLE,
    DatabaseHooks,
    RegistrationError,
    Unauthorized,
    WrongPassword,
    fault,
)
from connectors.database.custom.scripts import ScriptHooks
from connectors.database.custom.statements import StatementHooks
from connectors.database.options import DatabaseOptions
from connectors.directories import ScriptAnswer, ScriptError

T = TypeVar("T")


def hooks_of(context: ConnectorContext) -> DatabaseHooks:
    """The hooks of the connection. Raises ConnectorError where they cannot be had."""
    options = context.options
    if not isinstance(options, DatabaseOptions) or context.scripts is None:
        raise ValueError("a custom database needs its options, and somebody who runs scripts")
    if options.custom_sql is not None and context.sql is not None and context.hasher is not None:
        return StatementHooks(context.sql, options.custom_sql, context.hasher, options.configuration or {})
    told: Mapping[str, Any] = {"organization": dict(context.organization)} if context.organization else {}
    if options.database_class is not None:
        return installed.opened(options.database_class, options.configuration or {}, told)
    scripts = msgspec.structs.asdict(options.customScripts) if options.customScripts else {}
    return ScriptHooks(
        context.scripts,
        {event: source for event, source in scripts.items() if source},
        options.configuration or {},
        told,
        pass_context=bool(options.enable_script_context),
    )


class OpensHooks:
    """Has the hooks of a connection once something is asked of them: what needs none, works without."""

    _context: ConnectorContext

    @cached_property
    def _hooks(self) -> DatabaseHooks:
        """Raises ConnectorError where they cannot be had."""
        return hooks_of(self._context)


def asked(ask: Callable[[], T]) -> T:
    """What a hook answers, its errors as those of connectors (spec/custom-database.md, "Errors").

    :raises InvalidCredentials: unknown, or a wrong password.
    :raises AlreadyExists: there is such an account.
    :raises RegistrationRefused: the hook said why.
    :raises ConnectorError: ``unauthorized`` with the hook's words; everything else in general ones.
    """
    try:
        return ask()
    except WrongPassword as error:
        raise InvalidCredentials(user_id=error.user, detail=str(error)[:1000]) from error
    except RegistrationError as error:
        if error.code == "user_exists":
            raise AlreadyExists("email") from error
        raise RegistrationRefused(error.code[:100], str(error)[:1000]) from error
    except Unauthorized as error:
        raise ConnectorError("unauthorized", str(error)[:1000]) from error
    except NotImplementedError as error:
        raise ConnectorError(
            TROUBLE, "The user directory of this connection cannot do that.", detail=str(error)
        ) from error
    except ConnectorError:
        raise
    except Exception as error:
        raise fault(f"{type(error).__name__}: {error}") from error


EVENTS = (
    "login",
    "get_user",
    "create",
    "verify",
    "change_password",
    "delete",
    "change_email",
    "change_username",
    "change_phone_number",
)


def attempt(hooks: DatabaseHooks, event: str, args: Sequence[Any]) -> ScriptAnswer:
    """What one event answers. Raises LookupError for an event that there is none of, and ConnectorError."""
    if event not in EVENTS:
        raise LookupError(f"there is no event {event}; there is {', '.join(EVENTS)}")
    if isinstance(hooks, ScriptHooks):
        return hooks.attempt(event, args)
    try:
        return ScriptAnswer(getattr(hooks, event)(*args))
    except NotImplementedError:
        return ScriptAnswer(thrown=ScriptError("NotImplementedError", f"there is nothing for {event}"))
    except ConnectorError:
        raise
    except Exception as error:  # noqa: BLE001 - a class of the operator's own may raise anything
        return ScriptAnswer(thrown=ScriptError(type(error).__name__, str(error)))
