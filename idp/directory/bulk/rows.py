"""A row of an import becomes somebody who can be written, or the list of what is wrong with it; and what is shown of a
row that was refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.directory.bulk.faults import Code, Fault
from idp.directory.bulk.schema import faults
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import imported_factors, metadata
from idp.directory.users.foreign_hashes import imported
from idp.directory.users.foreign_hashes.schemes import SCHEMES
from idp.directory.users.identifiers import email_key, username_key, valid_email, valid_username
from idp.directory.users.service.bulk import Person
from idp.directory.users.service.checks import username_limits
from idp.foundation.kernel.errors import BadRequest

MASK = "*****"
SHORTEST_SEED = 2
"""Letters of Base32 that make a byte."""
_BESIDE = frozenset({"user_id", "password_hash", "custom_password_hash", "mfa_factors"})
_HASH_FORM = "The hash cannot be checked here"


def person(connection: ConnectionConfig, row: object) -> Person | list[Fault]:
    """``row`` (JSON, decoded) as somebody for that connection, or what is wrong with it."""
    found = faults(row)
    if found or not isinstance(row, dict):
        return found
    found = [*_identifiers(connection, row), *_metadata(row), *_password(row), *_factors(row)]
    if found:
        return found
    attributes = {name: value for name, value in row.items() if name not in _BESIDE}
    if "email" in attributes:
        attributes["email"] = valid_email(attributes["email"])
    if "username" in attributes:
        attributes["username"] = username_key(attributes["username"])
    return Person(
        attributes=attributes,
        account_id=row["user_id"].removeprefix(f"{connection.provider}|") if "user_id" in row else None,
        password_hash=_kept_hash(row),
        factors=imported_factors.read(row.get("mfa_factors", ())),
    )


def keys(person: Person) -> list[str]:
    """What nobody else in the same file may be called."""
    named = {
        "id": person.account_id,
        "email": person.email and email_key(person.email),
        "username": person.username,
        "phone": person.attributes.get("phone_number"),
    }
    return [f"{kind}:{value}" for kind, value in named.items() if value]


def shown(row: object) -> dict[str, Any]:
    """A refused row without its secrets."""
    if not isinstance(row, Mapping):
        return {}
    return {name: _masked(name, value) for name, value in row.items()}


def _masked(name: str, value: Any) -> Any:
    if name == "custom_password_hash" and isinstance(value, Mapping):
        plain = {"algorithm", "password", "keylen", "cost", "blockSize", "parallelization", "rounds", "memory_cost"}
        return {each: item if each in plain else _hidden(item) for each, item in value.items()}
    if name == "mfa_factors":
        return _hidden(value)
    return MASK if "hash" in name or "password" in name else value


def _hidden(value: Any) -> Any:
    """Values behind the mask; words that say how they are written stay."""
    if isinstance(value, Mapping):
        plain = {"encoding", "position", "digest"}
        return {name: item if name in plain else _hidden(item) for name, item in value.items()}
    return [_hidden(each) for each in value] if isinstance(value, list) else MASK


def _identifiers(connection: ConnectionConfig, row: Mapping[str, Any]) -> list[Fault]:
    by_name = "username" in row and connection.requires_username
    by_number = "phone_number" in row and connection.known_by_number
    if "email" not in row and not by_name and not by_number:
        return [Fault(Code.OBJECT_REQUIRED, "Missing required property: email", "email")]
    missing = [name for name in connection.accounts.needs if name not in row] if connection.accounts else []
    if missing:
        return [Fault(Code.OBJECT_REQUIRED, f"Missing required property: {name}", name) for name in missing]
    if "username" not in row:
        return []
    limits = username_limits(connection)
    if limits is None:
        return [Fault(Code.NOT_PASSED, "The connection has no usernames", "username")]
    low, high = limits
    if not valid_username(row["username"], low=low, high=high):
        return [Fault(Code.FORMAT, "Object didn't pass validation for format username", "username")]
    return []


def _metadata(row: Mapping[str, Any]) -> list[Fault]:
    try:
        metadata.check(row)
        for kind in metadata.KINDS:
            metadata.merge(kind, None, row.get(kind))
    except BadRequest as error:
        return [Fault(Code.NOT_PASSED, error.message, "")]
    return []


def _password(row: Mapping[str, Any]) -> list[Fault]:
    custom, plain = row.get("custom_password_hash"), row.get("password_hash")
    if custom is not None and plain is not None:
        return [Fault(Code.NOT_PASSED, "password_hash and custom_password_hash exclude each other", "password_hash")]
    if custom is not None and (why := imported.problem(custom)) is not None:
        return [Fault(Code.FORMAT, why, "custom_password_hash")]
    if plain is not None:
        try:
            SCHEMES["bcrypt"].check(plain)
        except ValueError as error:
            return [Fault(Code.FORMAT, str(error) or _HASH_FORM, "password_hash")]
    return []


def _factors(row: Mapping[str, Any]) -> list[Fault]:
    """A seed that is no key would be asked for, and never be right."""
    seeds = [each["totp"]["secret"] for each in row.get("mfa_factors", ()) if "totp" in each]
    short = any(len(seed) < SHORTEST_SEED for seed in seeds)
    return [Fault(Code.MFA_FACTORS_FAILED, "The secret of a factor is too short", "mfa_factors")] if short else []


def _kept_hash(row: Mapping[str, Any]) -> str | None:
    custom, plain = row.get("custom_password_hash"), row.get("password_hash")
    return imported.kept(custom) if custom is not None else plain
