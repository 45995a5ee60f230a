"""The pieces templates show: scopes as sentences, password rules, sessions, applications, tokens."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import ClassVar, Final

from idp.foundation.kernel.password_levels import DEFAULT_LEVEL, LEVELS, Level
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import ClientView, PageView, WayOn

_WIDE: Final = ("offline_access", "online_access", "address", "phone", "email", "profile", "identities")
_NARROW: Final = ("openid",)
"""Scopes with sentences of their own, the most far-reaching first; single claims stand between the two."""

_VARIANT: Final = re.compile(r" ?\b(?:Mobile|iOS)\b ?")
"""What tells a browser's edition for telephones from the one people know by name."""
_LONGEST_AGENT: Final = 512


@dataclass(frozen=True)
class FormPostView(PageView):
    """A form that sends itself to an application, or (``leaving``) to a source of accounts."""

    template: ClassVar[str] = "login/form-post.html"
    action_url: str
    fields: Mapping[str, str]
    leaving: bool = False


@dataclass(frozen=True, slots=True)
class ScopeItem:
    """One permission: its value and, where somebody wrote one, its description."""

    value: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class ScopeGroup:
    """The permissions of one API on the consent page; the account's own group has no audience."""

    name: str
    scopes: Sequence[ScopeItem]
    audience: str | None = None


def account_scopes(
    texts: Texts, tenant_name: str, scopes: Iterable[str], claims: Iterable[str] = ()
) -> ScopeGroup | None:
    """What an application may know of the account, as sentences: the OpenID Connect scopes among ``scopes``, the most
    far-reaching first, with the single ``claims`` before the last of them. None if there are none.
    """
    asked = set(scopes)
    wide, narrow = (
        [ScopeItem(each, texts.t(f"consent.consent.scope-{each}")) for each in part if each in asked]
        for part in (_WIDE, _NARROW)
    )
    items = [*wide, *(ScopeItem(each, _claim(texts, each)) for each in claims), *narrow]
    name = texts.t("consent.consent.accountGroup", companyName=tenant_name)
    return ScopeGroup(name=name, scopes=items) if items else None


def _claim(texts: Texts, name: str) -> str:
    """What it means to know a claim: its own sentence, else one that names it."""
    key = f"consent.consent.claim-{name}"
    return texts.t(key) if key in texts else texts.t("consent.consent.claimText", claimName=name)


@dataclass(frozen=True, slots=True)
class PasswordRule:
    """One rule as a sentence, with what the page's script needs to check it while typing."""

    kind: str
    """length, lower, upper, digit, classes or repeats (matches ``static/gate.js``)."""
    amount: int
    text: str


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """A password policy as people read it."""

    rules: Sequence[PasswordRule]
    attribute: str
    """Apple's ``passwordrules`` attribute, for generated passwords."""


_RULE_TEXTS: Final = {
    "length": "signup.signup.ruleLength",
    "lower": "signup.signup.ruleLower",
    "upper": "signup.signup.ruleUpper",
    "digit": "signup.signup.ruleDigit",
    "classes": "signup.signup.ruleClasses",
    "repeats": "signup.signup.ruleRepeats",
}


def password_rules(texts: Texts, policy: str | None, min_length: int | None = None) -> PasswordRules:
    """The rules of a level of :mod:`idp.foundation.kernel.password_levels`, None for the usual one; ``min_length``
    replaces the level's own. Raises ``KeyError``.
    """
    level = LEVELS[policy or DEFAULT_LEVEL]
    length, further = min_length or level.min_length, _further(level)
    kinds = (("length", length), *further)
    rules = [PasswordRule(kind, amount, texts.t(_RULE_TEXTS[kind], count=amount)) for kind, amount in kinds]
    classes = "required: lower; required: upper; required: digit; " if further else ""
    repeats = "max-consecutive: 2; " if ("repeats", 2) in further else ""
    return PasswordRules(rules, f"minlength: {length}; {classes}{repeats}".rstrip("; ") + ";")


def _further(level: Level) -> tuple[tuple[str, int], ...]:
    """What a level asks beside the length, as (kind, amount)."""
    names = {"number": "digit"}
    all_of_them = level.needs == len(level.classes)
    classes = [(names.get(each, each), 1) for each in level.classes] if all_of_them else [("classes", level.needs)]
    return (*classes, *([("repeats", level.max_repeat)] if level.max_repeat else []))


@dataclass(frozen=True, slots=True)
class AccountUser:
    """Whose account page it is."""

    name: str
    email: str | None
    email_verified: bool = False


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One of several accounts that lead to the same user. ``id`` is what its button posts; the ``main`` one stays."""

    id: str
    source: str
    address: str | None
    main: bool = False


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A signed-in browser."""

    id: str
    device: str
    handheld: bool
    last_active_at: datetime
    created_at: datetime
    ip: str | None = None
    current: bool = False
    applications: Sequence[str] = ()
    """Names of the applications that were used in it."""


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """A passkey of somebody's. ``synced``: several devices have it; ``host`` is that of another address of the tenant
    where alone it works, if it does not work here.
    """

    id: str
    name: str
    created_at: datetime
    used_at: datetime | None = None
    synced: bool = False
    host: str | None = None


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """An application the person let in. ``id`` is what its Remove button posts."""

    id: str
    client: ClientView
    access: Sequence[ScopeGroup]
    granted_at: datetime | None = None


def device_name(texts: Texts, user_agent: str | None) -> str:
    """A browser in words: ``Firefox on Windows``. What is no browser, such as a script, is an unknown one."""
    browser, system = _named(user_agent[:_LONGEST_AGENT]) if user_agent else (None, None)
    if browser and system:
        return texts.t("account.index.deviceOn", browser=browser, system=system)
    return browser or system or texts.t("account.index.deviceUnknown")


def is_phone(user_agent: str | None) -> bool:
    """Whether it is a browser on a telephone: they say ``Mobi``, as tablets of Apple's once did."""
    return user_agent is not None and ("Mobi" in user_agent or "iPhone" in user_agent) and "iPad" not in user_agent


def known_device(texts: Texts, user_agent: str | None) -> str | None:
    """:func:`device_name`, or None where it is no browser that people know by name."""
    browser, system = _named(user_agent[:_LONGEST_AGENT]) if user_agent else (None, None)
    return device_name(texts, user_agent) if browser or system else None


@lru_cache(maxsize=256)
def _named(user_agent: str) -> tuple[str | None, str | None]:
    """The names of browser and system. The parser is imported here: only account pages ask."""
    import ua_parser

    if not user_agent.startswith("Mozilla/"):  # every browser says so, and hardly anything else
        return None, None
    found = ua_parser.parse(user_agent)
    browser = _VARIANT.sub("", found.user_agent.family) if found.user_agent else None
    system = found.os.family if found.os else None
    if found.device and found.device.brand == "Apple":
        system = found.device.family
    return browser, system


@dataclass(frozen=True, slots=True)
class DevAccount:
    """A person to try things with, on the development welcome page."""

    role: str
    email: str
    password: str | None


@dataclass(frozen=True, slots=True)
class DevSources:
    """Sign-ins at somebody else's to try: what their buttons say, and whom to sign in as there."""

    social: str
    company: str
    email: str
    password: str | None


@dataclass(frozen=True, slots=True)
class DevMail:
    """A message in the development mailbox."""

    to: str
    subject: str
    text: str
    at: datetime
    links: Sequence[str] = ()
    html_url: str | None = None


@dataclass(frozen=True, slots=True)
class DecodedToken:
    """A token of the sample application, taken apart. ``header`` and ``claims`` are JSON texts; None where opaque."""

    name: str
    raw: str
    header: str | None = None
    claims: str | None = None


@dataclass(frozen=True)
class ErrorView(PageView):
    """Something is wrong and no form can mend it: an OAuth error ``error``; ``retry_after`` is in seconds."""

    template: ClassVar[str] = "error.html"
    status: int
    error: str | None
    description: str | None
    correlation_id: str
    back: WayOn | None = None
    retry_after: int | None = None
