"""What a screen is: the declaration of one page.

``prompt`` and ``screen`` are Auth0's names. From them follow the path (``/u/<prompt>/<screen>``, or ``/u/<prompt>``
where both are the same), the template (``login/<prompt>/<screen>.html``) and the keys of the texts
(``<prompt>.<screen>.*``, custom texts included)::

    class OtpChallenge(Screen):
        prompt, screen = "mfa-otp", "mfa-otp-challenge"
        fields = (Field("code", required="no-code"),)
        limit = limits.OTP

        def view(self, request: ScreenRequest) -> OtpView: ...          # the template's context, and its documentation
        def submit(self, request: ScreenRequest, form: Form) -> Result: ...

The form's token, cancelling, required fields, the limit and its ``Retry-After`` are the caller's
(:func:`submitted`, :mod:`idp.signin.login.pages`): no screen can forget them, and none knows Flask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as member
from typing import ClassVar, Generic, TypeAlias, TypeVar, get_args, get_type_hints

from idp.foundation.ephemeral import limits
from idp.foundation.ephemeral.limits import Limit
from idp.foundation.kernel import sizes
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import FormError, PageView
from idp.signin.attack_protection import challenges
from idp.signin.login.screen_request import GoneRequest, PageRequest, ScreenRequest, TicketRequest

MAX_FIELD = sizes.TYPED.most
RequestT = TypeVar("RequestT", bound=PageRequest)


@dataclass(frozen=True)
class Field:
    """An input of the form. ``required`` is the text that stands at it when it was left empty.

    A ``secret`` is taken as it was typed and never shown again; other fields lose blanks at their ends.
    """

    name: str
    required: str | None = None
    secret: bool = False


@dataclass(frozen=True)
class Form:
    """What was typed, by the name of the declared field; ``action`` is the button that was pressed."""

    action: str
    values: Mapping[str, str]
    proofs: Mapping[str, str] = member(default_factory=dict)
    """What came along for the page's challenge."""
    own: Mapping[str, str] = member(default_factory=dict)
    """What came along in fields of the tenant's own pieces, by their whole names (``ulp-...``)."""

    def __getitem__(self, name: str) -> str:
        return self.values[name]


@dataclass(frozen=True)
class Problem:
    """A sentence of the error summary, and the input it belongs to; ``focus`` is the one to go on with where it belongs
    to none.

    ``key`` is a text of the screen (``no-code``) or a whole text key (``login.login.no-username``).
    """

    key: str
    field: str | None = None
    focus: str | None = None
    values: Mapping[str, str] = member(default_factory=dict)


# ---- what a screen may answer
@dataclass(frozen=True)
class Show:
    """The page again, with what is wrong. ``retry_after`` is in seconds."""

    problems: tuple[Problem, ...]
    status: int = 400
    retry_after: int | None = None


@dataclass(frozen=True)
class Go:
    """Another page of the same attempt; ``notice`` names the one of its :attr:`Declaration.notices` that is shown."""

    path: str
    notice: str | None = None


@dataclass(frozen=True)
class Resume:
    """Back to whoever began the attempt; ``session_secret`` becomes the browser's session cookie, and ``used`` is the
    id of the connection that it was signed in with. ``trust`` is the cookie of a browser that is not asked for a second
    factor again, and its life in seconds.
    """

    session_secret: str | None = None
    used: str | None = None
    trust: tuple[str, int] | None = None
    offers: str | None = None
    """What the browser remembers from now on of whom it offered a passkey."""
    device: str | None = None
    """What it remembers of the keys of its device that were used in it."""
    mode: str = ""
    """How long the cookie of the session stays (:attr:`idp.signin.sessions.models.Session.cookie_mode`)."""


@dataclass(frozen=True)
class Deny:
    """The attempt ends with an error for whoever began it."""

    error: str
    description: str


@dataclass(frozen=True)
class End:
    """A last page without a form."""

    view: PageView
    status: int = 200


@dataclass(frozen=True)
class Leave:
    """To an address that whoever made the ticket named."""

    url: str


@dataclass(frozen=True)
class Spent:
    """The ticket was used meanwhile."""


@dataclass(frozen=True)
class Open:
    """The page of another link, which takes the place of this one; ``notice`` as in :class:`Go`."""

    url: str
    notice: str


Result: TypeAlias = Show | Go | Resume | Deny | End | Leave | Spent | Open
CANCELLED = Deny("access_denied", "The user cancelled the request")


class Declaration(Generic[RequestT]):
    """What every page below ``/u/`` declares."""

    prompt: ClassVar[str]
    screen: ClassVar[str]
    path: ClassVar[str]
    """Below ``/u/``. Given where the public path is not that of the names."""
    fields: ClassVar[tuple[Field, ...]] = ()
    limit: ClassVar[Limit | None] = None
    """How often the form may be sent from one address."""
    cancellable: ClassVar[bool] = False
    """Whether the form has a button that leads back without signing in (``action=cancel``)."""
    unchallenged: ClassVar[str | None] = None
    """A field whose content no program makes up: a form that has it passes without the page's challenge."""
    takes_tickets: ClassVar[bool] = False
    """Whether browsers of a domain are let in here by the ticket they hold (:mod:`idp.signin.login.negotiation`)."""
    notices: ClassVar[frozenset[str]] = frozenset()
    """Texts of the page that say what was just done; another page names one in its answer."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "prompt" in vars(cls) and "path" not in vars(cls):
            cls.path = cls.prompt if cls.prompt == cls.screen else f"{cls.prompt}/{cls.screen}"

    @property
    def template(self) -> str:
        """The template, by the names."""
        return f"login/{self.prompt}/{self.screen}.html"

    @classmethod
    def view_type(cls) -> type[PageView]:
        """The type of the template's context, as ``view`` declares it."""
        declared = get_type_hints(cls.view)["return"]
        kinds: tuple[type, ...] = get_args(declared) or (declared,)
        return next(kind for kind in kinds if issubclass(kind, PageView))

    def key(self, name: str) -> str:
        """The whole key of a text."""
        return name if "." in name else f"{self.prompt}.{self.screen}.{name}"

    def errors(self, texts: Texts, problems: tuple[Problem, ...]) -> list[FormError]:
        """The problems in words."""
        return [FormError(texts.t(self.key(each.key), **each.values), each.field, each.focus) for each in problems]

    def keep(self, request: RequestT, form: Form) -> None:
        """Keep what the pages that follow need of a form that is shown again."""

    def challenged(self, request: RequestT) -> str | None:
        """What of :mod:`idp.signin.attack_protection.challenges` the form is protected as, if it is."""
        return None

    def prefilled(self, request: RequestT) -> Mapping[str, str]:
        """What stands in the fields of a page that is opened, by their names."""
        return {}

    def view(self, request: RequestT) -> PageView | Go:
        """The template's context, or where to go instead."""
        raise NotImplementedError

    def submit(self, request: RequestT, form: Form) -> Result:
        """What the form asks for."""
        raise NotImplementedError


class Screen(Declaration[ScreenRequest]):
    """A page of a login attempt, found by ``state``."""

    asks_for: ClassVar[str | None] = None
    """The field that says who is signing in, if the page has one: every other page of the attempt knows it, too."""

    def keep(self, request: ScreenRequest, form: Form) -> None:
        """Who is signing in."""
        if self.asks_for is not None:
            request.keep_identifier(form[self.asks_for])


class TicketScreen(Declaration[TicketRequest]):
    """A page that the link of a mail opens, found by ``ticket``. GET never spends one (security.md M2)."""

    kind: ClassVar[str]
    """What the ticket is for (:mod:`idp.signin.tickets.service`)."""

    def good(self, request: TicketRequest) -> bool:
        """Whether what the ticket is for is still there."""
        return True

    def gone(self, request: GoneRequest) -> End | Leave:
        """The answer for a ticket that is used, replaced, too old or unknown: what is true of it, and the way on."""
        raise NotImplementedError

    def again(self, request: GoneRequest) -> End | Leave:
        """What the button of that page does (``action=again``)."""
        return self.gone(request)


def submitted(page: Declaration[RequestT], request: RequestT, form: Form) -> Result:
    """What a form of ours leads to: what holds for every screen, then the screen's own part."""
    if page.cancellable and form.action == "cancel":
        return CANCELLED
    missing = tuple(Problem(each.required, each.name) for each in page.fields if each.required and not form[each.name])
    if missing:
        return Show(missing)
    if page.limit is not None:
        refused = limited(request, page.limit, request.work.network)
        if refused is not None:
            return refused
    return _unchallenged(page, request, form) or page.submit(request, form)


def attempt_of(request: PageRequest) -> str:
    """What a challenge belongs to: the login attempt, or the ticket of the page."""
    match request:
        case ScreenRequest(state=state):
            return state
        case TicketRequest(value=value):
            return value
        case _:
            return ""


def _unchallenged(page: Declaration[RequestT], request: RequestT, form: Form) -> Show | None:
    """The page again where its form did not pass the challenge that the tenant wants."""
    flow = page.challenged(request)
    if page.unchallenged is not None and form[page.unchallenged]:
        return None
    failed = challenges.failure(request.work, flow, attempt_of(request), form.proofs) if flow else None
    if failed is None:
        return None
    if failed.wait_s is None:
        return Show((Problem("page.challenge.failed", failed.field),), 400)
    words = {"wait": request.texts.duration(failed.wait_s)}
    return Show((Problem("page.challenge.too-many", values=words),), 429, retry_after=failed.wait_s)


def limited(request: PageRequest, limit: Limit, who: str) -> Show | None:
    """Count this try of ``who``; the page with the wait where there were too many."""
    wait = limits.exceeded(request.work, limit, who)
    if wait is None:
        return None
    words = {"wait": request.texts.duration(wait)}
    return Show((Problem("login.login.rate-limited", values=words),), 429, retry_after=wait)
