"""What an application that speaks SAML learns of a person: attributes under the names that its add-on gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from sqlalchemy import select

from idp.directory.users.attributes import ATTRIBUTES, Kind
from idp.directory.users.models import Identity, User
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.protocol.saml.settings import CLAIMS, SamlApplication, SamlSettings

OWN = "http://schemas.auth0.com"
"""Begins the names of attributes that nobody mapped, as Auth0's do."""
_TOLD = tuple(row for row in ATTRIBUTES if row.claim is not None and row.column is not None)
_METADATA = ("user_metadata", "app_metadata")
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document has (XML 1.0, 2.2), though people and their sources may have put them in names."""
Value = str | bool | int | float | list[str]


class SignedIn(Protocol):
    """A sign-in as an assertion tells of it: a session of ours, or what stands for one. Times in ms."""

    @property
    def id(self) -> str:
        """The name of the session."""

    @property
    def authenticated_at(self) -> int:
        """When the person proved who they are."""

    @property
    def expires_at(self) -> int:
        """Until when the application may take them for signed in."""


@dataclass(frozen=True)
class Described:
    """A person as an assertion tells of them: the name, and the attributes in their order."""

    name_id: str
    attributes: Mapping[str, list[Any]]


def described(
    work: Work, application: SamlApplication, user_id: str, beside: Mapping[str, Any] | None = None
) -> Described:
    """The person, and what is said ``beside`` that whatever the add-on maps: names below :data:`OWN` and their values.
    Raises LookupError where they are gone.
    """
    row = work.rows.get(User, (work.tenant_id, user_id))
    if row is None:
        raise LookupError(f"no user {user_id}")
    identity = work.rows.scalars(
        select(Identity).where(Identity.user_id == user_id).order_by(Identity.position).limit(1)
    ).first()
    attributes = mapped(application.settings, known(row), {name: getattr(row, name) for name in _METADATA})
    if application.settings.mapIdentities and identity is not None:
        found = {"provider": identity.provider, "connection": identity.connection, "isSocial": bool(identity.is_social)}
        attributes |= {f"{OWN}/identities/default/{name}": [value] for name, value in found.items()}
    attributes |= {f"{OWN}/{name}": values for name, value in (beside or {}).items() if (values := _values(value))}
    probes = (attributes.get(name) for name in application.settings.nameIdentifierProbes)
    named = next((str(next(iter(values))) for values in probes if values), user_id)
    written = {_written(name): [_written(each) for each in told] for name, told in attributes.items()}
    return Described(_written(named), written)


def _written(value: Any) -> Any:
    """A value as XML can say it."""
    return _UNWRITABLE.sub("\ufffd", value) if isinstance(value, str) else value


def known(row: User) -> dict[str, Any]:
    """What applications may learn of a user, by our names: claims, and what a source said besides. Metadata are told
    only where a mapping names them.
    """
    found: dict[str, Any] = {"user_id": row.user_id, **(row.profile or {})}
    for each in _TOLD:
        value = getattr(row, each.name)
        if each.beside is not None and not getattr(row, each.beside):
            continue
        if value is not None and value != "":
            found[each.name] = clock.iso(value) if each.kind is Kind.MOMENT else value
    return found


def mapped(settings: SamlSettings, user: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Names of attributes and their values, as the settings say."""
    made: dict[str, list[Any]] = {}
    names = settings.named
    if settings.createUpnClaim and f"{CLAIMS}/upn" not in user:
        upn = user.get("upn") or user.get("email") or user.get("user_id")
        made[f"{CLAIMS}/upn"] = [upn]
    for attribute, targets in names.items():
        values = _values(_member({**metadata, **user}, attribute))
        for target in [targets] if isinstance(targets, str) else targets:
            if values:
                made[target] = values
    if settings.passthroughClaimsWithNoMapping:
        for attribute, value in user.items():
            values = _values(value)
            if attribute not in names and values:
                made.setdefault(attribute if settings.mapUnknownClaimsAsIs else f"{OWN}/{attribute}", values)
    return made


def _member(document: Mapping[str, Any], path: str) -> Any:
    """``app_metadata.role`` names a member inside; an attribute may have dots in its name as well."""
    if path in document:
        return document[path] if path not in _METADATA else None
    found: Any = document
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _values(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    if isinstance(value, list):
        return [each for one in value for each in _values(one)]
    return [msgspec.json.encode(value).decode() if isinstance(value, dict) else value]
