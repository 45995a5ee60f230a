"""The options of strategy ``auth0``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta

from connectors.database.password_options import (
    Active,
    Attributes,
    Complexity,
    Dictionary,
    History,
    Length,
    Part,
    PasswordHash,
    PasswordOptions,
    Switch,
)
from connectors.database.people_options import (
    Attribute,
    Identifiers,
    Methods,
    PasswordMethod,
)
from connectors.strategy import (
    AccountRules,
    Asked,
    CodeRules,
    Contradiction,
    Name,
    Options,
    PasskeyRules,
    PasswordRules,
    ScriptSource,
    Secret,
    SignUpRules,
    Sync,
)

_REMEMBERED, _USERNAME_LENGTH = 5, (1, 15)
_CODE_LIFETIME_S = 300
_METHODS: Mapping[str, Name] = {"email_otp": "email", "phone_otp": "phone_number"}
"""What a code is sent to, by the method of ``authentication_methods``."""
ConfigurationName = Annotated[str, Meta(max_length=128)]


class Mfa(Active, frozen=True, kw_only=True):
    """``mfa``."""

    return_enroll_settings: bool | None = None


class UsernameLength(Part, frozen=True, kw_only=True):
    """``validation.username``."""

    min: Length | None = None
    max: Length | None = None


class Validation(Part, frozen=True, kw_only=True):
    """``validation``."""

    username: UsernameLength | None = None


class Passkeys(Part, frozen=True, kw_only=True):
    """``passkey_options``."""

    challenge_ui: Literal["both", "autofill", "button"] | None = None
    local_enrollment_enabled: bool | None = None
    progressive_enrollment_enabled: bool | None = None


class Scripts(Part, frozen=True, kw_only=True):
    """``customScripts``: they hold the passwords of the databases they ask."""

    change_email: ScriptSource | None = None
    change_password: ScriptSource | None = None
    change_phone_number: ScriptSource | None = None
    change_username: ScriptSource | None = None
    create: ScriptSource | None = None
    delete: ScriptSource | None = None
    get_user: ScriptSource | None = None
    login: ScriptSource | None = None
    verify: ScriptSource | None = None


Statement = Annotated[str, Meta(max_length=10_000)]


class SqlEvents(Part, frozen=True, kw_only=True):
    """``custom_sql``: a statement for each event of a database that is asked without scripts. Ours, not Auth0's.

    ``url`` is that of the database (``postgresql://`` or ``mysql://``).
    """

    url: Secret
    change_email: Statement | None = None
    change_password: Statement | None = None
    change_phone_number: Statement | None = None
    change_username: Statement | None = None
    create: Statement | None = None
    delete: Statement | None = None
    get_user: Statement | None = None
    login: Statement | None = None
    verify: Statement | None = None


_PRECEDENCE: tuple[Name, ...] = ("email", "phone_number", "username")


def _identifies(attribute: Attribute | None) -> bool | None:
    """Whether people sign in with it; None where nothing is said."""
    return attribute.identifier.active if attribute is not None and attribute.identifier is not None else None


def _status(attribute: Attribute | None) -> Asked:
    """Whether sign-up asks for an attribute: what nobody is without is required, and so is what identifies people,
    unless something else is said.
    """
    if attribute is None:
        return "inactive"
    if attribute.profile_required:
        return "required"
    if attribute.signup is not None and attribute.signup.status is not None:
        return attribute.signup.status
    return "required" if _identifies(attribute) else "inactive"


def _proven_at_signup(attribute: Attribute) -> bool:
    signup = attribute.signup
    return signup is None or signup.verification is None or signup.verification.active is not False


class DatabaseOptions(Options, frozen=True, kw_only=True):
    """Every documented option of a database connection, under Auth0's name (spec/management-api.md, "Connections")."""

    attributes: Identifiers | None = None
    authentication_methods: Methods | None = None
    brute_force_protection: bool | None = None
    configuration: dict[ConfigurationName, Secret] | None = None
    customScripts: Scripts | None = None  # noqa: N815 - Auth0's name
    custom_password_hash: PasswordHash | None = None
    custom_sql: SqlEvents | None = None
    database_class: Annotated[str, Meta(max_length=128)] | None = None
    disable_self_service_change_password: bool | None = None
    disable_signup: bool | None = None
    enable_script_context: bool | None = None
    enabledDatabaseCustomization: bool | None = None  # noqa: N815 - Auth0's name
    import_mode: bool | None = None
    mfa: Mfa | None = None
    non_persistent_attrs: Attributes | None = None
    passkey_options: Passkeys | None = None
    passwordPolicy: Literal["none", "low", "fair", "good", "excellent"] | None = None  # noqa: N815 - Auth0's name
    password_complexity_options: Complexity | None = None
    password_dictionary: Dictionary | None = None
    password_history: History | None = None
    password_no_personal_info: Switch | None = None
    password_options: PasswordOptions | None = None
    precedence: list[Literal["email", "phone_number", "username"]] | None = None
    realm_fallback: bool | None = None
    requires_username: bool | None = None
    set_user_root_attributes: Sync | None = None
    strategy_version: int | None = None
    validation: Validation | None = None

    def accounts(self) -> AccountRules:
        """See :class:`connectors.strategy.Options`."""
        asks = self._asks()
        by_code, method = self._by_code(), self._password_method()
        passwords = method.enabled is not False
        return AccountRules(
            signup=not self.disable_signup,
            username_length=self._username_length(asks),
            asks=asks,
            password=self._password_rules(),
            passwords=passwords,
            passwords_at_signup=self._chosen_at_signup(),
            password_required=passwords and method.api_behavior != "optional",
            by_code=by_code,
            code_first=tuple(each for each in by_code if not passwords or self._default_method(each) != "password"),
            known_by=self._known_by(),
            needs=self._needs(),
            unique_email=self._email().unique is not False,
            resets_by_code=self._email().verification_method in {"code", "otp"},
        )

    def codes(self) -> CodeRules | None:
        """See :class:`connectors.strategy.Options`. Nobody gets an account by a code alone: they sign up."""
        return CodeRules(lifetime_s=_CODE_LIFETIME_S, signup=False) if self._by_code() else None

    def _password_method(self) -> PasswordMethod:
        return (self.authentication_methods or Methods()).password or PasswordMethod()

    def _chosen_at_signup(self) -> bool:
        """Whether people choose a password when they register themselves."""
        method = self._password_method()
        return method.enabled is not False and method.signup_behavior != "block"

    def _by_code(self) -> tuple[Name, ...]:
        """What a code is sent to: what identifies people, where its method is on."""
        methods = self.authentication_methods or Methods()
        switches = {"email": methods.email_otp, "phone_number": methods.phone_otp}
        on = {name for name, switch in switches.items() if switch is not None and switch.enabled}
        return tuple(name for name in self._known_by() if name in on)

    def _default_method(self, name: Name) -> str:
        """How somebody signs in who says who they are by that attribute."""
        attribute = dict(self._each()).get(name)
        identifier = attribute.identifier if attribute is not None else None
        return (identifier.default_method if identifier is not None else None) or "password"

    def _email(self) -> Attribute:
        return (self.attributes.email if self.attributes else None) or Attribute()

    def _each(self) -> tuple[tuple[Name, Attribute | None], ...]:
        given = self.attributes or Identifiers()
        return (("email", given.email), ("phone_number", given.phone_number), ("username", given.username))

    def _known_by(self) -> tuple[Name, ...]:
        """Addresses and usernames identify people unless it is said that they don't, numbers where it is said."""
        active = {
            name
            for name, each in self._each()
            if _identifies(each) or (_identifies(each) is None and name != "phone_number")
        }
        given = self.precedence or list(_PRECEDENCE)
        order = [*given, *(each for each in _PRECEDENCE if each not in given)]
        return tuple(name for name in dict.fromkeys(order) if name in active)

    def _needs(self) -> tuple[Name, ...]:
        return tuple(name for name, each in self._each() if each is not None and each.profile_required)

    def _asks(self) -> SignUpRules:
        """What ``attributes`` say of sign-up, else ``requires_username``. Nobody can register without anything that
        they are known by: then an address is asked for.
        """
        given = self.attributes
        without = not self._chosen_at_signup()  # then nothing but a code says whose account it is
        if given is None:
            return SignUpRules(username="required" if self.requires_username else "inactive", by_code=without)
        email, username, phone = _status(given.email), _status(given.username), _status(given.phone_number)
        by_number = _identifies(given.phone_number) is True
        asked = (email, username, phone if by_number else "inactive")
        if "required" not in asked or (given.email is None and not by_number):
            email = "required"
        verify, by_code = _proven_at_signup(self._email()), self._email().verification_method in {"code", "otp"}
        proven = by_number and given.phone_number is not None and _proven_at_signup(given.phone_number)
        by_code, proven = (verify and by_code) or without, proven or (by_number and without)
        return SignUpRules(email, username, phone, verify, by_code=by_code, phone_by_code=proven)

    def _username_length(self, asks: SignUpRules) -> tuple[int, int] | None:
        given = self.attributes.username if self.attributes else None
        if given is None and not self.requires_username:
            return None
        identifies = given is not None and given.identifier is not None and given.identifier.active
        if given is not None and not identifies and asks.username == "inactive":
            return None
        length, shape = self.validation.username if self.validation else None, given.validation if given else None
        least = (shape.min_length if shape else None) or (length.min if length else None) or _USERNAME_LENGTH[0]
        most = (shape.max_length if shape else None) or (length.max if length else None) or _USERNAME_LENGTH[1]
        return least, most

    def passkeys(self) -> PasskeyRules | None:
        """See :class:`connectors.strategy.Options`."""
        methods, chosen = self.authentication_methods, self.passkey_options or Passkeys()
        if methods is None or methods.passkey is None or not methods.passkey.enabled:
            return None
        return PasskeyRules(
            button=chosen.challenge_ui != "autofill",
            autofill=chosen.challenge_ui != "button",
            progressive=chosen.progressive_enrollment_enabled is not False,
            local=chosen.local_enrollment_enabled is not False,
        )

    def contradiction(self) -> str | None:
        """See :class:`connectors.strategy.Options`. Whether there are usernames, ``attributes`` say, or else
        ``requires_username``.
        """
        if self.attributes is not None and self.requires_username is not None:
            return "Cannot set both options.attributes and options.requires_username"
        if problem := self._method_problem():
            return problem
        if self._email().unique is False and "email" in self._known_by():
            return Contradiction.at(
                "options.attributes.email.unique", "an address that people sign in with belongs to one of them"
            )
        if self.custom_sql is not None and self.database_class is not None:
            return "Cannot set both options.custom_sql and options.database_class"
        if self.database_class is not None:
            from connectors.database.custom import installed

            there = installed.names()
            if self.database_class not in there:
                return Contradiction.at(
                    "options.database_class", f"{self.database_class} is not installed; there is {there or 'none'}"
                )
        return None

    def _method_problem(self) -> str | None:
        """What is wrong with how people say who they are, and prove it."""
        if not self._known_by():
            return Contradiction.at("options.attributes", "at least one attribute has to be an identifier")
        for name, _ in self._each():
            wanted = self._default_method(name)
            if wanted != "password" and _METHODS[wanted] != name:
                return Contradiction.at(
                    f"options.attributes.{name}.identifier.default_method", f"{wanted} is no method of it"
                )
            if wanted != "password" and name not in self._by_code():
                return Contradiction.at(
                    f"options.attributes.{name}.identifier.default_method", f"{wanted} is not enabled"
                )
        method, passkeys = self._password_method(), self.passkeys() is not None
        elsewhere = self.enabledDatabaseCustomization and not self.import_mode  # accounts there are sent no codes
        if method.enabled is False and (elsewhere or not self._by_code()) and not passkeys:
            return Contradiction.at("options.authentication_methods", "nobody could sign in")
        if not self._chosen_at_signup() and not self._by_code() and not passkeys and not self.disable_signup:
            return Contradiction.at("options.authentication_methods", "nobody could sign up")
        return None

    def conflict_with(self, before: Options) -> str | None:
        """See :class:`connectors.strategy.Options`: scripts that were given a context keep their arguments."""
        if isinstance(before, DatabaseOptions) and before.enable_script_context and self.enable_script_context is False:
            return "enable_script_context cannot be turned off again"
        shared = isinstance(before, DatabaseOptions) and not before.accounts().unique_email
        if shared and self.accounts().unique_email:
            return "attributes.email cannot become unique again: people may share addresses by now"
        return None

    def sync(self) -> Sync:
        """See :class:`connectors.strategy.Options`."""
        return self.set_user_root_attributes or "on_each_login"

    def never_stored(self) -> tuple[str, ...]:
        """See :class:`connectors.strategy.Options`."""
        return tuple(self.non_persistent_attrs or ())

    def locks_out(self) -> bool:
        """See :class:`connectors.strategy.Options`."""
        return self.brute_force_protection is not False

    def _password_rules(self) -> PasswordRules:
        complexity, words, history = self.password_complexity_options, self.password_dictionary, self.password_history
        personal = self.password_no_personal_info
        return PasswordRules(
            level=self.passwordPolicy,
            min_length=complexity.min_length if complexity else None,
            words=tuple((words.dictionary if words else None) or ()),
            no_personal_data=bool(personal and personal.enable),
            remembered=(history.size or _REMEMBERED) if history and history.enable else 0,
        )
