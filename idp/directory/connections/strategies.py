"""The strategies there are, and what each says about the options of a connection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from connectors.registry import INSTALLED, STRATEGIES, TEXT_MESSAGES
from connectors.strategy import AccountRules, Contradiction, Options, Strategy
from idp.directory.connections.models import Connection
from idp.foundation.kernel import document_encryption
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.kernel.secrets import BoundSealer
from idp.foundation.tenancy.work import Work

_DOMAIN = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE)
_NAMED = re.compile(r"options(?:\.[A-Za-z]\w*)+")
__all__ = [
    "INSTALLED",
    "TEXT_MESSAGES",
    "can",
    "check",
    "declared",
    "every",
    "fields_of",
    "installed_rules",
    "known",
    "named",
    "opened",
    "received",
    "sealed",
    "shown",
    "without_secrets",
]
SHOWN_SEALED = "2.0$"
"""Begins a value that is shown sealed, as in Auth0."""


def every() -> list[Strategy]:
    """All there are. Reads the whole catalogue of providers: for pages that list them, and nothing else."""
    return list(STRATEGIES.values())


def named(name: str) -> Strategy:
    """The strategy of that name. One that this version does not know is one that nobody built."""
    return STRATEGIES.get(name) or Strategy(name=name, kind="enterprise", amr="fed")


def known(name: str) -> Strategy | None:
    """The strategy of that name, None where this version has none."""
    return STRATEGIES.get(name)


def installed_rules() -> AccountRules:
    """The rules of accounts in the connection that every tenant begins with.

    :raises LookupError: its strategy keeps no accounts.
    """
    rules = INSTALLED.read({**INSTALLED.defaults, **INSTALLED.installed}).accounts()
    if rules is None:
        raise LookupError(f"strategy {INSTALLED.name} keeps no accounts")
    return rules


def check(strategy: Strategy, document: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> None:
    """Options that were sent, to follow those that were there ``before``.

    :raises BadRequest: one of them is not what the strategy declares, or two contradict each other.
    """
    try:
        options = msgspec.convert(document, strategy.options)
    except msgspec.ValidationError as error:
        raise _fault(str(error)) from error
    odd = next((domain for domain in options.domains() if not _DOMAIN.fullmatch(domain)), None)
    if odd is not None:
        raise fault(BODY, f"is no domain: {odd[:100]}", "options.domain_aliases")
    contradiction = options.contradiction()
    if contradiction is None and before is not None:
        contradiction = options.conflict_with(strategy.read(before))
    if contradiction is not None:
        where = contradiction.where if isinstance(contradiction, Contradiction) else _begins_with(contradiction)
        raise BadRequest(str(contradiction), "invalid_body", where=where)


def sealed(work: Work, connection_id: str, strategy: Strategy, document: Mapping[str, Any]) -> dict[str, Any]:
    """Options as they are stored: what is a secret, or not declared, sealed."""
    sealer = work.sealer(Connection.options, id=connection_id)
    stored: dict[str, Any] = document_encryption.seal(dict(document), strategy.options, sealer)
    return stored


def opened(work: Work, connection_id: str, strategy: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Stored options as they were sent."""
    sealer = work.sealer(Connection.options, id=connection_id)
    options: dict[str, Any] = document_encryption.opened(dict(document), named(strategy).options, sealer)
    return options


def shown(work: Work, connection_id: str, strategy: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Stored options for those who may read secrets; values that the strategy shows to nobody stay sealed."""
    options = opened(work, connection_id, strategy, document)
    sealer = work.sealer(Connection.options, id=connection_id)
    for name in named(strategy).shown_sealed & options.keys():
        values, stored = options[name], document.get(name)
        if isinstance(values, Mapping):
            kept = stored if isinstance(stored, Mapping) else {}
            options[name] = {key: _shown(sealer, value, kept.get(key)) for key, value in values.items()}
    return options


def received(work: Work, connection_id: str, strategy: Strategy, document: Mapping[str, Any]) -> dict[str, Any]:
    """Options as they were sent, those that were shown sealed opened.

    :raises BadRequest: one was sealed for something else.
    """
    options = dict(document)
    sealer = work.sealer(Connection.options, id=connection_id)
    for name in strategy.shown_sealed & options.keys():
        values = options[name]
        if isinstance(values, Mapping):
            options[name] = {key: _received(sealer, value, f"options.{name}.{key}") for key, value in values.items()}
    return options


def _shown(sealer: BoundSealer, value: Any, stored: Any) -> Any:
    if document_encryption.holds_nothing(value):
        return value
    text = stored.get(document_encryption.MARK) if isinstance(stored, Mapping) else None
    return SHOWN_SEALED + (text if isinstance(text, str) else sealer.seal(msgspec.json.encode(value).decode()))


def _received(sealer: BoundSealer, value: Any, where: str) -> Any:
    if not isinstance(value, str) or not value.startswith(SHOWN_SEALED):
        return value
    try:
        return msgspec.json.decode(sealer.open(value.removeprefix(SHOWN_SEALED)))
    except ValueError as error:
        raise BadRequest(f"{where} was sealed elsewhere: send the value itself", "invalid_body") from error


def without_secrets(strategy: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Stored options for those who may not read secrets."""
    options: dict[str, Any] = document_encryption.without_secrets(dict(document), named(strategy).options)
    return options


def fields_of(name: str) -> tuple[inspect.Field, ...]:
    """The options that the strategy of that name declares."""
    return _members(named(name).options)


@cache
def _members(options: Any) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(options)
    return info.fields if isinstance(info, inspect.StructType) else ()


def can(connection: Mapping[str, Any], capability: type[Any]) -> bool:
    """Whether a connection, as an answer shows it, has that capability (:mod:`connectors.contract`): with some
    strategies the options decide by which protocol, or whose database, its people come.
    """
    strategy = named(str(connection["strategy"]))
    return strategy.can(capability, strategy.read(dict(connection.get("options") or {})))


def declared(connection: Mapping[str, Any]) -> type[Options] | None:
    """The type of the options of a connection as a body or an answer shows it; None where it does not say."""
    name = connection.get("strategy")
    return named(name).options if isinstance(name, str) else None


def _begins_with(contradiction: str) -> str:
    """The option that words about it begin with, where they do."""
    found = _NAMED.match(contradiction)
    return found.group() if found else ""


def _fault(words: str) -> BadRequest:
    """What msgspec says, in the form of the Management API: the reason, and the option it is about."""
    why, _, where = words.partition(" - at `$")
    return fault(BODY, why.replace("`", ""), f"options{where.rstrip('`')}")
