"""The tab *Password policy* of a connection that keeps accounts: what it asks of passwords as a form, what that means
in words, and whether one would be refused, by what decides it everywhere else
(:mod:`idp.directory.users.password_policy`). A password that is tried is kept and logged nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from connectors.strategy import AccountRules
from idp.admin.connection_kinds import option
from idp.admin.desk.frame import Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.once import handed_over
from idp.admin.desk.resource import Action, Document, Done, Field, Section, Tab
from idp.directory.connections import api as connections
from idp.directory.connections import strategies
from idp.directory.users.password_policy import Policy, Rule
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.web.i18n import Texts

NAME, PASSWORD, VERDICT = "passwords", "tried_password", "verdict"
UNKEPT = (PASSWORD, "tried_email", "tried_name")
"""Inputs of the trial, which wait nowhere while somebody signs in again."""
LONGEST = 2_000
"""Characters of a password that is tried: longer ones are refused anyway."""
_STRENGTH = ("passwordPolicy", "password_complexity_options.min_length")
_REFUSED = (
    "password_history.enable",
    "password_history.size",
    "password_no_personal_info.enable",
    "password_dictionary.dictionary",
)
OPTIONS = frozenset(path.partition(".")[0] for path in (*_STRENGTH, *_REFUSED))
_CLASSES: Mapping[str, str] = {
    "lower": "signup.signup.ruleLower",
    "upper": "signup.signup.ruleUpper",
    "number": "signup.signup.ruleDigit",
    "special": "policy.rule.special",
}


@dataclass(frozen=True)
class Line:
    """A rule in words; ``kept`` is whether the password that was tried keeps it, None where none was."""

    text: str
    kept: bool | None = None


class _Verdict(msgspec.Struct, frozen=True):
    """What goes from the trial to its page: nothing of the password."""

    problem: str | None
    kept: list[bool]


def _rules(document: Document) -> AccountRules | None:
    strategy = strategies.named(str(document["strategy"]))
    return strategy.read(dict(document.get("options") or {})).accounts()


def _has_passwords(document: Document) -> bool:
    rules = _rules(document)
    return rules is not None and rules.passwords


def options_of(document: Document) -> frozenset[str]:
    """The options that are asked for here; none where the source keeps no accounts."""
    keeps = strategies.named(str(document["strategy"])).read({}).accounts() is not None
    return OPTIONS if keeps else frozenset()


def _fields(document: Document, paths: Sequence[str]) -> list[Field]:
    strategy = strategies.named(str(document["strategy"]))
    return [option(strategy, path, careful=path != "password_dictionary.dictionary") for path in paths]


def _sections(document: Document) -> Sequence[Section]:
    return (
        Section("strength", _fields(document, _STRENGTH)),
        Section("refused", _fields(document, _REFUSED)),
    )


def _sections_of_any() -> Iterator[Section]:
    for each in strategies.every():
        if each.read({}).accounts() is not None:
            yield from _sections({"strategy": each.name})


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    rules = _rules(there.document) or AccountRules()
    asked = rules.password
    said = handed_over(visit).get(VERDICT)
    verdict = msgspec.json.decode(said, type=_Verdict) if said else None
    policy = Policy.of(asked)
    return {
        "lines": _lines(visit.texts, policy.rules(), verdict.kept if verdict else None),
        "further": _further(visit.texts, policy, asked.remembered),
        "verdict": verdict,
        "try_at": visit.href(there.path("try-password")),
    }


def _lines(texts: Texts, rules: Sequence[Rule], kept: Sequence[bool] | None) -> Sequence[Line]:
    """The rules that a password is held against, in the words of the sign-up page."""
    found = [text for rule in rules for text in _words(texts, rule)]
    return [Line(text, kept[at] if kept and len(kept) == len(found) else None) for at, text in enumerate(found)]


def _words(texts: Texts, rule: Rule) -> list[str]:
    match rule.code:
        case "containsAtLeast" if rule.format[0] == len(rule.items):
            return [texts.t(_CLASSES[code]) for _message, code, _kept in rule.items]
        case "containsAtLeast":
            return [texts.t("signup.signup.ruleClasses", count=rule.format[0])]
        case "identicalChars":
            return [texts.t("signup.signup.ruleRepeats", count=rule.format[0])]
    return [texts.t("signup.signup.ruleLength", count=rule.format[0])]


def _kept(rules: Sequence[Rule]) -> list[bool]:
    """Whether each of the lines is kept, in their order."""
    found: list[bool] = []
    for rule in rules:
        each = [kept for _message, _code, kept in rule.items] if rule.items else [rule.verified]
        found += each if rule.items and rule.format[0] == len(rule.items) else [rule.verified]
    return found


def _further(texts: Texts, policy: Policy, remembered: int) -> Sequence[str]:
    """What else a password is refused for."""
    said = [texts.t("policy.further.common")] if policy.level.min_length > 1 else []
    said += [texts.t("policy.further.words", count=len(policy.dictionary))] if policy.dictionary else []
    said += [texts.t("policy.further.personal")] if policy.personal else []
    return [*said, *([texts.t("policy.further.history", count=remembered)] if remembered else [])]


def _try(visit: Visit, there: Object) -> Done:
    """:raises BadRequest: nothing was typed."""
    password = visit.form.get(PASSWORD, "")[:LONGEST]
    if not password:
        raise BadRequest(visit.texts.t("policy.try.nothing"), "invalid_body")
    about = {"email": visit.form.get("tried_email", "").strip(), "name": visit.form.get("tried_name", "").strip()}
    verdict = Policy.of((_rules(there.document) or AccountRules()).password).check(password, about)
    told = msgspec.json.encode(_Verdict(verdict.problem, _kept(verdict.rules))).decode()
    return Done("connections.done.try-password", lands=NAME, secrets={VERDICT: told})


TAB = Tab(
    NAME,
    template="admin/connections/policy.html",
    view=_view,
    made_of=_sections,
    may_be=_sections_of_any,
    when=_has_passwords,
)
ACTIONS = (Action("try-password", connections.get_connection, _try, tab=NAME, when=_has_passwords),)
