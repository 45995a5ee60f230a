"""Events answered by JavaScript of the tenant's own (``customScripts``), in the contract of Auth0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from connectors.database.custom.hooks import (
    DatabaseHooks,
    Profile,
    RegistrationError,
    Unauthorized,
    WrongPassword,
    fault,
)
from connectors.directories import ScriptAnswer, ScriptError, ScriptRunner


class ScriptHooks(DatabaseHooks):
    """One script per event. With ``pass_context`` each is given what is known of the moment before its callback."""

    def __init__(
        self,
        runner: ScriptRunner,
        scripts: Mapping[str, str],
        configuration: Mapping[str, str],
        context: Mapping[str, Any],
        *,
        pass_context: bool,
    ) -> None:
        super().__init__(configuration, context)
        self._runner, self._scripts, self._pass_context = runner, scripts, pass_context

    def login(self, identifier: str, password: str) -> Profile | None:
        """See :class:`DatabaseHooks`."""
        return _profile(self._run("login", identifier, password))

    def get_user(self, identifier: str) -> Profile | None:
        """See :class:`DatabaseHooks`."""
        return _profile(self._run("get_user", identifier))

    def create(self, user: Mapping[str, Any]) -> None:
        """See :class:`DatabaseHooks`."""
        self._run("create", dict(user))

    def verify(self, email: str) -> bool:
        """See :class:`DatabaseHooks`."""
        return bool(self._run("verify", email).value)

    def change_password(self, identifier: str, password: str) -> bool:
        """See :class:`DatabaseHooks`: an object such as ``{last_password_reset}`` is a yes too."""
        return bool(self._run("change_password", identifier, password).value)

    def delete(self, account_id: str) -> None:
        """See :class:`DatabaseHooks`. No organization is told (spec/custom-database.md)."""
        self._run("delete", account_id, context={})

    def change_email(self, email: str, new: str, verified: bool) -> bool:
        """See :class:`DatabaseHooks`."""
        return bool(self._run("change_email", email, new, verified).value)

    def change_username(self, username: str, new: str) -> bool:
        """See :class:`DatabaseHooks`."""
        return bool(self._run("change_username", username, new).value)

    def change_phone_number(self, number: str, new: str, verified: bool) -> bool:
        """See :class:`DatabaseHooks`."""
        return bool(self._run("change_phone_number", number, new, verified).value)

    def attempt(self, event: str, args: Sequence[Any]) -> ScriptAnswer:
        """The run itself, for whoever tries a script out. The callback comes last, however many arguments there are."""
        source = self._scripts.get(event)
        if not source:
            return ScriptAnswer(thrown=ScriptError("NotImplementedError", f"there is no script {event}"))
        told = [dict(self.context)] if self._pass_context else []
        return self._runner.run(source, event, [*args, *told], self.configuration)

    def _run(self, event: str, *args: Any, context: Mapping[str, Any] | None = None) -> ScriptAnswer:
        source = self._scripts.get(event)
        if not source:
            raise NotImplementedError(event)
        told = [dict(self.context if context is None else context)] if self._pass_context else []
        answer = self._runner.run(source, event, [*args, *told], self.configuration)
        if answer.failed is not None:
            raise fault(f"script {event}: {answer.failed}: {answer.detail}")
        if answer.thrown is not None:
            _raise(event, answer)
        return answer


def _profile(answer: ScriptAnswer) -> Profile | None:
    if answer.value is None or isinstance(answer.value, Mapping):
        return answer.value
    raise fault("the script gave its callback no profile")


def _raise(event: str, answer: ScriptAnswer) -> NoReturn:
    """Errors of the documented kinds mean what their names say; every other one is a fault."""
    thrown = answer.thrown
    if thrown is None:
        raise fault(f"script {event}")
    if event == "verify":  # its words are told to whoever opened the link
        raise Unauthorized(thrown.message)
    match thrown.name:
        case "WrongUsernameOrPasswordError":
            raise WrongPassword(thrown.user or None, thrown.message)
        case "ValidationError":
            raise RegistrationError(thrown.code or "invalid", thrown.message)
        case "UnauthorizedError":
            raise Unauthorized(thrown.message)
    where = f" ({answer.detail})" if answer.detail else ""
    raise fault(f"script {event}: {thrown.name}: {thrown.message}{where}")
