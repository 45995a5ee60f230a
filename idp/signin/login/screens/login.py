"""``/u/login``: username and password in one form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from connectors.strategy import Mark
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.attack_protection import challenges
from idp.signin.login import home_realm, login_routes, names, passkey_sign_in, password
from idp.signin.login.passkey_sign_in import PasskeyForm
from idp.signin.login.screen import Field, Form, Go, Problem, Result, Screen, Show
from idp.signin.login.screen_request import ScreenRequest

USERNAME = Field("username", required="login.login.no-username")
PASSWORD = Field("password", required="login.login.no-password", secret=True)
PASSKEY = Field("passkey", secret=True)
"""What a passkey was asked for and answered, as JSON; the page's script fills it in."""


@dataclass(frozen=True)
class Alternative:
    """Another way to sign in: ``url`` leads to the source of the connection ``name``, called ``label``, or to the page
    of ours where it begins. ``by`` says that a code is sent, to an ``email`` or a ``phone_number``, or that the
    ``password`` of an account here is asked for; ``last`` that it was used last in this browser. ``mark`` is what the
    source's buttons are known by, ``icon`` the address of the connection's own picture instead.
    """

    name: str
    label: str
    url: str
    by: str = ""
    last: bool = False
    mark: Mark | None = None
    icon: str | None = None


class Offering(PageView):
    """A page with other ways to sign in."""

    alternatives: Sequence[Alternative]

    def pictures(self) -> Iterable[str]:
        """Theirs."""
        return [each.icon for each in self.alternatives if each.icon]


@dataclass(frozen=True)
class LoginView(Offering):
    """Username and password in one form. ``label`` says by what people are known here."""

    signup_url: str | None
    forgot_url: str | None
    label: str
    show_cancel: bool = True
    ask_password: bool = True
    """Whether passwords are checked here at all; otherwise the alternatives are all there is."""
    alternatives: Sequence[Alternative] = ()
    last_used: bool = False
    """Whether this form was used last in this browser, where there are other ways, too."""
    passkeys: PasskeyForm | None = None

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """People may sign up, or sign in elsewhere."""
        other = [
            Alternative("acme", "Acme", "#", last=True, mark=Mark("A", "#0b5cff")),
            Alternative("email", "Email", "#", "email"),
        ]
        passkeys = PasskeyForm(passkey_sign_in.OPTIONS_PATH, "localhost")
        known = names.label(texts, ("email",))
        return cls("/u/signup", "/u/reset-password/request", known, alternatives=other, passkeys=passkeys)


def alternatives(request: ScreenRequest) -> list[Alternative]:
    """The ways to sign in that are offered beside the form, the one that was used last first."""
    return ways(request, request.choices.elsewhere)


def ways(request: ScreenRequest, offered: Sequence[ConnectionConfig]) -> list[Alternative]:
    """These connections as links."""

    def to(name: str) -> str:
        return request.url(login_routes.to_source(name))

    return links(offered, request.choices.password, to, request.last_used)


def links(
    offered: Sequence[ConnectionConfig], form: ConnectionConfig | None, to: Callable[[str], str], last: str | None
) -> list[Alternative]:
    """Links to ``offered`` beside the form of the connection ``form``: ``to`` says where that of a name leads, ``last``
    which was used last here. Where two would read alike, "my password" among them, they go by their own names.
    """
    shown = [*offered, form] if form is not None and form not in offered else list(offered)
    labels = Counter(each.display_name for each in shown)
    only_password = sum(each.accounts is not None for each in shown) == 1
    found = [
        Alternative(
            each.name,
            each.display_name if labels[each.display_name] == 1 else each.name,
            to(each.name),
            each.passwordless_by or ("password" if each.accounts and only_password else ""),
            each.id == last,
            each.source.mark,
            each.icon,
        )
        for each in offered
    ]
    return sorted(found, key=lambda way: not way.last)


def last_used(request: ScreenRequest, connection: ConnectionConfig | None) -> bool:
    """Whether the form itself is what was used last in this browser; said only where there is anything else."""
    return connection is not None and connection.id == request.last_used and bool(request.choices.elsewhere)


class Login(Screen):
    """The page most people see."""

    prompt, screen = "login", "login"
    fields = (Field(USERNAME.name), Field(PASSWORD.name, secret=True), PASSKEY)
    unchallenged = PASSKEY.name
    asks_for = USERNAME.name
    limit = limits.LOGIN_BY_IP
    cancellable = True
    takes_tickets = True

    def prefilled(self, request: ScreenRequest) -> Mapping[str, str]:
        """The hinted identifier."""
        return {"username": request.identifier}

    def challenged(self, request: ScreenRequest) -> str:
        """As its policy says."""
        return challenges.PASSWORD

    def view(self, request: ScreenRequest) -> LoginView | Go:
        """The form; two pages where the prompts setting says so."""
        choices = request.choices
        connection = choices.password
        first = connection is None or connection.asks_who_first or request.work.config.prompts.identifier_first
        if choices.asks_who and first:
            return Go("/u/login/identifier")
        return LoginView(
            signup_url=request.url("/u/signup") if connection and connection.signup_enabled else None,
            forgot_url=request.url("/u/reset-password/request") if connection and connection.accounts else None,
            label=names.of(request.texts, connection),
            ask_password=connection is not None,
            alternatives=alternatives(request),
            last_used=last_used(request, connection),
            passkeys=passkey_sign_in.form(request),
        )

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Sign in, or go where the address belongs: a source of its own never sees what was typed as a password."""
        if form[PASSKEY.name]:
            return passkey_sign_in.sign_in(request, form[PASSKEY.name])
        elsewhere = home_realm.elsewhere(request, form["username"])
        if elsewhere is not None:
            return elsewhere
        missing = [Problem(str(each.required), each.name) for each in (USERNAME, PASSWORD) if not form[each.name]]
        return Show(tuple(missing)) if missing else password.sign_in(request, form["username"], form["password"])
