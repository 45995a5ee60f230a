"""What a kind of method has to give: one file of this folder each, and a line in :mod:`idp.signin.factors.kinds`.

Whether a factor is on, who is asked for one, limits, logs, mails and sessions are the service's
(:mod:`idp.signin.factors.service`, :mod:`idp.signin.factors.policy`): a kind knows how its own proof works, and
nothing else. Pages and endpoints find a kind here and never ask which one it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from idp.foundation.kernel.log_types import LogType
from idp.foundation.tenancy.work import Work
from idp.signin.factors.models import AuthenticationMethod

HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Failures:
    """How many wrong proofs of one person are looked at in ``window_ms``, over all their sign-ins (security.md O5)."""

    count: int
    window_ms: int


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Where somebody is asked: ``bound_to`` names the sign-in, ticket or token that a code or challenge belongs to, and
    fits nowhere else; the rest is for the message.
    """

    bound_to: str
    client_id: str = ""
    application: str = ""
    locale: str = ""
    enrolling: bool = False
    by: str = ""
    """``sms`` or ``voice``, where the person chose how the code comes to their phone this time."""
    origin: str = ""
    """Origin of the page, for those who sign what they answer to."""
    first: bool = False
    """It is asked for instead of a password: the device has to make sure who uses it, whatever the settings say."""


@dataclass(frozen=True)
class Proof:
    """What a right answer proves: values of ``amr`` (RFC 8176) beside ``mfa``. ``recovery_code`` is a new one to show,
    where the old one is spent; ``key`` is the id of the method that was proven, where the browser chose among several.
    """

    amr: tuple[str, ...]
    recovery_code: str | None = None
    key: str | None = None


class Kind(Protocol):
    """One kind of method. Attributes are facts, the same for everybody."""

    @property
    def type(self) -> str:
        """``type`` in the table and the Management API."""

    @property
    def factor(self) -> str:
        """The switch of ``/guardian/factors/{name}`` that it hangs on."""

    @property
    def action(self) -> str:
        """How forms, tickets and the MFA API name it (``otp``, ``phone``, ``webauthn-roaming``)."""

    @property
    def auth_method(self) -> str:
        """How ``/users/{id}/enrollments`` names it."""

    @property
    def independent(self) -> bool:
        """Whether it may be somebody's first and only factor."""

    @property
    def enrollable(self) -> bool:
        """Whether people enrol it themselves on a page of the sign-in."""

    @property
    def named(self) -> bool:
        """Whether people have several of it and give each a name."""

    @property
    def order(self) -> int:
        """Lower is offered first, where none was used here last."""

    @property
    def challenge_page(self) -> str:
        """Path of the page that asks for it, below ``/u/``; its prompt and screen follow."""

    @property
    def enrolment_page(self) -> str:
        """Path of the page that enrols it, below ``/u/``."""

    @property
    def reset_page(self) -> str:
        """Path of the page that asks for it before a new password is set, below ``/u/``; empty: it is not asked."""

    @property
    def failures(self) -> Failures:
        """When guessing ends."""

    @property
    def succeeded(self) -> LogType:
        """Log type of a right answer."""

    @property
    def failed(self) -> LogType:
        """Log type of a wrong one."""

    @property
    def limited(self) -> LogType:
        """Log type of too many wrong ones."""

    def usable(self, work: Work, method: AuthenticationMethod) -> bool:
        """Whether that method can be asked for at this tenant's host (relying party, provider). Its factor is on."""

    def shown(self, method: AuthenticationMethod) -> str:
        """What tells it from others of its kind, masked where a stranger may see it: a number, a name; may be empty."""

    def sends(self) -> bool:
        """Whether a challenge begins with a message: :meth:`challenge` is called when its page is opened."""

    def challenge(self, work: Work, method: AuthenticationMethod, asked: Asked) -> int | None:
        """Send what has to be sent. None when it is on its way, else the seconds until it may be asked for again."""

    def verify(self, work: Work, method: AuthenticationMethod, asked: Asked, answer: str) -> Proof | None:
        """Whether the answer (what was typed, or the JSON that the browser made) is right, and spend it: of two that
        come at once one wins. A method that is being enrolled is proven in the same way.
        """
