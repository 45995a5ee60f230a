"""The tenant's own form about a person, asked at a sign-in some time after the first: progressive profiling, and terms
that were not accepted yet. What it asks stands in the pieces of ``custom-form``
(:mod:`idp.signin.login.own_fields`); ``profile_form_logins`` says when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from idp.directory.connections import runtime as connections
from idp.directory.users import service as users
from idp.directory.users.models import User
from idp.foundation.tenancy.work import Work
from idp.signin.login import own_fields
from idp.signin.login.own_fields import LONGEST_TEXT, NAMES, PREFIX, TERMS, OwnField

PROFILE_PAGE: Final = "custom-form"
"""The page, and the prompt and screen of its pieces."""


def due(work: Work, user_id: str) -> bool:
    """Whether somebody who has just signed in is asked for what may be left out: at every so many sign-ins. Where no
    tenant wants it, nothing is read.
    """
    every = work.config.settings.profile_form_logins
    fields = declared(work) if every else ()
    if not every or not fields:
        return False
    user = users.get(work, user_id)
    if user.logins_count < every or user.logins_count % every:
        return False
    return any(not _has(user, each) for each in fields)


def required(work: Work, user_id: str) -> bool:
    """Whether the person still lacks something that has to be filled in: no door opens before, whenever they signed in.
    Costs one read, and nothing where the form requires nothing.
    """
    every = work.config.settings.profile_form_logins
    if not every or not any(each.required for each in declared(work)):
        return False
    return work.once(("profile form", user_id), lambda: _required(users.get(work, user_id), every, declared(work)))


def declared(work: Work) -> tuple[OwnField, ...]:
    """What the form asks."""
    return own_fields.declared(work, PROFILE_PAGE, PROFILE_PAGE)


def keep(work: Work, user_id: str, connection_id: str | None, told: Mapping[str, Any]) -> None:
    """Keep what the person said: names with their profile, where it is kept here, the rest in ``user_metadata``."""
    metadata = dict(told.get("user_metadata") or {})
    names = {name: value for name, value in told.items() if name in NAMES}
    connection = connections.find(work, connection_id) if connection_id is not None else None
    if connection is None or not (connection.is_database and connection.keeps_accounts):
        metadata, names = {**names, **metadata}, {}
    members = {**names, **({"user_metadata": metadata} if metadata else {})}
    if members:
        with work.transaction():
            users.update(work, user_id, members)


def _required(user: User, every: int, fields: Sequence[OwnField]) -> bool:
    return user.logins_count >= every and any(each.required and not _has(user, each) for each in fields)


def _has(user: User, asked: OwnField) -> bool:
    name, said = asked.name.removeprefix(PREFIX), user.user_metadata or {}
    if name in TERMS:
        consent = said.get("consent")
        return isinstance(consent, dict) and consent.get("text_details") == asked.words[:LONGEST_TEXT]
    attribute = name.replace("-", "_")
    return bool(getattr(user, attribute, None) if attribute in NAMES else None) or name in said or attribute in said
