"""The strategies there are, and what each says about the options of a connection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from connectors.registry import INSTALLED, STRATEGIES
from connectors.strategy import AccountRules, Options, Strategy
from idp.directory.connections.models import Connection
from idp.foundation.kernel import document_encryption
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy.work import Work

_DOMAIN = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE)
__all__ = ["INSTALLED", "check", "declared", "every", "installed_rules", "named", "opened", "sealed", "without_secrets"]


def every() -> list[Strategy]:
    """All there are. Reads the whole catalogue of providers: for pages that list them, and nothing else."""
    return list(STRATEGIES.values())


def named(name: str) -> Strategy:
    """The strategy of that name. One that this version does not know is one that nobody built."""
    return STRATEGIES.get(name) or Strategy(name=name, kind="enterprise", amr="fed")


def installed_rules() -> AccountRules:
    """The rules of accounts in the connection that every tenant begins with.

    :raises LookupError: its strategy keeps no accounts.
    """
    rules = INSTALLED.read({**INSTALLED.defaults, **INSTALLED.installed}).accounts()
    if rules is None:
        raise LookupError(f"strategy {INSTALLED.name} keeps no accounts")
    return rules


def check(strategy: Strategy, document: Mapping[str, Any]) -> None:
    """Options that were sent.

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
    if contradiction is not None:
        raise BadRequest(contradiction, "invalid_body")


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


def without_secrets(strategy: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Stored options for those who may not read secrets."""
    options: dict[str, Any] = document_encryption.without_secrets(dict(document), named(strategy).options)
    return options


def declared(connection: Mapping[str, Any]) -> type[Options] | None:
    """The type of the options of a connection as a body or an answer shows it; None where it does not say."""
    name = connection.get("strategy")
    return named(name).options if isinstance(name, str) else None


def _fault(words: str) -> BadRequest:
    """What msgspec says, in the form of the Management API: the reason, and the option it is about."""
    why, _, where = words.partition(" - at `$")
    return fault(BODY, why.replace("`", ""), f"options{where.rstrip('`')}")
