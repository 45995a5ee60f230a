"""The tab *Methods* of a database: what people say who they are with, what sign-up asks for, and how they prove it.

A form shows what counts, whether the connection says it or it follows from the rest
(:meth:`connectors.strategy.Options.accounts`); whoever changes one member of ``attributes`` saves all that the form
showed of them, so that nothing else becomes different by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, not_, or_, select

from connectors.strategy import AccountRules, Options, Strategy
from idp.admin.connection_kinds import option
from idp.admin.desk import form as forms
from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.listing import MOST_COUNTED
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Document, Field, Section, Tab
from idp.directory.connections import api as connections
from idp.directory.connections import strategies
from idp.directory.users.models import Identity, User
from idp.foundation.tenancy.work import Work
from idp.signin.passkeys import enrolment
from idp.tenant.members.models import Member

NAME = "methods"
MOST_LOOKED_AT = 20_000
"""People whom a count of those without a way looks at: it is an answer to a form, not a report."""
_ATTRIBUTES, _METHODS, _PASSKEYS = "attributes", "authentication_methods", "passkey_options"
_FORMER = ("requires_username", "validation")
"""What said of usernames what ``attributes`` say now; the API takes one of both."""
_CHOICES: Mapping[str, Sequence[str]] = {
    "attributes.email.identifier.default_method": ("password", "email_otp"),
    "attributes.phone_number.identifier.default_method": ("password", "phone_otp"),
    "attributes.email.verification_method": ("link", "code"),
    "precedence": ("email", "phone_number", "username"),
}
"""Those of the values a type takes that mean something at this attribute."""
_HINTED = frozenset(
    {
        "authentication_methods.password.enabled",
        "authentication_methods.email_otp.enabled",
        "authentication_methods.phone_otp.enabled",
        "authentication_methods.passkey.enabled",
        "passkey_options.local_enrollment_enabled",
        "precedence",
        "attributes.email.identifier.active",
        "attributes.email.profile_required",
        "attributes.email.unique",
    }
)
"""Those about which the catalogue has a sentence."""
_SECTIONS: Mapping[str, Sequence[str]] = {
    "methods": (
        "authentication_methods.password.enabled",
        "authentication_methods.password.signup_behavior",
        "authentication_methods.password.api_behavior",
        "authentication_methods.email_otp.enabled",
        "authentication_methods.phone_otp.enabled",
        "authentication_methods.passkey.enabled",
    ),
    "passkeys": (
        "passkey_options.challenge_ui",
        "passkey_options.progressive_enrollment_enabled",
        "passkey_options.local_enrollment_enabled",
    ),
    "email": (
        "attributes.email.identifier.active",
        "attributes.email.identifier.default_method",
        "attributes.email.signup.status",
        "attributes.email.signup.verification.active",
        "attributes.email.verification_method",
        "attributes.email.profile_required",
        "attributes.email.unique",
    ),
    "phone_number": (
        "attributes.phone_number.identifier.active",
        "attributes.phone_number.identifier.default_method",
        "attributes.phone_number.signup.status",
        "attributes.phone_number.signup.verification.active",
        "attributes.phone_number.profile_required",
    ),
    "username": (
        "attributes.username.identifier.active",
        "attributes.username.signup.status",
        "attributes.username.validation.min_length",
        "attributes.username.validation.max_length",
        "attributes.username.profile_required",
    ),
    "precedence": ("precedence",),
}
OPTIONS = frozenset({_ATTRIBUTES, _METHODS, _PASSKEYS, "precedence", *_FORMER})


def options_of(document: Document) -> frozenset[str]:
    """The options that this tab has of a connection; none where it is not there."""
    return OPTIONS if _has_methods(document) else frozenset()


def _strategy(document: Document) -> Strategy:
    return strategies.named(str(document["strategy"]))


def _has_methods(document: Document) -> bool:
    declared = {each.encode_name for each in strategies.fields_of(str(document["strategy"]))}
    return declared >= OPTIONS and _strategy(document).read({}).accounts() is not None


def _sections(document: Document) -> Sequence[Section]:
    strategy = _strategy(document)
    return [Section(name, [_field(strategy, path) for path in paths]) for name, paths in _SECTIONS.items()]


def _field(strategy: Strategy, path: str) -> Field:
    made = option(strategy, path, kind="order" if path == "precedence" else "")
    return replace(made, choices=_CHOICES.get(path, made.choices), hint=path in _HINTED)


def _sections_of_any() -> Iterator[Section]:
    for each in strategies.every():
        if _has_methods({"strategy": each.name}):
            yield from _sections({"strategy": each.name})


# ---- what counts
def _shown(document: Document) -> Document:
    """The document with what counts where it says nothing."""
    options = dict(document.get("options") or {})
    read = _strategy(document).read(options)
    found = _with_defaults(options, _counting(read.accounts() or AccountRules()))
    return {**document, "options": found}


def _counting(rules: AccountRules) -> Mapping[str, Any]:
    least, most = rules.username_length or (None, None)
    return {
        "authentication_methods.password.enabled": rules.passwords,
        "authentication_methods.password.signup_behavior": "allow",
        "authentication_methods.password.api_behavior": "required",
        "passkey_options.challenge_ui": "both",
        "passkey_options.progressive_enrollment_enabled": True,
        "passkey_options.local_enrollment_enabled": True,
        "attributes.email.identifier.active": "email" in rules.known_by,
        "attributes.email.identifier.default_method": "password",
        "attributes.email.signup.status": rules.asks.email,
        "attributes.email.signup.verification.active": rules.asks.verify,
        "attributes.email.verification_method": "link",
        "attributes.email.unique": rules.unique_email,
        "attributes.phone_number.identifier.active": "phone_number" in rules.known_by,
        "attributes.phone_number.identifier.default_method": "password",
        "attributes.phone_number.signup.status": rules.asks.phone_number,
        "attributes.phone_number.signup.verification.active": True,
        "attributes.username.identifier.active": "username" in rules.known_by and rules.username_length is not None,
        "attributes.username.signup.status": rules.asks.username,
        "attributes.username.validation.min_length": least,
        "attributes.username.validation.max_length": most,
        "precedence": list(rules.known_by),
    }


def _with_defaults(options: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(options)
    for path, value in defaults.items():
        if value is not None and forms.at(found, path) is None:
            *above, last = path.split(".")
            here = found
            for name in above:
                here[name] = dict(here.get(name) or {})
                here = here[name]
            here[last] = value
    return found


def _sent(shown: Document, members: dict[str, Any]) -> dict[str, Any]:
    """What the operation is told: of the groups in which nothing was changed, what the connection said before."""
    if "options" not in members:
        return members
    wanted, before, stored = dict(members["options"]), shown["options"], shown.get(_STORED) or {}
    for name in (_ATTRIBUTES, _METHODS, _PASSKEYS, "precedence"):
        if wanted.get(name) == before.get(name):
            wanted.pop(name, None)
            wanted.update({name: stored[name]} if name in stored else {})
    if wanted.get(_ATTRIBUTES) != stored.get(_ATTRIBUTES):
        for name in _FORMER:
            wanted.pop(name, None)
    return {**members, "options": wanted}


_STORED = "desk.stored"
"""Where the shown document keeps the options that it was made from."""


def _remembering(document: Document) -> Document:
    return {**_shown(document), _STORED: dict(document.get("options") or {})}


# ---- what a change takes along
def _goes(visit: Visit, there: Object, typed: Mapping[str, str]) -> Mapping[str, int]:
    """Who would lose the last that they sign in with, among the first :data:`MOST_LOOKED_AT`; and which of the
    administrators, who are all looked at.
    """
    shown, fields = _remembering(there.document), forms.fields_of(_sections(there.document))
    body = operations.endpoint(connections.update_connection).body
    members, _problems = forms.body_of(typed, fields, body, now=shown, whole=("options",))
    strategy = _strategy(there.document)
    after = strategy.read(_sent(shown, members)["options"])
    before = strategy.read(dict(there.document.get("options") or {}))
    lost = before.passkeys() is not None and after.passkeys() is None
    if _ways(after) >= _ways(before) and not lost:
        return {}
    lose = and_(_has_way(visit.work, before), not_(_has_way(visit.work, after)))
    here = select(Identity.user_id).where(Identity.connection_id == there.id, Identity.position == 0)
    administrators = select(Member.user_id).where(Member.tenant_id == visit.work.tenant_id)
    counts = {
        "stranded": _count(visit.work, lose, here.limit(MOST_LOOKED_AT)),
        "administrators": _count(visit.work, lose, here.where(Identity.user_id.in_(administrators))),
    }
    return {name: count for name, count in counts.items() if count}


def _count(work: Work, condition: ColumnElement[bool], people: Select[Any]) -> int:
    looked = people.subquery()
    found = select(User.user_id).join(looked, looked.c.user_id == User.user_id).where(condition).limit(MOST_COUNTED)
    return int(work.rows.scalar(select(func.count()).select_from(found.subquery())) or 0)


def _has_way(work: Work, options: Options) -> ColumnElement[bool]:
    """Whether a user has what they sign in with, or a passkey that works where there are passkeys."""
    columns: Mapping[str, ColumnElement[Any]] = {
        "email": User.email_key.expression,
        "phone_number": User.phone_number.expression,
        "username": User.username.expression,
    }
    has = [columns[name].is_not(None) for name in sorted(_ways(options))]
    if options.passkeys() is not None:
        has.append(User.user_id.in_(enrolment.owners(work)))
    return or_(false(), *has)


def _ways(options: Options) -> frozenset[str]:
    """The attributes that are enough to sign in with a password, or to be sent a code."""
    rules = options.accounts() or AccountRules()
    return frozenset(rules.known_by if rules.passwords else rules.by_code)


TAB = Tab(
    NAME,
    made_of=_sections,
    may_be=_sections_of_any,
    when=_has_methods,
    shown=_remembering,
    sent=_sent,
    counts=_goes,
)
